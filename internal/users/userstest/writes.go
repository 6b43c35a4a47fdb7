package userstest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

func userInCity(i int, city string) users.User {
	return users.User{ID: fmt.Sprintf("u%03d", i), StoreID: "uk", Attributes: map[string]any{"city": city}}
}

func usersAreInsertedAndReplaced(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	// More users than FerretDB can update with one command.
	const old, all = 110, 140
	var first, second []users.User
	for i := range all {
		if i < old {
			first = append(first, userInCity(i, "Leeds"))
		}
		second = append(second, userInCity(i, "Łódź"))
	}
	if n, err := w.WriteUsers(ctx, tenant, encodeUsers(t, first...)); err != nil || n != old {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	if n, err := w.WriteUsers(ctx, tenant, encodeUsers(t, second...)); err != nil || n != all-old {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	// The first, the middle and the last user exist, but another one does not.
	third := slices.Insert(slices.Clone(second), 1, userInCity(900, "Kyiv"))
	if n, err := w.WriteUsers(ctx, tenant, encodeUsers(t, third...)); err != nil || n != 1 {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	got := storedUsers(t, db, tenant)
	for _, u := range second {
		if got[u.ID].Attributes["city"] != "Łódź" {
			t.Errorf("%s lives in %v", u.ID, got[u.ID].Attributes["city"])
		}
	}
	if n, err := w.WriteUsers(ctx, tenant, nil); err != nil || n != 0 || len(got) != all+1 {
		t.Errorf("%d users, then %d new of none, error %v", len(got), n, err)
	}
	if other := storedUsers(t, db, "other"); len(other) != 0 {
		t.Errorf("another tenant has %d users", len(other))
	}
}

// A document may have members of any type, in any order.
func usersAreStoredUnchanged(t *testing.T, db Database) {
	docs := raw(t,
		bson.D{{Key: "_id", Value: "a"}, {Key: "z", Value: bson.A{1, nil, bson.D{}}}, {Key: "b", Value: bson.NewObjectID()}, {Key: "user_store_id", Value: 7}},
		bson.D{{Key: "_id", Value: "b"}, {Key: "identifiers", Value: bson.A{"x"}}, {Key: "registered", Value: "2026"}, {Key: "foreign_keys", Value: 1.5}},
		bson.D{{Key: "_id", Value: "c\x00é"}, {Key: "updated", Value: bson.Timestamp{T: 1}}, {Key: "account_ids", Value: bson.A{"x", true}}},
	)
	for _, want := range []int{3, 0} {
		if n, err := db.Writer.WriteUsers(t.Context(), tenant, docs); n != want || err != nil {
			t.Fatalf("%d users were new, want %d: %v", n, want, err)
		}
		if got := db.Documents(t, tenant, "users"); !reflect.DeepEqual(got, docs) {
			t.Errorf("%v, want %v", got, docs)
		}
	}
}

func putUsersRegistersNames(t *testing.T, db Database) {
	u := userInCity(1, "Leeds")
	u.ForeignKeys = map[string]string{"crm": "1", "CRM-2": "2"}
	u.ExtendedProfiles = map[string]json.RawMessage{"newsletter.v2": json.RawMessage(`{}`)}
	for _, want := range []int{1, 0} {
		if n, err := db.Writer.PutUsers(t.Context(), tenant, u); n != want || err != nil {
			t.Fatalf("%d users were new, want %d: %v", n, want, err)
		}
	}
	got, err := db.Directory.Registry(t.Context(), tenant)
	want := users.Registry{ForeignSystems: []string{"CRM-2", "crm"}, AppIDs: []string{"newsletter.v2"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("registry %v, error %v", got, err)
	}
	if got := storedUsers(t, db, tenant); len(got) != 1 || got["u001"].Attributes["city"] != "Leeds" {
		t.Errorf("users %+v", got)
	}
}

var morning = time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)

func newUser(id, email string) users.User {
	at := morning
	return users.User{
		ID: id, StoreID: "web", Identifiers: users.Identifiers{EmailAddress: email}, Registered: &at, Updated: &at,
		Attributes: map[string]any{"country": "GB"}, ForeignKeys: map[string]string{"crm": "k-" + id},
		ExtendedProfiles: map[string]json.RawMessage{"app.v2": json.RawMessage(`{"a":1}`)},
	}
}

func create(t *testing.T, db Database, u users.User) {
	t.Helper()
	if err := db.Writer.CreateUser(t.Context(), tenant, u); err != nil {
		t.Fatal(err)
	}
}
