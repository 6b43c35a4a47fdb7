package mongo

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

func accounts(t *testing.T) (*Accounts, context.Context) {
	t.Helper()
	db, ctx := connect(t)
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	return NewAccounts(db), ctx
}

func TestAdmins(t *testing.T) {
	t.Parallel()
	s, ctx := accounts(t)
	if has, err := s.HasAdmins(ctx); err != nil || has {
		t.Fatalf("HasAdmins of an empty database: %v, %v", has, err)
	}
	want := &auth.Admin{
		ID: "01A", Email: "amelia@example.com", Name: "Amelia", Password: "$argon2id$", Everywhere: auth.Viewer,
		Roles: map[string]auth.Role{"meridian": auth.Owner}, Created: time.Now().UTC().Truncate(time.Millisecond),
	}
	if err := s.InsertAdmin(ctx, want); err != nil {
		t.Fatal(err)
	}
	if has, err := s.HasAdmins(ctx); err != nil || !has {
		t.Errorf("HasAdmins: %v, %v", has, err)
	}
	for name, find := range map[string]func() (*auth.Admin, error){
		"by id":      func() (*auth.Admin, error) { return s.Admin(ctx, "01A") },
		"by address": func() (*auth.Admin, error) { return s.AdminByEmail(ctx, "amelia@example.com") },
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
	twin := &auth.Admin{ID: "01B", Email: want.Email}
	if err := s.InsertAdmin(ctx, twin); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("the same address again: %v", err)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s, ctx := accounts(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	for id, expires := range map[string]time.Time{"old": now, "young": now.Add(time.Hour)} {
		if err := s.InsertSession(ctx, &auth.Session{ID: id, AdminID: "01A", Created: now, Seen: now, Expires: expires}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.DeleteSessions(ctx, now); err != nil || n != 1 {
		t.Errorf("DeleteSessions: %d, %v", n, err)
	}
	if _, err := s.Session(ctx, "old"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an ended session: %v", err)
	}
	later := now.Add(2 * time.Hour)
	if err := s.TouchSession(ctx, "young", now.Add(time.Minute), later); err != nil {
		t.Fatal(err)
	}
	got, err := s.Session(ctx, "young")
	if err != nil || !got.Expires.Equal(later) || !got.Seen.Equal(now.Add(time.Minute)) || got.AdminID != "01A" {
		t.Errorf("Session: %+v, %v", got, err)
	}
	if err := s.DeleteSession(ctx, "young"); err != nil {
		t.Fatal(err)
	}
	if err := s.TouchSession(ctx, "young", now, later); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Session(ctx, "young"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a session that was ended and then touched: %v", err)
	}
}

func TestTenants(t *testing.T) {
	t.Parallel()
	s, ctx := accounts(t)
	for _, id := range []string{"orion", "meridian"} {
		if err := s.InsertTenant(ctx, auth.Tenant{ID: id, Name: "The " + id}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.InsertTenant(ctx, auth.Tenant{ID: "orion"}); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("the same id again: %v", err)
	}
	for _, id := range []string{"", "-x", "Upper", "a.b", "a_b"} {
		if err := s.InsertTenant(ctx, auth.Tenant{ID: id}); export.CodeOf(err) != export.CodeInvalid {
			t.Errorf("id %q: %v", id, err)
		}
	}
	all, err := s.Tenants(ctx)
	if err != nil || len(all) != 2 || all[0] != (auth.Tenant{ID: "meridian", Name: "The meridian"}) {
		t.Errorf("Tenants: %v, %v", all, err)
	}
	if _, err := s.Tenant(ctx, "vega"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an unknown tenant: %v", err)
	}
}

func TestFeatures(t *testing.T) {
	t.Parallel()
	s, ctx := accounts(t)
	if err := s.InsertTenant(ctx, auth.Tenant{ID: "orion"}); err != nil {
		t.Fatal(err)
	}
	f, err := s.Features(ctx, "orion")
	if err != nil || len(f) != 0 {
		t.Errorf("nothing was switched: %v, %v", f, err)
	}
	if _, err := s.Features(ctx, "vega"); export.CodeOf(err) != export.CodeNotFound {
		t.Errorf("the features of an unknown tenant: %v", err)
	}
	if err := s.SetFeature(ctx, "orion", export.FeatureAsync, false); err != nil {
		t.Fatal(err)
	}
	if err := s.SetFeature(ctx, "orion", export.FeatureStateEvents, true); err != nil {
		t.Fatal(err)
	}
	if f, err = s.Features(ctx, "orion"); err != nil || f[export.FeatureAsync] || !f[export.FeatureStateEvents] || len(f) != 2 {
		t.Errorf("switched: %v, %v", f, err)
	}
	if err := s.SetFeature(ctx, "vega", export.FeatureAsync, true); export.CodeOf(err) != export.CodeNotFound {
		t.Errorf("an unknown tenant: %v", err)
	}
	if err := s.SetFeature(ctx, "orion", "feature.other", true); export.CodeOf(err) != export.CodeNotFound {
		t.Errorf("an unknown feature: %v", err)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	s, ctx := accounts(t)
	for _, tenant := range []auth.Tenant{{ID: "orion", Name: "Orion"}, {ID: "meridian", Retention: 36 * time.Hour}} {
		if err := s.InsertTenant(ctx, tenant); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := s.Retention(ctx, "orion"); err != nil || d != 0 {
		t.Errorf("nothing was set: %v, %v", d, err)
	}
	if err := s.SetFeature(ctx, "orion", export.FeatureAsync, false); err != nil {
		t.Fatal(err)
	}
	if err := s.SetRetention(ctx, "orion", 90*time.Minute); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]auth.Tenant{
		"orion":    {ID: "orion", Name: "Orion", Retention: 90 * time.Minute},
		"meridian": {ID: "meridian", Retention: 36 * time.Hour},
	} {
		if got, err := s.Tenant(ctx, id); err != nil || *got != want {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
		if d, err := s.Retention(ctx, id); err != nil || d != want.Retention {
			t.Errorf("%s: %v, %v", id, d, err)
		}
	}
	if f, err := s.Features(ctx, "orion"); err != nil || len(f) != 1 || f[export.FeatureAsync] {
		t.Errorf("a feature that was switched before: %v, %v", f, err)
	}
	if err := s.SetRetention(ctx, "vega", time.Hour); export.CodeOf(err) != export.CodeNotFound {
		t.Errorf("an unknown tenant: %v", err)
	}
	if _, err := s.Retention(ctx, "vega"); export.CodeOf(err) != export.CodeNotFound {
		t.Errorf("the time of an unknown tenant: %v", err)
	}
}
