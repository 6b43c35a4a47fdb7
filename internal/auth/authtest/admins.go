package authtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func changesAdmins(t *testing.T, ctx context.Context, s Store) {
	if has, err := s.HasAdmins(ctx); err != nil || has {
		t.Fatalf("HasAdmins of an empty database: %v, %v", has, err)
	}
	want := &auth.Admin{
		ID: "01A", Email: "amelia@example.com", Name: "Amelia", Password: "$argon2id$", GlobalRole: auth.Viewer,
		Roles: map[string]auth.Role{"meridian": auth.Owner}, Created: epoch,
	}
	if list, err := s.AdminsByEmail(ctx, want.Email); err != nil || len(list) != 0 {
		t.Errorf("the accounts of an unknown address: %v, %v", list, err)
	}
	if err := s.InsertAdmin(ctx, want); err != nil {
		t.Fatal(err)
	}
	if has, err := s.HasAdmins(ctx); err != nil || !has {
		t.Errorf("HasAdmins: %v, %v", has, err)
	}
	for name, find := range map[string]func() (*auth.Admin, error){
		"by id": func() (*auth.Admin, error) { return s.Admin(ctx, "01A") },
		"by address": func() (*auth.Admin, error) {
			list, err := s.AdminsByEmail(ctx, "amelia@example.com")
			if err != nil || len(list) != 1 {
				return nil, fmt.Errorf("%d accounts: %w", len(list), err)
			}
			return &list[0], nil
		},
	} {
		got, err := find()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Email != want.Email || got.Role("meridian") != auth.Owner || got.Role("other") != auth.Viewer || !got.Created.Equal(want.Created) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := s.Admin(ctx, "01B"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an unknown id: %v", err)
	}
	if err := s.InsertAdmin(ctx, &auth.Admin{ID: "01A", Email: "other@example.com"}); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("the same id again: %v", err)
	}
	twin := &auth.Admin{ID: "01B", Email: want.Email, Created: want.Created.Add(time.Second)}
	if err := s.InsertAdmin(ctx, twin); err != nil {
		t.Errorf("a second account of the address: %v", err)
	}
	oldest := &auth.Admin{ID: "01C", Email: want.Email, Created: want.Created.Add(-time.Second)}
	if err := s.InsertAdmin(ctx, oldest); err != nil {
		t.Errorf("a third account of the address: %v", err)
	}
	if list, err := s.AdminsByEmail(ctx, want.Email); err != nil || len(list) != 3 || list[0].ID != "01C" || list[1].ID != "01A" {
		t.Errorf("the accounts, oldest first: %+v, %v", list, err)
	}

	changed := want.Created.Add(time.Hour)
	must(t, s.SetPassword(ctx, "01A", want.Password, "next", changed), s.SetName(ctx, "01A", "Amelia Stone"))
	if err := s.SetPassword(ctx, "01A", want.Password, "other", changed); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("over a password that was changed: %v", err)
	}
	if a, err := s.Admin(ctx, "01A"); err != nil || a.Password != "next" || a.Name != "Amelia Stone" || !a.PasswordChanged.Equal(changed) {
		t.Errorf("%+v, %v", a, err)
	}
	for name, err := range map[string]error{
		"name": s.SetName(ctx, "01Z", "x"), "password": s.SetPassword(ctx, "01Z", "", "x", changed),
	} {
		if !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("the %s of an admin who does not exist: %v", name, err)
		}
	}
}

func listsAdminsOfTenant(t *testing.T, ctx context.Context, s Store) {
	for _, a := range []auth.Admin{
		{ID: "01A", Email: "a@example.com", Password: "x", Roles: map[string]auth.Role{"daily": auth.Owner, "weekly-2": auth.Viewer}},
		{ID: "01B", Email: "b@example.com", GlobalRole: auth.Viewer},
		{ID: "01C", Email: "c@example.com"},
	} {
		must(t, s.InsertAdmin(ctx, &a))
	}
	in := func(tenant string) (ids string) {
		t.Helper()
		list, err := s.AdminsIn(ctx, tenant)
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

	must(t, s.SetRole(ctx, "01C", "daily", auth.Exporter), s.SetRole(ctx, "01A", "weekly-2", ""), s.SetRole(ctx, "01C", "weekly", ""))
	is("daily", "01A:owner 01B:viewer 01C:exporter ")
	is("weekly-2", "01B:viewer ")
	is("weekly", "01B:viewer ")
	if err := s.SetRole(ctx, "01Z", "daily", auth.Viewer); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an admin who does not exist: %v", err)
	}
}
