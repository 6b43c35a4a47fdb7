package userstest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// setJSON returns a change that replaces any profile.
func setJSON(text string) func(json.RawMessage) (json.RawMessage, error) {
	return func(json.RawMessage) (json.RawMessage, error) { return json.RawMessage(text), nil }
}

func membersAreChangedTogether(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	u := newUser("u1", "u1@example.com")
	u.Identifiers.Username, u.TrackingID, u.LastLogin = "one", "t-1", &morning
	u.Additional = map[string]json.RawMessage{"session_limit": json.RawMessage("3")}
	create(t, db, u)
	later := morning.Add(time.Hour)
	if err := w.ChangeUser(ctx, tenant, "u1", map[string]any{
		"identifiers.email_address": "Ne\u0308w@Example.com", "identifiers.username": nil, "email_verified": true, "registered": later, "last_login": nil,
		"tracking_id": nil, "user_store_id": "app", "attributes.country": nil, "attributes.city": "Łódź", "foreign_keys.billing": "B-1", "foreign_keys.crm": nil,
		users.AdditionalPath("session_limit"): nil, users.AdditionalPath("registration_state"): `{"step":2}`,
	}, later); err != nil {
		t.Fatal(err)
	}
	got := storedUsers(t, db, tenant)["u1"]
	want := users.User{
		ID: "u1", StoreID: "app", Identifiers: users.Identifiers{EmailAddress: "Ne\u0308w@Example.com"}, EmailVerified: true, Registered: &later, Updated: &later,
		Attributes: map[string]any{"city": "Łódź"}, ForeignKeys: map[string]string{"billing": "B-1"}, ExtendedProfiles: u.ExtendedProfiles,
		AccountIDs: []string{}, Grants: []users.Grant{}, Additional: map[string]json.RawMessage{"registration_state": json.RawMessage(`{"step":2}`)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	// Filters find the user by the new values, and not by the old ones.
	for _, c := range []struct {
		where filter.Condition
		found int64
	}{
		{filter.NewText(filter.EmailAddress, export.Is, "n\u00cbW@example.com"), 1}, {filter.NewText(filter.EmailAddress, export.Is, "u1@example.com"), 0},
		{filter.NewText(filter.Username, export.Is, "one"), 0}, {filter.Equal{Path: "foreign_keys.billing", Value: "B-1"}, 1},
		{filter.Equal{Path: "foreign_keys.crm", Value: "k-u1"}, 0},
	} {
		if n, err := db.Count(ctx, tenant, filter.Selection{Where: c.where}); err != nil || n != c.found {
			t.Errorf("%+v: %d users, want %d, %v", c.where, n, c.found, err)
		}
	}
	r, err := db.Directory.Registry(ctx, tenant)
	if err != nil || fmt.Sprint(r) != "{[billing crm] [app.v2]}" {
		t.Errorf("%v, %v", r, err)
	}
}

func takenIdentifiersAreNotSet(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	create(t, db, users.User{ID: "a", Identifiers: users.Identifiers{EmailAddress: "Ana\u0308@Example.test", Username: "ANNA"}})
	create(t, db, users.User{ID: "b", Identifiers: users.Identifiers{EmailAddress: "b@example.test"}})
	for path, text := range map[string]string{filter.EmailAddress: "AN\u00c4@EXAMPLE.test", filter.Username: "Anna"} {
		err := w.ChangeUser(ctx, tenant, "b", map[string]any{path: text, "email_verified": true}, morning)
		if e, _ := err.(*errs.Error); e == nil || e.Code != errs.CodeExists || e.Field != path { //nolint:errorlint // returned unwrapped
			t.Errorf("%s: %v", path, err)
		}
	}
	if b := storedUsers(t, db, tenant)["b"]; b.EmailVerified || b.Updated != nil {
		t.Errorf("%+v", b)
	}
	// A user may keep an identifier, or change its case.
	if err := w.ChangeUser(ctx, tenant, "a", map[string]any{filter.EmailAddress: "an\u00e4@example.test", filter.Username: "ANNA"}, morning); err != nil {
		t.Error(err)
	}
}

func foreignKeyIsRemovedIfItMatches(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	create(t, db, newUser("u1", "u1@example.com"))
	for _, c := range [][2]string{{"crm", "other"}, {"crm", "K-U1"}, {"erp", "k-u1"}, {"erp", ""}} {
		if err := w.RemoveForeignKey(ctx, tenant, "u1", c[0], c[1], morning); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("%s: %v", c, err)
		}
	}
	later := morning.Add(time.Hour)
	if err := w.RemoveForeignKey(ctx, tenant, "u1", "crm", "k-u1", later); err != nil {
		t.Fatal(err)
	}
	if u := storedUsers(t, db, tenant)["u1"]; len(u.ForeignKeys) != 0 || !u.Updated.Equal(later) {
		t.Errorf("%+v", u)
	}
	if n, err := db.Count(ctx, tenant, filter.Selection{Where: filter.Equal{Path: "foreign_keys.crm", Value: "k-u1"}}); err != nil || n != 0 {
		t.Errorf("%d users have the key, %v", n, err)
	}
}

func profileIsChanged(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	create(t, db, newUser("u1", "u1@example.com"))
	db.Put(t, tenant, "users", raw(t, bson.D{{Key: "_id", Value: "other"}, {Key: "extended_profiles", Value: bson.D{{Key: "app%2Ev2", Value: bson.D{{Key: "a", Value: int32(1)}}}}}})...)
	later := morning.Add(time.Hour)
	for id, want := range map[string]string{"u1": `{"a":1}`, "other": `{"a":1}`} {
		for app, old := range map[string]string{"app.v2": want, "new": ""} {
			err := w.ChangeProfile(ctx, tenant, id, app, func(profile json.RawMessage) (json.RawMessage, error) {
				if string(profile) != old || (profile == nil) != (old == "") {
					t.Errorf("%s: the profile %s is %s", id, app, profile)
				}
				return json.RawMessage(`{"b": 1.0}`), nil
			}, later)
			if err != nil {
				t.Fatal(err)
			}
			if u := storedUsers(t, db, tenant)[id]; string(u.ExtendedProfiles[app]) != `{"b": 1.0}` || !u.Updated.Equal(later) {
				t.Errorf("%s %s: %+v", id, app, u)
			}
		}
	}
	refused := errs.Invalid("x", "is refused")
	err := w.ChangeProfile(ctx, tenant, "u1", "app.v2", func(json.RawMessage) (json.RawMessage, error) { return nil, refused }, later)
	if err != refused { //nolint:errorlint // returned unwrapped
		t.Error(err)
	}
	r, err := db.Directory.Registry(ctx, tenant)
	if err != nil || fmt.Sprint(r) != "{[crm] [app.v2 new]}" {
		t.Errorf("%v, %v", r, err)
	}
}

func grantsAreChanged(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	created, end := morning.Add(-time.Hour), morning.Add(time.Hour)
	u := newUser("u1", "u1@example.com")
	u.Grants = []users.Grant{{ID: "g1", UserID: "u1", AccountID: "a1", ExpiryState: "odd", Created: &created}, {ID: "g2", UserID: "u1", ProductID: "p"}}
	create(t, db, u)
	db.Put(t, tenant, "users", raw(t, bson.D{{Key: "_id", Value: "bare"}})...)
	g3 := users.Grant{ID: "g3", ExpiryState: "active", EntitlementType: "bundle", EntitlementID: "e", ProductID: "p", Start: &morning, End: &end, Created: &morning}
	replaced := g3
	replaced.ID = "g1"
	for _, err := range []error{
		w.PutGrant(ctx, tenant, "u1", g3, morning), w.PutGrant(ctx, tenant, "u1", replaced, morning), w.PutGrant(ctx, tenant, "bare", g3, end),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	replaced.AccountID, replaced.Created = "a1", &created // these stay
	want := []users.Grant{replaced, {ID: "g2", ProductID: "p"}, g3}
	for i := range want {
		want[i].UserID = "u1"
	}
	all := storedUsers(t, db, tenant)
	if got := all["u1"].Grants; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if bare := all["bare"]; len(bare.Grants) != 1 || bare.Updated == nil || !bare.Updated.Equal(end) {
		t.Errorf("%+v", bare)
	}
	if err := w.DeleteGrant(ctx, tenant, "u1", "g2", end); err != nil {
		t.Fatal(err)
	}
	if u := storedUsers(t, db, tenant)["u1"]; !reflect.DeepEqual(u.Grants, []users.Grant{want[0], want[2]}) || !u.Updated.Equal(end) {
		t.Errorf("%+v", u)
	}
	for _, id := range []string{"g2", "G1", ""} {
		if err := w.DeleteGrant(ctx, tenant, "u1", id, end); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{"g1", "g3"} {
		if err := w.DeleteGrant(ctx, tenant, "u1", id, end); err != nil {
			t.Error(err)
		}
	}
	if u := storedUsers(t, db, tenant)["u1"]; len(u.Grants) != 0 {
		t.Errorf("%+v", u)
	}
}

func concurrentChangesOfAMemberAreKept(t *testing.T, db Database) {
	const changes = 8
	ctx, w := t.Context(), db.Writer
	create(t, db, newUser("u1", "u1@example.com"))
	var all sync.WaitGroup
	for i := range changes {
		all.Go(func() {
			if err := w.PutGrant(ctx, tenant, "u1", users.Grant{ID: fmt.Sprint("g", i)}, morning); err != nil {
				t.Error(err)
			}
			err := w.ChangeProfile(ctx, tenant, "u1", "app.v2", func(old json.RawMessage) (json.RawMessage, error) {
				return append(append(json.RawMessage("["), old...), ']'), nil
			}, morning)
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if u := storedUsers(t, db, tenant)["u1"]; len(u.Grants) != changes || string(u.ExtendedProfiles["app.v2"]) != `[[[[[[[[{"a":1}]]]]]]]]` {
		t.Errorf("%+v %s", u.Grants, u.ExtendedProfiles)
	}
}
