package decode_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

func TestAttr(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                  `null`,
		" ":                 `null`,
		"country.equals.GB": `{"combinator":"and","rules":[{"field":"attributes.country","operator":"is","value":"GB"}]}`,
		"country.notEquals.GB, plan.hasAnyValue": `{"combinator":"and","rules":[{"field":"attributes.country","operator":"is_not","value":"GB"},
			{"field":"attributes.plan","operator":"has_any_value"}]}`,
		"name.contains.a.b.c": `{"combinator":"and","rules":[{"field":"attributes.name","operator":"contains","value":"a.b.c"}]}`,
		"name.startsWith.a%2Cb%25,name.endsWith.%20": `{"combinator":"and","rules":[{"field":"attributes.name","operator":"starts_with","value":"a,b%"},
			{"field":"attributes.name","operator":"ends_with","value":" "}]}`,
		"name.notContains.a+b":      `{"combinator":"and","rules":[{"field":"attributes.name","operator":"does_not_contain","value":"a+b"}]}`,
		"age.between.1.20":          `{"combinator":"and","rules":[{"field":"attributes.age","operator":"between","from":"1","to":"20"}]}`,
		"score.between.1%2E5.2%2E5": `{"combinator":"and","rules":[{"field":"attributes.score","operator":"between","from":"1.5","to":"2.5"}]}`,
		"score.from.1.5":            `{"combinator":"and","rules":[{"field":"attributes.score","operator":"between","from":"1.5","to":null}]}`,
		"born.to.2026-01-01":        `{"combinator":"and","rules":[{"field":"attributes.born","operator":"between","from":null,"to":"2026-01-01"}]}`,
		"country.isOneOf.GB.I%2EE":  `{"combinator":"and","rules":[{"field":"attributes.country","operator":"is_one_of","values":["GB","I.E"]}]}`,
		"country.isNoneOf.GB":       `{"combinator":"and","rules":[{"field":"attributes.country","operator":"is_none_of","values":["GB"]}]}`,
		"born.before.now-1y,born.after.2020-01-01": `{"combinator":"and","rules":[{"field":"attributes.born","operator":"before","value":"now-1y"},
			{"field":"attributes.born","operator":"after","value":"2020-01-01"}]}`,
		"country.equals.GB,grants.all(expiry_state.equals.expired)": `{"combinator":"and","rules":[{"field":"attributes.country","operator":"is","value":"GB"},
			{"quantifier":"all","combinator":"and","rules":[{"field":"grant.expiry_state","operator":"is","value":"expired"}]}]}`,
		"grants.any(product.equals.A%29B,end.between.now-90d.now), x.isUnknown": `{"combinator":"and","rules":[{"quantifier":"any","combinator":"and","rules":[
			{"field":"grant.product","operator":"is","value":"A)B"},{"field":"grant.end","operator":"between","from":"now-90d","to":"now"}]},
			{"field":"attributes.x","operator":"is_unknown"}]}`,
		"grants.none()":       `{"combinator":"and","rules":[{"quantifier":"none","combinator":"and","rules":[]}]}`,
		"name.contains.a(b)c": `{"combinator":"and","rules":[{"field":"attributes.name","operator":"contains","value":"a(b)c"}]}`,
		"news.checked,news.unchecked.,x.isUnknown": `{"combinator":"and","rules":[{"field":"attributes.news","operator":"checked"},
			{"field":"attributes.news","operator":"unchecked"},{"field":"attributes.x","operator":"is_unknown"}]}`,
	} {
		rule, err := decode.Attr(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got, _ := json.Marshal(rule)
		if want = strings.Join(strings.Fields(want), ""); strings.ReplaceAll(string(got), " ", "") != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		// The result is a valid filter of a definition.
		if _, err := decode.Rule(got, "filter"); err != nil {
			t.Errorf("%q: %s is not a valid filter: %v", text, got, err)
		}
	}
	for text, reason := range map[string]string{
		"country":                                "condition 1 must be slug.operation",
		".equals.GB":                             "must be slug.operation",
		"country.equals.GB,":                     "condition 2 must be slug.operation",
		"country.is.GB":                          `unknown operation "is"`,
		"country.EQUALS.GB":                      "unknown operation",
		"country.equals":                         "needs a value",
		"country.equals.":                        "needs a value",
		"country.hasAnyValue.1":                  "hasAnyValue takes no value",
		"age.between":                            "needs a value",
		"age.between.1":                          "needs two values",
		"age.between.1.":                         "needs two values",
		"age.between.1.2.3":                      "needs two values",
		"age.from":                               "needs a value",
		"country.isOneOf":                        "needs values",
		"country.isOneOf.":                       "has an empty value",
		"country.isOneOf.a..b":                   "has an empty value",
		"grants.any(end.before.now":              "no closing parenthesis",
		"grants.any(end.before.now)x":            "must end after the closing parenthesis",
		"grants.any(grants.any(end.before.now))": "closing parenthesis",
		"grants.any(,)":                          "must be slug.operation",
		"grants.some(end.before.now)":            "unknown operation",
		"a.isOneOf" + strings.Repeat(".x", export.MaxValues+1): "limit of 500 values",
		"name.equals.100%": "invalid percent-encoding",
		"na%zzme.equals.1": "invalid percent-encoding",
		"name.equals.%ff":  "not valid UTF-8",
		"name.equals." + strings.Repeat("x", export.MaxValueBytes+1): "more than 4096 bytes",
		strings.Repeat("a.checked,", export.MaxRules) + "a.checked":  "more than 100 conditions",
	} {
		_, err := decode.Attr(text)
		e, _ := err.(*errs.Error) //nolint:errorlint // Attr does not wrap its errors
		if e == nil || e.Code != errs.CodeInvalidRequest || e.Field != "attr" || !strings.Contains(e.Message, reason) || len(e.Message) > 300 {
			t.Errorf("%.40q: %v, want %q", text, err, reason)
		}
	}
}

// FuzzAttr checks that every parameter gives an error with a code, or a filter that Rule
// accepts.
func FuzzAttr(f *testing.F) {
	f.Add("country.equals.GB,age.between.1.20")
	f.Add("name.contains.%2C%2E,x.isUnknown.")
	f.Add("..,%")
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := decode.Attr(text)
		if err != nil {
			if errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if rule == nil {
			return
		}
		again, err := json.Marshal(rule)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode.Rule(again, "filter"); err != nil && !strings.Contains(err.Error(), "control characters") {
			t.Errorf("%q gives %s: %v", text, again, err)
		}
	})
}
