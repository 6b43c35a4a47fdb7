package authtest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

func addsTenants(t *testing.T, ctx context.Context, s Store) {
	for _, id := range []string{"orion", "meridian"} {
		must(t, s.InsertTenant(ctx, auth.Tenant{ID: id, Name: "The " + id}))
	}
	if err := s.InsertTenant(ctx, auth.Tenant{ID: "orion"}); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("the same id again: %v", err)
	}
	for _, id := range []string{"", "-x", "Upper", "a.b", "a_b", strings.Repeat("a", 40)} {
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
	if err := s.InsertTenant(ctx, auth.Tenant{ID: strings.Repeat("a", 39)}); err != nil {
		t.Errorf("the longest id: %v", err)
	}
}

func switchesFeatures(t *testing.T, ctx context.Context, s Store) {
	must(t, s.InsertTenant(ctx, auth.Tenant{ID: "orion"}))
	f, err := s.Features(ctx, "orion")
	if err != nil || len(f) != 0 {
		t.Errorf("nothing was switched: %v, %v", f, err)
	}
	if _, err := s.Features(ctx, "vega"); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("the features of an unknown tenant: %v", err)
	}
	must(t, s.SetFeature(ctx, "orion", export.FeatureAsync, false), s.SetFeature(ctx, "orion", export.FeatureStateEvents, true))
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

func setsRetention(t *testing.T, ctx context.Context, s Store) {
	all := auth.Tenant{
		ID: "vega", Name: "Vega", Retention: time.Hour, LegacySignatures: true, SecondFactorRequired: true, RefuseZephr: true,
		DefaultStore: "uk",
	}
	for _, tenant := range []auth.Tenant{{ID: "orion", Name: "Orion"}, {ID: "meridian", Retention: 36 * time.Hour}, all} {
		must(t, s.InsertTenant(ctx, tenant))
	}
	if d, err := s.Retention(ctx, "orion"); err != nil || d != 0 {
		t.Errorf("nothing was set: %v, %v", d, err)
	}
	must(t, s.SetFeature(ctx, "orion", export.FeatureAsync, false), s.SetRetention(ctx, "orion", 90*time.Minute+time.Millisecond),
		s.SetZephrSignatures(ctx, "orion", false), s.SetLegacySignatures(ctx, "orion", true), s.SetDefaultStore(ctx, "orion", "asia"))
	for id, want := range map[string]auth.Tenant{
		"orion":    {ID: "orion", Name: "Orion", Retention: 90 * time.Minute, LegacySignatures: true, RefuseZephr: true, DefaultStore: "asia"},
		"meridian": {ID: "meridian", Retention: 36 * time.Hour},
		"vega":     all,
	} {
		if got, err := s.Tenant(ctx, id); err != nil || *got != want {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
		if d, err := s.Retention(ctx, id); err != nil || d != want.Retention {
			t.Errorf("%s: %v, %v", id, d, err)
		}
	}
	must(t, s.SetSecondFactorRequired(ctx, "orion", true), s.SetZephrSignatures(ctx, "orion", true), s.SetLegacySignatures(ctx, "orion", false), s.SetDefaultStore(ctx, "orion", ""))
	want := auth.Tenant{ID: "orion", Name: "Orion", Retention: 90 * time.Minute, SecondFactorRequired: true}
	if got, err := s.Tenant(ctx, "orion"); err != nil || *got != want {
		t.Errorf("changed again: %+v, %v", got, err)
	}
	if f, err := s.Features(ctx, "orion"); err != nil || len(f) != 1 || f[export.FeatureAsync] {
		t.Errorf("a feature that was switched before: %v, %v", f, err)
	}
	for name, err := range map[string]error{
		"retention": s.SetRetention(ctx, "other", time.Hour), "legacy signatures": s.SetLegacySignatures(ctx, "other", true),
		"second factor": s.SetSecondFactorRequired(ctx, "other", true), "Zephr's signatures": s.SetZephrSignatures(ctx, "other", true), "user store": s.SetDefaultStore(ctx, "other", "uk"),
	} {
		if errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("the %s of an unknown tenant: %v", name, err)
		}
	}
	if _, err := s.Retention(ctx, "other"); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("the time of an unknown tenant: %v", err)
	}
}
