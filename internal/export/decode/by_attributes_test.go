package decode_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

func TestByAttributes(t *testing.T) {
	t.Parallel()
	std := base64.StdEncoding.EncodeToString
	for text, want := range map[string]string{
		"":                `null`,
		std([]byte(`[]`)): `null`,
		std([]byte(`[{"slug":"country","operator":"is","value":"GB"},{"slug":"age","operator":null,"from":18,"to":30.50}]`)): `{"combinator":"and","rules":[` +
			`{"field":"attributes.country","operator":"is","value":"GB"},{"field":"attributes.age","operator":"between","from":18,"to":30.50}]}`,
		std([]byte(`[{"slug":"born","to":"2026-01-01","from":null}]`)):                                      `{"combinator":"and","rules":[{"field":"attributes.born","operator":"between","from":null,"to":"2026-01-01"}]}`,
		base64.RawURLEncoding.EncodeToString([]byte(`[{"slug":"n","operator":"contains","value":"??>>"}]`)): `{"combinator":"and","rules":[{"field":"attributes.n","operator":"contains","value":"??\u003e\u003e"}]}`,
		base64.RawStdEncoding.EncodeToString([]byte(`[{"slug":"x","operator":"is_unknown"}] `)):             `{"combinator":"and","rules":[{"field":"attributes.x","operator":"is_unknown"}]}`,
	} {
		rule, err := decode.ByAttributes(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, _ := json.Marshal(rule); string(got) != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	lapsed, err := decode.ByAttributes(std([]byte(`[{"slug":"country","operator":"is","value":"GB"},{"quantifier":"all","grants":[{"slug":"expiry_state","operator":"is","value":"expired"}]}]`)))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(lapsed); string(got) != `{"combinator":"and","rules":[{"field":"attributes.country","operator":"is","value":"GB"},`+
		`{"quantifier":"all","combinator":"and","rules":[{"field":"grant.expiry_state","operator":"is","value":"expired"}]}]}` {
		t.Errorf("%s", got)
	}
	for body, want := range map[string]string{
		`"operator":"checked"`:                             `"operator":"checked"`,
		`"operator":"checked","value":true`:                `"operator":"checked"`,
		`"operator":"checked","value":false`:               `"operator":"unchecked"`,
		`"operator":"checked","value":""`:                  `"operator":"checked"`,
		`"operator":"unchecked","value":true`:              `"operator":"unchecked"`,
		`"operator":"unchecked","value":false`:             `"operator":"checked"`,
		`"operator":"is","value":true`:                     `"operator":"checked"`,
		`"operator":"is","value":false`:                    `"operator":"unchecked"`,
		`"operator":"is_not","value":true`:                 `"operator":"unchecked"`,
		`"operator":"is_not","value":false`:                `"operator":"checked"`,
		`"operator":"has_any_value","value":""`:            `"operator":"has_any_value"`,
		`"operator":"has_any_value","value":null`:          `"operator":"has_any_value"`,
		`"operator":"is_unknown","value":""`:               `"operator":"is_unknown"`,
		`"operator":"is","value":10115`:                    `"operator":"is","value":"10115"`,
		`"operator":"contains","value":1.50`:               `"operator":"contains","value":"1.50"`,
		`"operator":"is","value":"GB","from":"","to":null`: `"operator":"is","value":"GB"`,
		`"operator":"is_one_of","values":["GB",5]`:         `"operator":"is_one_of","values":["GB","5"]`,
		`"operator":"before","value":"now-1y"`:             `"operator":"before","value":"now-1y"`,
		`"from":"","to":5,"value":""`:                      `"operator":"between","from":null,"to":5`,
	} {
		rule, err := decode.ByAttributes(std([]byte(`[{"slug":"a",` + body + `}]`)))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got, _ := json.Marshal(rule); string(got) != `{"combinator":"and","rules":[{"field":"attributes.a",`+want+`}]}` {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	for body, field := range map[string]string{
		`[{"slug":"a","operator":"has_any_value","value":"x"}]`: "search_by_attributes[0].value",
		`[{"slug":"a","operator":"checked","value":"x"}]`:       "search_by_attributes[0].value",
		`[{"slug":"a","operator":"is_unknown","value":true}]`:   "search_by_attributes[0].value",
		`[{"slug":"a","from":"","to":""}]`:                      "search_by_attributes[0].from",
		`[{"slug":"a","operator":"is","value":"b","from":"1"}]`: "search_by_attributes[0].from",
		`{}`: "search_by_attributes",
		`[{"slug":"a","operator":"is_one_of","values":[]}]`:         "search_by_attributes[0].values",
		`[{"slug":"a","operator":"is","value":"x","values":["x"]}]`: "search_by_attributes[0].values",
		`[{"slug":"a","operator":"is_one_of","values":["x",null]}]`: "search_by_attributes[0].values[1]",
		`[{"quantifier":"any"}]`:                                    "search_by_attributes[0].grants",
		`[{"grants":[]}]`:                                           "search_by_attributes[0].quantifier",
		`[{"quantifier":"some","grants":[]}]`:                       "search_by_attributes[0].quantifier",
		`[{"quantifier":"any","grants":[{"slug":"end"}]}]`:          "search_by_attributes[0].grants[0].from",
		`[{"quantifier":"any","slug":"a","grants":[]}]`:             "search_by_attributes[0].slug",
		`[`:                                  "search_by_attributes",
		`[] []`:                              "search_by_attributes",
		`[{"operator":"is","value":1}]`:      "search_by_attributes[0].slug",
		`[{"slug":1}]`:                       "search_by_attributes[0].slug",
		`[{"slug":"a","field":"x"}]`:         "search_by_attributes[0].field",
		`[{"slug":"a","operator":"equals"}]`: "search_by_attributes[0].operator",
		`[{"slug":"a","operator":"is"}]`:     "search_by_attributes[0].value",
		`[{"slug":"a"}]`:                     "search_by_attributes[0].from",
		`[{"slug":"a","from":[]}]`:           "search_by_attributes[0].from",
		`[{"slug":"a\u0000","operator":"checked"}]`: "search_by_attributes[0].slug",
		`[` + strings.TrimSuffix(strings.Repeat(`{"slug":"a","operator":"checked"},`, export.MaxRules+1), ",") + `]`: "search_by_attributes[100]",
	} {
		_, err := decode.ByAttributes(std([]byte(body)))
		e, _ := err.(*errs.Error) //nolint:errorlint // ByAttributes does not wrap its errors
		if e == nil || e.Code != errs.CodeInvalidRequest || e.Field != field {
			t.Errorf("%.60s: %v, want field %s", body, err, field)
		}
	}
	for _, text := range []string{"[]", "not base64!", strings.Repeat("A", (64<<10)+4)} {
		if _, err := decode.ByAttributes(text); errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// FuzzByAttributes checks that every parameter gives an error with a code, or a filter that
// Rule accepts.
func FuzzByAttributes(f *testing.F) {
	for _, s := range []string{`[{"slug":"country","operator":"is","value":"GB"}]`, `[{"slug":"a","from":1e3}]`, `[{"slug":"\ud800"}]`} {
		f.Add(base64.StdEncoding.EncodeToString([]byte(s)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := decode.ByAttributes(text)
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
		if _, err := decode.Rule(again, "filter"); err != nil {
			t.Errorf("%q gives %s: %v", text, again, err)
		}
	})
}
