package mongo

import (
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

func TestTenants(t *testing.T) {
	t.Parallel()
	s, ctx := newTestAdmins(t)
	for _, id := range []string{"orion", "meridian"} {
		if err := s.InsertTenant(ctx, auth.Tenant{ID: id, Name: "The " + id}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.InsertTenant(ctx, auth.Tenant{ID: "orion"}); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("the same id again: %v", err)
	}
	for _, id := range []string{"", "-x", "Upper", "a.b", "a_b"} {
		if err := s.InsertTenant(ctx, auth.Tenant{ID: id}); errs.CodeOf(err) != errs.CodeInvalidRequest {
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
	s, ctx := newTestAdmins(t)
	if err := s.InsertTenant(ctx, auth.Tenant{ID: "orion"}); err != nil {
		t.Fatal(err)
	}
	f, err := s.Features(ctx, "orion")
	if err != nil || len(f) != 0 {
		t.Errorf("nothing was switched: %v, %v", f, err)
	}
	if _, err := s.Features(ctx, "vega"); errs.CodeOf(err) != errs.CodeNotFound {
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
	if err := s.SetFeature(ctx, "vega", export.FeatureAsync, true); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("an unknown tenant: %v", err)
	}
	if err := s.SetFeature(ctx, "orion", "feature.other", true); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("an unknown feature: %v", err)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	s, ctx := newTestAdmins(t)
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
	if err := errors.Join(s.SetZephrSignatures(ctx, "orion", false), s.SetLegacySignatures(ctx, "orion", true)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]auth.Tenant{
		"orion":    {ID: "orion", Name: "Orion", Retention: 90 * time.Minute, LegacySignatures: true, RefuseZephr: true},
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
	if err := s.SetRetention(ctx, "vega", time.Hour); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("an unknown tenant: %v", err)
	}
	if _, err := s.Retention(ctx, "vega"); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("the time of an unknown tenant: %v", err)
	}
}
