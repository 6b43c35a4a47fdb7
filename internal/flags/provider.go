package flags

import (
	"context"
	"slices"

	"github.com/open-feature/go-sdk/openfeature"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// ProviderName is the name of Egress's own provider in OpenFeature.
const ProviderName = "egress-tenant"

// The variants of a feature.
const (
	variantOn  = "on"
	variantOff = "off"
)

// Records stores the tenants' records.
type Records interface {
	// Features returns only the features that were set for a tenant. CodeNotFound if the tenant
	// does not exist.
	Features(ctx context.Context, tenant string) (map[export.Feature]bool, error)
	// SetFeature sets a feature of a tenant.
	SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error
}

// Provider evaluates features from the record of the tenant in the targeting key. A feature that is
// set there has the reason TARGETING_MATCH. Any other feature has its own default, not the
// caller's, and the reason DEFAULT. Provider caches nothing.
type Provider struct{ records Records }

var (
	_ openfeature.FeatureProvider = (*Provider)(nil)
	_ Switcher                    = (*Provider)(nil)
)

// NewProvider returns a Provider that reads from r.
func NewProvider(r Records) *Provider { return &Provider{records: r} }

// Metadata returns the provider's name.
func (*Provider) Metadata() openfeature.Metadata { return openfeature.Metadata{Name: ProviderName} }

// Hooks returns no hooks.
func (*Provider) Hooks() []openfeature.Hook { return nil }

// SetFeature sets a feature of a tenant.
func (p *Provider) SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error {
	return p.records.SetFeature(ctx, tenant, f, on)
}

// BooleanEvaluation returns the value of a feature.
func (p *Provider) BooleanEvaluation(
	ctx context.Context, flag string, defaultValue bool, flat openfeature.FlattenedContext,
) openfeature.BoolResolutionDetail {
	on, reason, err := p.evaluate(ctx, flag, flat)
	if err != nil {
		return openfeature.BoolResolutionDetail{Value: defaultValue, ProviderResolutionDetail: errorDetail(*err)}
	}
	variant := variantOff
	if on {
		variant = variantOn
	}
	return openfeature.BoolResolutionDetail{
		Value: on, ProviderResolutionDetail: openfeature.ProviderResolutionDetail{Reason: reason, Variant: variant},
	}
}

func (p *Provider) evaluate(
	ctx context.Context, flag string, flat openfeature.FlattenedContext,
) (on bool, reason openfeature.Reason, failure *openfeature.ResolutionError) {
	fail := func(e openfeature.ResolutionError) (bool, openfeature.Reason, *openfeature.ResolutionError) {
		return false, openfeature.ErrorReason, &e
	}
	f := export.Feature(flag)
	if !slices.Contains(export.Features(), f) {
		return fail(openfeature.NewFlagNotFoundResolutionError("the feature does not exist"))
	}
	tenant, _ := flat[openfeature.TargetingKey].(string)
	if tenant == "" {
		return fail(openfeature.NewTargetingKeyMissingResolutionError("the targeting key is the tenant's id"))
	}
	set, err := p.records.Features(ctx, tenant)
	switch {
	case errs.CodeOf(err) == errs.CodeNotFound:
		return fail(openfeature.NewInvalidContextResolutionError("the tenant does not exist"))
	case err != nil: // the SDK passes only the message on, and the log needs the cause
		return fail(openfeature.NewGeneralResolutionError("the tenant's record cannot be read: "+err.Error(), err))
	}
	if on, ok := set[f]; ok {
		return on, openfeature.TargetingMatchReason, nil
	}
	return f.Default(), openfeature.DefaultReason, nil
}

// StringEvaluation returns a type mismatch: every feature is a boolean.
func (*Provider) StringEvaluation(_ context.Context, flag, defaultValue string, _ openfeature.FlattenedContext) openfeature.StringResolutionDetail {
	return typeMismatch(flag, defaultValue)
}

// FloatEvaluation returns a type mismatch: every feature is a boolean.
func (*Provider) FloatEvaluation(_ context.Context, flag string, defaultValue float64, _ openfeature.FlattenedContext) openfeature.FloatResolutionDetail {
	return typeMismatch(flag, defaultValue)
}

// IntEvaluation returns a type mismatch: every feature is a boolean.
func (*Provider) IntEvaluation(_ context.Context, flag string, defaultValue int64, _ openfeature.FlattenedContext) openfeature.IntResolutionDetail {
	return typeMismatch(flag, defaultValue)
}

// ObjectEvaluation returns a type mismatch: every feature is a boolean.
func (*Provider) ObjectEvaluation(_ context.Context, flag string, defaultValue any, _ openfeature.FlattenedContext) openfeature.InterfaceResolutionDetail {
	return typeMismatch(flag, defaultValue)
}

func typeMismatch[T any](flag string, defaultValue T) openfeature.GenericResolutionDetail[T] {
	e := openfeature.NewTypeMismatchResolutionError("the feature is a boolean")
	if !slices.Contains(export.Features(), export.Feature(flag)) {
		e = openfeature.NewFlagNotFoundResolutionError("the feature does not exist")
	}
	return openfeature.GenericResolutionDetail[T]{Value: defaultValue, ProviderResolutionDetail: errorDetail(e)}
}

func errorDetail(e openfeature.ResolutionError) openfeature.ProviderResolutionDetail {
	return openfeature.ProviderResolutionDetail{ResolutionError: e, Reason: openfeature.ErrorReason}
}
