package mongo

import (
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	store := NewAccounts(db)
	for _, a := range []auth.Admin{
		{ID: "01A", Email: "a@example.com", Password: "x", Roles: map[string]auth.Role{"daily": auth.Owner, "weekly-2": auth.Viewer}},
		{ID: "01B", Email: "b@example.com", Everywhere: auth.Viewer},
		{ID: "01C", Email: "c@example.com"},
	} {
		if err := store.InsertAdmin(ctx, &a); err != nil {
			t.Fatal(err)
		}
	}
	in := func(tenant string) (ids string) {
		t.Helper()
		list, err := store.AdminsIn(ctx, tenant)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"01A", "01B", "01C"} {
			for _, a := range list {
				if a.ID == id {
					ids += id + ":" + string(a.Role(tenant)) + " "
				}
			}
		}
		return ids
	}
	is := func(tenant, want string) {
		t.Helper()
		if got := in(tenant); got != want {
			t.Errorf("in %s: %s, want %s", tenant, got, want)
		}
	}
	is("daily", "01A:owner 01B:viewer ")
	is("weekly-2", "01A:viewer 01B:viewer ")
	is("weekly", "01B:viewer ")

	if err := errors.Join(store.SetRole(ctx, "01C", "daily", auth.Exporter), store.SetRole(ctx, "01A", "weekly-2", "")); err != nil {
		t.Fatal(err)
	}
	is("daily", "01A:owner 01B:viewer 01C:exporter ")
	is("weekly-2", "01B:viewer ")
	if err := store.SetRole(ctx, "01Z", "daily", auth.Viewer); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an admin who is not there: %v", err)
	}

	if err := store.SetFirstPassword(ctx, "01C", "Cleo", "hash"); err != nil {
		t.Fatal(err)
	}
	for id, why := range map[string]string{"01C": "has a password by now", "01A": "had one", "01Z": "is not there"} {
		if err := store.SetFirstPassword(ctx, id, "Mallory", "other"); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%s %s: %v", id, why, err)
		}
	}
	if a, err := store.Admin(ctx, "01C"); err != nil || a.Name != "Cleo" || a.Password != "hash" || a.Role("daily") != auth.Exporter {
		t.Errorf("%+v, %v", a, err)
	}

	expires := time.Date(2026, 12, 3, 8, 0, 0, 0, time.UTC)
	for _, i := range []auth.Invitation{
		{ID: "1", AdminID: "01C", Tenant: "daily", Expires: expires}, {ID: "2", AdminID: "01C", Tenant: "weekly", Expires: expires},
		{ID: "3", AdminID: "01B", Tenant: "daily", Expires: expires},
	} {
		if err := store.InsertInvitation(ctx, &i); err != nil {
			t.Fatal(err)
		}
	}
	i, err := store.Invitation(ctx, "1")
	if err != nil || i.AdminID != "01C" || i.Tenant != "daily" || !i.Expires.Equal(expires) {
		t.Errorf("%+v, %v", i, err)
	}
	if err := store.DeleteInvitations(ctx, "01C"); err != nil {
		t.Fatal(err)
	}
	for id, there := range map[string]bool{"1": false, "2": false, "3": true} {
		if _, err := store.Invitation(ctx, id); (err == nil) != there {
			t.Errorf("invitation %s: %v", id, err)
		}
	}
}
