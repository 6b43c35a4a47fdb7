package userstest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

func existingUsersAreRejected(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	create(t, db, newUser("u1", "u1@example.com"))
	named := newUser("u8", "")
	named.Identifiers.Username = "eight"
	create(t, db, named)
	again := newUser("u9", "")
	again.Identifiers.Username = "eight"
	for field, u := range map[string]users.User{
		"user_id": newUser("u1", "new@example.com"), "identifiers.email_address": newUser("u9", "u1@example.com"), "identifiers.username": again,
	} {
		e, _ := w.CreateUser(ctx, tenant, u).(*errs.Error) //nolint:errorlint // returned unwrapped
		if e == nil || e.Code != errs.CodeExists || e.Field != field {
			t.Errorf("%s: %v", field, e)
		}
	}
	if got := storedUsers(t, db, tenant); len(got) != 2 || got["u1"].Identifiers.EmailAddress != "u1@example.com" {
		t.Errorf("%+v", got)
	}
	r, err := db.Directory.Registry(ctx, tenant)
	if err != nil || fmt.Sprint(r) != "{[crm] [app.v2]}" {
		t.Errorf("%v, %v", r, err)
	}
	if err := w.DeleteUser(ctx, tenant, "u8"); err != nil {
		t.Fatal(err)
	}
	if got := storedUsers(t, db, tenant); len(got) != 1 {
		t.Errorf("after a deletion: %+v", got)
	}
	create(t, db, again)
}

func identifiersAreComparedFolded(t *testing.T, db Database) {
	create(t, db, users.User{ID: "a", Identifiers: users.Identifiers{EmailAddress: "Ana\u0308@Example.test", Username: "ANNA"}})
	for field, identifiers := range map[string]users.Identifiers{
		"identifiers.email_address": {EmailAddress: "AN\u00c4@EXAMPLE.test"}, "identifiers.username": {Username: "Anna"},
	} {
		err := db.Writer.CreateUser(t.Context(), tenant, users.User{ID: "new", Identifiers: identifiers})
		if e, _ := err.(*errs.Error); e == nil || e.Code != errs.CodeExists || e.Field != field { //nolint:errorlint // returned unwrapped
			t.Errorf("%+v: %v", identifiers, err)
		}
	}
	create(t, db, users.User{ID: "b", Identifiers: users.Identifiers{EmailAddress: "ana@example.test", Username: "Ann"}})
}

func attributesAreMergedAndReplaced(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	create(t, db, newUser("u1", "u1@example.com"))
	later := morning.Add(time.Hour)
	if err := w.SetAttributes(ctx, tenant, "u1", map[string]any{"age": int64(30)}, false, later); err != nil {
		t.Fatal(err)
	}
	if u := storedUsers(t, db, tenant)["u1"]; fmt.Sprint(u.Attributes) != "map[age:30 country:GB]" || !u.Updated.Equal(later) || !u.Registered.Equal(morning) {
		t.Errorf("%+v", u)
	}
	if err := w.SetAttributes(ctx, tenant, "u1", map[string]any{"country": nil}, false, later); err != nil {
		t.Fatal(err)
	}
	if u := storedUsers(t, db, tenant)["u1"]; fmt.Sprint(u.Attributes) != "map[age:30]" {
		t.Errorf("%+v", u.Attributes)
	}
	if err := w.SetAttributes(ctx, tenant, "u1", map[string]any{"country": "FR", "age": nil}, true, later); err != nil {
		t.Fatal(err)
	}
	if u := storedUsers(t, db, tenant)["u1"]; fmt.Sprint(u.Attributes) != "map[country:FR]" {
		t.Errorf("%+v", u.Attributes)
	}
}

func keysAndProfilesAreSet(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	create(t, db, newUser("u2", "u2@example.com"))
	for _, err := range []error{
		w.SetForeignKey(ctx, tenant, "u2", "billing", "B-1", morning), w.RemoveForeignKey(ctx, tenant, "u2", "crm", "k-u2", morning),
		w.SetProfile(ctx, tenant, "u2", "quiz.v1", []byte(`{"b": 1.0}`), morning),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	u := storedUsers(t, db, tenant)["u2"]
	if fmt.Sprint(u.ForeignKeys) != "map[billing:B-1]" || string(u.ExtendedProfiles["quiz.v1"]) != `{"b": 1.0}` || string(u.ExtendedProfiles["app.v2"]) != `{"a":1}` {
		t.Errorf("%+v %s", u, u.ExtendedProfiles)
	}
	r, err := db.Directory.Registry(ctx, tenant)
	if err != nil || fmt.Sprint(r) != "{[billing crm] [app.v2 quiz.v1]}" {
		t.Errorf("%v, %v", r, err)
	}
	// A user of another program may lack the members.
	db.Put(t, tenant, "users", raw(t, bson.D{{Key: "_id", Value: "bare"}})...)
	for _, err := range []error{
		w.SetForeignKey(ctx, tenant, "bare", "crm", "7", morning), w.SetProfile(ctx, tenant, "bare", "app", []byte(`1`), morning),
		w.SetAttributes(ctx, tenant, "bare", map[string]any{"a": "x"}, false, morning),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	u = storedUsers(t, db, tenant)["bare"]
	if u.ForeignKeys["crm"] != "7" || string(u.ExtendedProfiles["app"]) != "1" || u.Attributes["a"] != "x" || u.Updated == nil || !u.Updated.Equal(morning) {
		t.Errorf("%+v", u)
	}
}

func concurrentChangesAreKept(t *testing.T, db Database) {
	create(t, db, newUser("u3", "u3@example.com"))
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if err := db.Writer.SetForeignKey(t.Context(), tenant, "u3", fmt.Sprint("s", i), "k", morning); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if u := storedUsers(t, db, tenant)["u3"]; len(u.ForeignKeys) != 11 {
		t.Errorf("%v", u.ForeignKeys)
	}
}

func changesOfMissingUsers(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	create(t, db, newUser("u1", "u1@example.com"))
	for name, err := range map[string]error{
		"delete": w.DeleteUser(ctx, tenant, "none"), "attributes": w.SetAttributes(ctx, tenant, "none", nil, false, morning),
		"all attributes": w.SetAttributes(ctx, tenant, "none", nil, true, morning), "another tenant": w.DeleteUser(ctx, "weekly", "u1"),
		"key": w.SetForeignKey(ctx, tenant, "none", "crm", "k", morning), "profile": w.SetProfile(ctx, tenant, "none", "app.v2", []byte("1"), morning),
		"members": w.ChangeUser(ctx, tenant, "none", map[string]any{"email_verified": true}, morning), "no key": w.RemoveForeignKey(ctx, tenant, "none", "crm", "7", morning),
		"profile change": w.ChangeProfile(ctx, tenant, "none", "app.v2", setJSON(`1`), morning),
		"grant":          w.PutGrant(ctx, tenant, "none", users.Grant{ID: "g1"}, morning), "no grant": w.DeleteGrant(ctx, tenant, "none", "g1", morning),
	} {
		if errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := storedUsers(t, db, tenant); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}
