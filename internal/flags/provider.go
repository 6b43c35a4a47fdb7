package flags

import (
	"context"
	"slices"

	"github.com/open-feature/go-sdk/openfeature"

	"github.com/egress-io/egress/internal/export"
)

// ProviderName is what our provider calls itself in OpenFeature.
const ProviderName = "egress-tenant"

// The variants of a feature.
const (
	variantOn  = "on"
	variantOff = "off"
)

// Records are the tenants' records.
type Records interface {
	// Features returns the features that were switched in a tenant, and only those; CodeNotFound where there is no such
	// tenant.
	Features(ctx context.Context, tenant string) (map[export.Feature]bool, error)
	// SetFeature switches a feature of a tenant.
	SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error
}

// Provider evaluates the features by the record of the tenant that the targeting key names. What was switched there has
// the reason TARGETING_MATCH; what was not is the feature's own default, whatever the caller's is, for the reason DEFAULT.
// It keeps nothing: what it answers is what was last written.
type Provider struct{ records Records }

var (
	_ openfeature.FeatureProvider = (*Provider)(nil)
	_ Switcher                    = (*Provider)(nil)
)

// NewProvider returns the provider of these records.
func NewProvider(r Records) *Provider { return &Provider{records: r} }

// Metadata names the provider.
func (*Provider) Metadata() openfeature.Metadata { return openfeature.Metadata{Name: ProviderName} }

// Hooks are none.
func (*Provider) Hooks() []openfeature.Hook { return nil }

// SetFeature switches a feature of a tenant.
func (p *Provider) SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error {
	return p.records.SetFeature(ctx, tenant, f, on)
}

// BooleanEvaluation evaluates a feature.
func (p *Provider) BooleanEvaluation(
	ctx context.Context, flag string, defaultValue bool, flat openfeature.FlattenedContext,
) openfeature.BoolResolutionDetail {
	on, reason, err := p.evaluate(ctx, flag, flat)
	if err != nil {
		return openfeature.BoolResolutionDetail{Value: defaultValue, ProviderResolutionDetail: failed(*err)}
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
		return fail(openfeature.NewFlagNotFoundResolutionError("there is no such feature"))
	}
	tenant, _ := flat[openfeature.TargetingKey].(string)
	if tenant == "" {
		return fail(openfeature.NewTargetingKeyMissingResolutionError("the targeting key is the tenant's id"))
	}
	switched, err := p.records.Features(ctx, tenant)
	switch {
	case export.CodeOf(err) == export.CodeNotFound:
		return fail(openfeature.NewInvalidContextResolutionError("there is no such tenant"))
	case err != nil: // the SDK hands on the sentence alone, and the log needs the cause
		return fail(openfeature.NewGeneralResolutionError("the tenant's record cannot be read: "+err.Error(), err))
	}
	if on, ok := switched[f]; ok {
		return on, openfeature.TargetingMatchReason, nil
	}
	return f.Default(), openfeature.DefaultReason, nil
}

// StringEvaluation fails: every feature is a boolean.
func (*Provider) StringEvaluation(_ context.Context, flag, defaultValue string, _ openfeature.FlattenedContext) openfeature.StringResolutionDetail {
	return noBoolean(flag, defaultValue)
}

// FloatEvaluation fails: every feature is a boolean.
func (*Provider) FloatEvaluation(_ context.Context, flag string, defaultValue float64, _ openfeature.FlattenedContext) openfeature.FloatResolutionDetail {
	return noBoolean(flag, defaultValue)
}

// IntEvaluation fails: every feature is a boolean.
func (*Provider) IntEvaluation(_ context.Context, flag string, defaultValue int64, _ openfeature.FlattenedContext) openfeature.IntResolutionDetail {
	return noBoolean(flag, defaultValue)
}

// ObjectEvaluation fails: every feature is a boolean.
func (*Provider) ObjectEvaluation(_ context.Context, flag string, defaultValue any, _ openfeature.FlattenedContext) openfeature.InterfaceResolutionDetail {
	return noBoolean(flag, defaultValue)
}

func noBoolean[T any](flag string, defaultValue T) openfeature.GenericResolutionDetail[T] {
	e := openfeature.NewTypeMismatchResolutionError("the feature is a boolean")
	if !slices.Contains(export.Features(), export.Feature(flag)) {
		e = openfeature.NewFlagNotFoundResolutionError("there is no such feature")
	}
	return openfeature.GenericResolutionDetail[T]{Value: defaultValue, ProviderResolutionDetail: failed(e)}
}

func failed(e openfeature.ResolutionError) openfeature.ProviderResolutionDetail {
	return openfeature.ProviderResolutionDetail{ResolutionError: e, Reason: openfeature.ErrorReason}
}
