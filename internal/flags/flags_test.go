package flags_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/memprovider"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/flags"
	"github.com/egress-io/egress/internal/mongo"
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

func are(t *testing.T, f *flags.Flags, tenant string, async, stateEvents bool) {
	t.Helper()
	got, err := f.Features(t.Context(), tenant)
	if err != nil || got[export.FeatureAsync] != async || got[export.FeatureStateEvents] != stateEvents || len(got) != 2 {
		t.Errorf("%s: %v, %v", tenant, got, err)
	}
}

// TestRecord switches in a database, as a process does.
func TestRecord(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	stack := embeddedtest.Shared(t, embeddedtest.MongoDB)
	db, err := mongo.Connect(ctx, mongo.Options{URI: stack.MongoDBURI(), Database: embeddedtest.Database(t), SingleWriter: true})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	t.Cleanup(func() {
		if !closed {
			_ = db.Close(context.Background())
		}
	})
	accounts := mongo.NewAccounts(db)
	for _, id := range []string{"meridian", "orion"} {
		if err := accounts.InsertTenant(ctx, auth.Tenant{ID: id, Name: id}); err != nil {
			t.Fatal(err)
		}
	}
	f, _ := open(t, flags.NewProvider(accounts))
	are(t, f, "meridian", true, false)
	if err := f.SetFeature(ctx, "meridian", export.FeatureAsync, false); err != nil {
		t.Fatal(err)
	}
	are(t, f, "meridian", false, false)
	if err := f.SetFeature(ctx, "meridian", export.FeatureStateEvents, true); err != nil {
		t.Fatal(err)
	}
	are(t, f, "meridian", false, true)
	are(t, f, "orion", true, false)
	if _, err := f.Features(ctx, "vega"); export.CodeOf(err) != export.CodeUnavailable {
		t.Errorf("a tenant that is gone: %v", err)
	}
	if err := f.SetFeature(ctx, "vega", export.FeatureAsync, true); export.CodeOf(err) != export.CodeNotFound {
		t.Errorf("switching in a tenant that is gone: %v", err)
	}
	if err := db.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	closed = true
	if got, err := f.Features(ctx, "meridian"); export.CodeOf(err) != export.CodeUnavailable || got != nil {
		t.Errorf("a database that does not answer: %v, %v", got, err)
	}
}

// flag is a feature of the SDK's own provider: on for these tenants.
func flag(on ...string) memprovider.InMemoryFlag {
	decide := func(_ memprovider.InMemoryFlag, c openfeature.FlattenedContext) (any, openfeature.ProviderResolutionDetail) {
		tenant, _ := c[openfeature.TargetingKey].(string)
		return strings.Contains(strings.Join(on, " "), tenant), openfeature.ProviderResolutionDetail{Reason: openfeature.TargetingMatchReason}
	}
	return memprovider.InMemoryFlag{State: memprovider.Enabled, ContextEvaluator: &decide}
}

// TestAnotherProvider puts one of the SDK in the place of ours. It has goroutines of its own, which Close must end.
func TestAnotherProvider(t *testing.T) {
	t.Parallel()
	other := memprovider.NewInMemoryProvider(map[string]memprovider.InMemoryFlag{async: flag("orion"), stateEvents: flag("meridian")})
	f, ctx := open(t, other)
	are(t, f, "orion", true, false)
	are(t, f, "meridian", false, true)
	err := f.SetFeature(ctx, "orion", export.FeatureAsync, false)
	if export.CodeOf(err) != export.CodeUnsupported || !strings.Contains(err.Error(), "InMemoryProvider") {
		t.Errorf("switching what is switched elsewhere: %v", err)
	}
	are(t, f, "orion", true, false)

	other.UpdateFlags(map[string]memprovider.InMemoryFlag{async: flag("orion")})
	if got, err := f.Features(ctx, "orion"); export.CodeOf(err) != export.CodeUnavailable || got != nil {
		t.Errorf("a flag that the provider does not know: %v, %v", got, err)
	}
	text := memprovider.InMemoryFlag{State: memprovider.Enabled, DefaultVariant: "a", Variants: map[string]any{"a": "yes"}}
	other.UpdateFlags(map[string]memprovider.InMemoryFlag{async: text, stateEvents: flag()})
	if got, err := f.Features(ctx, "orion"); export.CodeOf(err) != export.CodeUnavailable || got != nil {
		t.Errorf("a flag that is text: %v, %v", got, err)
	}
}

// Two of them do not meet, and what others in the process ask OpenFeature for is theirs.
func TestNothingIsShared(t *testing.T) {
	t.Parallel()
	one, _ := open(t, flags.NewProvider(records{"a": {export.FeatureAsync: false}}))
	two, _ := open(t, flags.NewProvider(records{"a": {export.FeatureAsync: true}}))
	are(t, one, "a", false, false)
	are(t, two, "a", true, false)
	if name := openfeature.ProviderMetadata().Name; name == flags.ProviderName {
		t.Errorf("the process's own provider is %s", name)
	}
}

type broken struct{ *flags.Provider }

func (broken) Init(openfeature.EvaluationContext) error { return errors.New("no key") }
func (broken) Shutdown()                                {}

func TestProviderThatDoesNotStart(t *testing.T) {
	t.Parallel()
	f, err := flags.Open(t.Context(), broken{flags.NewProvider(records{})})
	if err == nil || f != nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("%v, %v", f, err)
	}
}
