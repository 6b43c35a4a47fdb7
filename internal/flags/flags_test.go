package flags_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/memprovider"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/flags"
	"github.com/egress-io/egress/internal/storetest"
)

func open(t *testing.T, p openfeature.FeatureProvider) (*flags.Flags, context.Context) {
	t.Helper()
	f, err := flags.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return f, t.Context()
}

func wantFeatures(t *testing.T, f *flags.Flags, tenant string, async, stateEvents bool) {
	t.Helper()
	got, err := f.Features(t.Context(), tenant)
	if err != nil || got[export.FeatureAsync] != async || got[export.FeatureStateEvents] != stateEvents || len(got) != 2 {
		t.Errorf("%s: %v, %v", tenant, got, err)
	}
}

// TestFlagsWithDatabase changes features in a database, like a server.
func TestFlagsWithDatabase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	stores := storetest.Open(t)
	accounts := stores.Admins
	for _, id := range []string{"meridian", "orion"} {
		if err := accounts.InsertTenant(ctx, auth.Tenant{ID: id, Name: id}); err != nil {
			t.Fatal(err)
		}
	}
	f, _ := open(t, flags.NewProvider(accounts))
	wantFeatures(t, f, "meridian", true, false)
	if err := f.SetFeature(ctx, "meridian", export.FeatureAsync, false); err != nil {
		t.Fatal(err)
	}
	wantFeatures(t, f, "meridian", false, false)
	if err := f.SetFeature(ctx, "meridian", export.FeatureStateEvents, true); err != nil {
		t.Fatal(err)
	}
	wantFeatures(t, f, "meridian", false, true)
	wantFeatures(t, f, "orion", true, false)
	if _, err := f.Features(ctx, "vega"); errs.CodeOf(err) != errs.CodeUnavailable {
		t.Errorf("a tenant that does not exist: %v", err)
	}
	if err := f.SetFeature(ctx, "vega", export.FeatureAsync, true); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("switching in a tenant that does not exist: %v", err)
	}
	if err := stores.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Features(ctx, "meridian"); errs.CodeOf(err) != errs.CodeUnavailable || got != nil {
		t.Errorf("a closed database: %v, %v", got, err)
	}
}

// flag returns a feature of the SDK's in-memory provider that is on for the given tenants.
func flag(on ...string) memprovider.InMemoryFlag {
	decide := func(_ memprovider.InMemoryFlag, c openfeature.FlattenedContext) (any, openfeature.ProviderResolutionDetail) {
		tenant, _ := c[openfeature.TargetingKey].(string)
		return strings.Contains(strings.Join(on, " "), tenant), openfeature.ProviderResolutionDetail{Reason: openfeature.TargetingMatchReason}
	}
	return memprovider.InMemoryFlag{State: memprovider.Enabled, ContextEvaluator: &decide}
}

// TestAnotherProvider uses a provider of the SDK. It starts goroutines, which Close must end.
func TestAnotherProvider(t *testing.T) {
	t.Parallel()
	other := memprovider.NewInMemoryProvider(map[string]memprovider.InMemoryFlag{async: flag("orion"), stateEvents: flag("meridian")})
	f, ctx := open(t, other)
	wantFeatures(t, f, "orion", true, false)
	wantFeatures(t, f, "meridian", false, true)
	err := f.SetFeature(ctx, "orion", export.FeatureAsync, false)
	if errs.CodeOf(err) != errs.CodeUnsupported || !strings.Contains(err.Error(), "InMemoryProvider") {
		t.Errorf("a change with a read-only provider: %v", err)
	}
	wantFeatures(t, f, "orion", true, false)

	other.UpdateFlags(map[string]memprovider.InMemoryFlag{async: flag("orion")})
	if got, err := f.Features(ctx, "orion"); errs.CodeOf(err) != errs.CodeUnavailable || got != nil {
		t.Errorf("a flag unknown to the provider: %v, %v", got, err)
	}
	text := memprovider.InMemoryFlag{State: memprovider.Enabled, DefaultVariant: "a", Variants: map[string]any{"a": "yes"}}
	other.UpdateFlags(map[string]memprovider.InMemoryFlag{async: text, stateEvents: flag()})
	if got, err := f.Features(ctx, "orion"); errs.CodeOf(err) != errs.CodeUnavailable || got != nil {
		t.Errorf("a text flag: %v, %v", got, err)
	}
}

// Flags instances are independent of each other and of the process-wide OpenFeature API.
func TestFlagsAreIsolated(t *testing.T) {
	t.Parallel()
	one, _ := open(t, flags.NewProvider(records{"a": {export.FeatureAsync: false}}))
	two, _ := open(t, flags.NewProvider(records{"a": {export.FeatureAsync: true}}))
	wantFeatures(t, one, "a", false, false)
	wantFeatures(t, two, "a", true, false)
	if name := openfeature.ProviderMetadata().Name; name == flags.ProviderName {
		t.Errorf("the process-wide provider is %s", name)
	}
}

type broken struct{ *flags.Provider }

func (broken) Init(openfeature.EvaluationContext) error { return errors.New("no key") }
func (broken) Shutdown()                                {}

func TestOpenFailsWithBrokenProvider(t *testing.T) {
	t.Parallel()
	f, err := flags.Open(t.Context(), broken{flags.NewProvider(records{})})
	if err == nil || f != nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("%v, %v", f, err)
	}
}
