// Package flags asks OpenFeature for a tenant's features, and is the provider that answers from the tenant's record. Any
// other provider can be put in its place.
package flags

import (
	"context"
	"fmt"

	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/isolated"

	"github.com/egress-io/egress/internal/export"
)

// Switcher is a provider whose features can be switched from here.
type Switcher interface {
	SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error
}

// Flags are the features of all tenants, by a provider. It is safe for concurrent use.
type Flags struct {
	provider openfeature.FeatureProvider
	api      *openfeature.EvaluationAPI
	client   *openfeature.Client
}

// Open starts a provider and waits until it is ready. It has an API of OpenFeature to itself: nothing of the process
// changes for others. Close it at the end.
func Open(ctx context.Context, provider openfeature.FeatureProvider) (*Flags, error) {
	f := &Flags{provider: provider, api: isolated.NewAPI()}
	if err := f.api.SetProviderAndWait(ctx, provider); err != nil {
		_ = f.Close(context.WithoutCancel(ctx)) // it has not started
		return nil, fmt.Errorf("start the provider of features: %w", err)
	}
	f.client = f.api.NewClient()
	return f, nil
}

// Close shuts the provider down.
func (f *Flags) Close(ctx context.Context) error {
	if err := f.api.Shutdown(ctx); err != nil {
		return fmt.Errorf("shut the provider of features down: %w", err)
	}
	return nil
}

// Client is OpenFeature's client, for hooks and for details of an evaluation.
func (f *Flags) Client() *openfeature.Client { return f.client }

// Features returns every feature of a tenant and whether it is on. A provider that fails is CodeUnavailable, whatever it
// says: OpenFeature would go on with a default, and an export would be made in a way that nobody has chosen.
func (f *Flags) Features(ctx context.Context, tenant string) (map[export.Feature]bool, error) {
	whose := openfeature.NewEvaluationContext(tenant, nil)
	all := map[export.Feature]bool{}
	for _, feature := range export.Features() {
		on, err := f.client.BooleanValue(ctx, string(feature), feature.Default(), whose)
		if err != nil {
			err = fmt.Errorf("evaluate %s by %s: %w", feature, f.provider.Metadata().Name, err)
			return nil, export.Wrap(export.CodeUnavailable, err, "What is switched on for this tenant cannot be found out. Please try again in a moment.")
		}
		all[feature] = on
	}
	return all, nil
}

// SetFeature switches a feature of a tenant. It is CodeUnsupported where the provider is switched elsewhere.
func (f *Flags) SetFeature(ctx context.Context, tenant string, feature export.Feature, on bool) error {
	s, ok := f.provider.(Switcher)
	if !ok {
		return export.Errorf(export.CodeUnsupported, "Features are switched in %s, which this installation takes them from.", f.provider.Metadata().Name)
	}
	return s.SetFeature(ctx, tenant, feature, on)
}
