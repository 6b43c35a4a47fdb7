// Package flags evaluates a tenant's features through OpenFeature. Its own provider reads the
// tenant's record; any other OpenFeature provider can replace it.
package flags

import (
	"context"
	"fmt"

	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/isolated"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Switcher is a provider that can change features.
type Switcher interface {
	SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error
}

// Flags evaluates the features of all tenants. It is safe for concurrent use.
type Flags struct {
	provider openfeature.FeatureProvider
	api      *openfeature.EvaluationAPI
	client   *openfeature.Client
}

// Open starts a provider and waits until it is ready. It uses its own OpenFeature API instance and
// does not change the process-wide one. The caller must call Close.
func Open(ctx context.Context, provider openfeature.FeatureProvider) (*Flags, error) {
	f := &Flags{provider: provider, api: isolated.NewAPI()}
	if err := f.api.SetProviderAndWait(ctx, provider); err != nil {
		_ = f.Close(context.WithoutCancel(ctx)) // the provider has not started
		return nil, fmt.Errorf("start the provider of features: %w", err)
	}
	f.client = f.api.NewClient()
	return f, nil
}

// Close shuts the provider down.
func (f *Flags) Close(ctx context.Context) error {
	if err := f.api.Shutdown(ctx); err != nil {
		return fmt.Errorf("shut down the provider of features: %w", err)
	}
	return nil
}

// Client returns the OpenFeature client, for hooks and evaluation details.
func (f *Flags) Client() *openfeature.Client { return f.client }

// Features returns all features of a tenant and whether each is on. If the provider fails, the
// error is CodeUnavailable: OpenFeature's fallback to a default could export data in a way that
// nobody chose.
func (f *Flags) Features(ctx context.Context, tenant string) (map[export.Feature]bool, error) {
	tenantContext := openfeature.NewEvaluationContext(tenant, nil)
	all := map[export.Feature]bool{}
	for _, feature := range export.Features() {
		on, err := f.client.BooleanValue(ctx, string(feature), feature.Default(), tenantContext)
		if err != nil {
			err = fmt.Errorf("evaluate %s with %s: %w", feature, f.provider.Metadata().Name, err)
			return nil, errs.Wrap(errs.CodeUnavailable, err, "The tenant's features cannot be read right now. Please try again in a moment.")
		}
		all[feature] = on
	}
	return all, nil
}

// SetFeature changes a feature of a tenant. CodeUnsupported if the provider cannot change features.
func (f *Flags) SetFeature(ctx context.Context, tenant string, feature export.Feature, on bool) error {
	s, ok := f.provider.(Switcher)
	if !ok {
		return errs.Errorf(errs.CodeUnsupported, "This installation reads features from %s. Change them there.", f.provider.Metadata().Name)
	}
	return s.SetFeature(ctx, tenant, feature, on)
}
