package flags_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/open-feature/go-sdk/openfeature"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/flags"
)

// records holds the features that were set, by tenant. The tenant "down" cannot be read.
type records map[string]map[export.Feature]bool

func (r records) Features(_ context.Context, tenant string) (map[export.Feature]bool, error) {
	if tenant == "down" {
		return nil, errors.New("server selection timeout")
	}
	switched, ok := r[tenant]
	if !ok {
		return nil, errs.Errorf(errs.CodeNotFound, "There is no such tenant.")
	}
	return switched, nil
}

func (r records) SetFeature(_ context.Context, tenant string, f export.Feature, on bool) error {
	r[tenant][f] = on
	return nil
}

const (
	async       = string(export.FeatureAsync)
	stateEvents = string(export.FeatureStateEvents)
)

// TestProvider evaluates through OpenFeature, with the opposite of the expected value as default:
// only an error may return it.
func TestProvider(t *testing.T) {
	t.Parallel()
	f, ctx := open(t, flags.NewProvider(records{
		"plain":    {},
		"switched": {export.FeatureAsync: false, export.FeatureStateEvents: true},
		"default":  {export.FeatureAsync: true, export.FeatureStateEvents: false},
	}))
	for name, c := range map[string]struct {
		tenant, flag string
		want         bool
		reason       openfeature.Reason
		variant      string
		code         openfeature.ErrorCode
	}{
		"on by default":                {tenant: "plain", flag: async, want: true, reason: openfeature.DefaultReason, variant: "on"},
		"off by default":               {tenant: "plain", flag: stateEvents, want: false, reason: openfeature.DefaultReason, variant: "off"},
		"switched off":                 {tenant: "switched", flag: async, want: false, reason: openfeature.TargetingMatchReason, variant: "off"},
		"switched on":                  {tenant: "switched", flag: stateEvents, want: true, reason: openfeature.TargetingMatchReason, variant: "on"},
		"set to the default, on":       {tenant: "default", flag: async, want: true, reason: openfeature.TargetingMatchReason, variant: "on"},
		"set to the default, off":      {tenant: "default", flag: stateEvents, want: false, reason: openfeature.TargetingMatchReason, variant: "off"},
		"no such tenant":               {tenant: "vega", flag: async, reason: openfeature.ErrorReason, code: openfeature.InvalidContextCode},
		"no tenant":                    {flag: async, reason: openfeature.ErrorReason, code: openfeature.TargetingKeyMissingCode},
		"no such feature":              {tenant: "plain", flag: "feature.other", reason: openfeature.ErrorReason, code: openfeature.FlagNotFoundCode},
		"a record that cannot be read": {tenant: "down", flag: async, reason: openfeature.ErrorReason, code: openfeature.GeneralCode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := f.Client().BooleanValueDetails(ctx, c.flag, !c.want, openfeature.NewEvaluationContext(c.tenant, nil))
			if c.code != "" {
				if err == nil || got.ErrorCode != c.code || got.Reason != c.reason || got.Value == c.want || got.Variant != "" {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if err != nil || got.Value != c.want || got.Reason != c.reason || got.Variant != c.variant || got.FlagKey != c.flag {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	_, err := f.Client().BooleanValue(ctx, async, true, openfeature.NewEvaluationContext("down", nil))
	if err == nil || !strings.Contains(err.Error(), "server selection timeout") {
		t.Errorf("the error does not contain the cause: %v", err)
	}
}

// A type other than boolean returns the caller's default and an error.
func TestOtherTypes(t *testing.T) {
	t.Parallel()
	f, ctx := open(t, flags.NewProvider(records{"plain": {}}))
	for flag, code := range map[string]openfeature.ErrorCode{async: openfeature.TypeMismatchCode, "feature.other": openfeature.FlagNotFoundCode} {
		whose := openfeature.NewEvaluationContext("plain", nil)
		text, err := f.Client().StringValueDetails(ctx, flag, "x", whose)
		if err == nil || text.Value != "x" || text.ErrorCode != code {
			t.Errorf("text: %+v, %v", text, err)
		}
		number, err := f.Client().FloatValueDetails(ctx, flag, 0.5, whose)
		if err == nil || number.Value != 0.5 || number.ErrorCode != code {
			t.Errorf("number: %+v, %v", number, err)
		}
		whole, err := f.Client().IntValueDetails(ctx, flag, 7, whose)
		if err == nil || whole.Value != 7 || whole.ErrorCode != code {
			t.Errorf("whole number: %+v, %v", whole, err)
		}
		object, err := f.Client().ObjectValueDetails(ctx, flag, "x", whose)
		if err == nil || object.Value != "x" || object.ErrorCode != code {
			t.Errorf("object: %+v, %v", object, err)
		}
	}
}

// Hooks are called for every evaluation.
func TestHooks(t *testing.T) {
	t.Parallel()
	f, ctx := open(t, flags.NewProvider(records{"plain": {}}))
	hook := &recordingHook{}
	f.Client().AddHooks(hook)
	if _, err := f.Features(ctx, "plain"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Features(ctx, "vega"); err == nil {
		t.Fatal("no error")
	}
	if want := []string{async + " on", stateEvents + " off", async + " failed"}; strings.Join(hook.lines, ", ") != strings.Join(want, ", ") {
		t.Errorf("heard %q", hook.lines)
	}
}

type recordingHook struct {
	openfeature.UnimplementedHook

	lines []string
}

func (l *recordingHook) After(_ context.Context, h openfeature.HookContext, d openfeature.InterfaceEvaluationDetails, _ openfeature.HookHints) error {
	l.lines = append(l.lines, h.FlagKey()+" "+d.Variant)
	return nil
}

func (l *recordingHook) Error(_ context.Context, h openfeature.HookContext, _ error, _ openfeature.HookHints) {
	l.lines = append(l.lines, h.FlagKey()+" failed")
}
