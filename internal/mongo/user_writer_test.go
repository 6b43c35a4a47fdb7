package mongo

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

var (
	_ exporter.Directory = (*Directory)(nil)
	_ pipeline.Accounts  = (*Directory)(nil)
)

func userInCity(i int, city string) users.User {
	return users.User{ID: fmt.Sprintf("u%03d", i), StoreID: "uk", Attributes: map[string]any{"city": city}}
}

func TestWriteUsersInsertsAndReplaces(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	// More users than FerretDB can update with one command.
	const old, all = 110, 140
	var first, second []users.User
	for i := range all {
		if i < old {
			first = append(first, userInCity(i, "Leeds"))
		}
		second = append(second, userInCity(i, "Łódź"))
	}
	if n, err := w.WriteUsers(ctx, testTenant, encodeUsers(t, first...)); err != nil || n != old {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	if n, err := w.WriteUsers(ctx, testTenant, encodeUsers(t, second...)); err != nil || n != all-old {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	// All of the sample exists, but one user does not: it is inserted all the same.
	third := slices.Insert(slices.Clone(second), 1, userInCity(900, "Kyiv"))
	if n, err := w.WriteUsers(ctx, testTenant, encodeUsers(t, third...)); err != nil || n != 1 {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	got := storedUsers(t, db, testTenant)
	for _, u := range second {
		if got[u.ID].Attributes["city"] != "Łódź" {
			t.Errorf("%s lives in %v", u.ID, got[u.ID].Attributes["city"])
		}
	}
	if n, err := w.WriteUsers(ctx, testTenant, nil); err != nil || n != 0 || len(got) != all+1 {
		t.Errorf("%d users, then %d new of none, error %v", len(got), n, err)
	}
	if other := storedUsers(t, db, "other"); len(other) != 0 {
		t.Errorf("another tenant has %d users", len(other))
	}
}

func TestPutUsersRegistersNames(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	u := userInCity(1, "Leeds")
	u.ForeignKeys = map[string]string{"crm": "1", "CRM-2": "2"}
	u.ExtendedProfiles = map[string]json.RawMessage{"newsletter.v2": json.RawMessage(`{}`)}
	w := NewUserWriter(db)
	for range 2 {
		if _, err := w.PutUsers(ctx, testTenant, u); err != nil {
			t.Fatal(err)
		}
	}
	got, err := NewDirectory(db).Registry(ctx, testTenant)
	want := users.Registry{ForeignSystems: []string{"CRM-2", "crm"}, AppIDs: []string{"newsletter.v2"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("registry %v, error %v", got, err)
	}
}
