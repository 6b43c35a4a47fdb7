package filter_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

var schema = users.Schema{
	{Slug: "country", Label: "Country", Type: users.Select},
	{Slug: "plan", Label: "Plan", Type: users.Text},
	{Slug: "age", Label: "Age", Type: users.Number},
	{Slug: "newsletter", Label: "Newsletter", Type: users.Checkbox},
	{Slug: "born", Label: "Born", Type: users.Date},
	{Slug: "wake", Label: "Wake-up", Type: users.Clock},
	{Slug: "term", Label: "Term", Type: users.Month},
	{Slug: "week", Label: "VAT week", Type: users.Week},
	{Slug: "secret", Label: "Secret", Type: users.Password},
}

var stores = []users.Store{{ID: "uk", Title: "Meridian UK"}, {ID: "bare"}}

// fakeAccounts finds n accounts for any condition, or fails.
type fakeAccounts struct {
	n   int
	err error
}

func (a fakeAccounts) AccountIDs(_ context.Context, _ filter.Condition, limit int) ([]string, error) {
	ids := make([]string, min(a.n, limit))
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	return ids, a.err
}

func (a fakeAccounts) ProductIDs(ctx context.Context, match filter.Condition, limit int) ([]string, error) {
	return a.AccountIDs(ctx, match, limit)
}

func parse(t *testing.T, s string) *export.Rule {
	t.Helper()
	r, err := decode.Rule([]byte(s), "filter")
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return r
}

func TestCompileReportsPathOfInvalidRule(t *testing.T) {
	t.Parallel()
	wrap := func(rule string) string {
		return `{"combinator":"and","rules":[{"field":"attributes.plan","operator":"has_any_value"},{"combinator":"or","rules":[` + rule + `]}]}`
	}
	const at = "users.filter.rules[1].rules[0]"
	for _, c := range []struct{ rule, field string }{
		{`{"field":"attributes.nope","operator":"is","value":"x"}`, at + ".field"},
		{`{"field":"attributes.","operator":"is","value":"x"}`, at + ".field"},
		{`{"field":"attributes.country.x","operator":"is","value":"x"}`, at + ".field"},
		{`{"field":"attributes.secret","operator":"has_any_value"}`, at + ".field"},
		{`{"field":"country","operator":"is","value":"x"}`, at + ".field"},
		{`{"field":"$where","operator":"is","value":"x"}`, at + ".field"},
		{`{"field":"_id","operator":"is","value":"x"}`, at + ".field"},
		{`{"field":"attributes.country","operator":"between","from":"a"}`, at + ".operator"},
		{`{"field":"attributes.country","operator":"checked"}`, at + ".operator"},
		{`{"field":"attributes.age","operator":"contains","value":"1"}`, at + ".operator"},
		{`{"field":"attributes.born","operator":"starts_with","value":"2026"}`, at + ".operator"},
		{`{"field":"attributes.newsletter","operator":"is","value":true}`, at + ".operator"},
		{`{"field":"email_verified","operator":"is_not","value":true}`, at + ".operator"},
		{`{"field":"account.name","operator":"between","from":"a"}`, at + ".operator"},
		{`{"field":"user_id","operator":"contains","value":"a"}`, at + ".operator"},
		{`{"field":"user_id","operator":"is_unknown"}`, at + ".operator"},
		{`{"field":"user_id","operator":"is","value":5}`, at + ".value"},
		{`{"field":"attributes.country","operator":"is","value":5}`, at + ".value"},
		{`{"field":"attributes.country","operator":"is","value":true}`, at + ".value"},
		{`{"field":"attributes.country","operator":"is","value":""}`, at + ".value"},
		{`{"field":"attributes.country","operator":"contains","value":""}`, at + ".value"},
		{`{"field":"attributes.age","operator":"is","value":"twelve"}`, at + ".value"},
		{`{"field":"attributes.age","operator":"is","value":""}`, at + ".value"},
		{`{"field":"attributes.age","operator":"is","value":true}`, at + ".value"},
		{`{"field":"attributes.age","operator":"is","value":1e999}`, at + ".value"},
		{`{"field":"attributes.age","operator":"between","from":18,"to":"twelve"}`, at + ".to"},
		{`{"field":"attributes.age","operator":"between","from":"x","to":12}`, at + ".from"},
		{`{"field":"attributes.age","operator":"between","from":18,"to":12.5}`, at + ".to"},
		{`{"field":"attributes.born","operator":"is","value":20260101}`, at + ".value"},
		{`{"field":"attributes.born","operator":"is","value":"2026-02-30"}`, at + ".value"},
		{`{"field":"attributes.born","operator":"is","value":"2026-02"}`, at + ".value"},
		{`{"field":"attributes.wake","operator":"is","value":"2026-02-01"}`, at + ".value"},
		{`{"field":"attributes.term","operator":"is","value":"2026-13"}`, at + ".value"},
		{`{"field":"attributes.week","operator":"is","value":"2026-W54"}`, at + ".value"},
		{`{"field":"last_login","operator":"between","from":"2026-01-02","to":"2026-01-01"}`, at + ".to"},
		{`{"field":"last_login","operator":"between","from":"soon"}`, at + ".from"},
		{`{"field":"last_login","operator":"before","value":"soon"}`, at + ".value"},
		{`{"field":"last_login","operator":"after","value":"now-1d"}`, at + ".value"}, // not resolved
		{`{"field":"attributes.age","operator":"before","value":5}`, at + ".operator"},
		{`{"field":"attributes.newsletter","operator":"is_one_of","values":[true]}`, at + ".operator"},
		{`{"field":"attributes.age","operator":"is_one_of","values":[5,"x"]}`, at + ".values[1]"},
		{`{"field":"attributes.plan","operator":"is_none_of","values":["a","",5]}`, at + ".values[1]"},
		{`{"field":"attributes.born","operator":"is_one_of","values":["2026-02-30"]}`, at + ".values[0]"},
		{`{"field":"grant.end","operator":"has_any_value"}`, at + ".field"},
		{`{"quantifier":"any","combinator":"and","rules":[{"field":"attributes.plan","operator":"has_any_value"}]}`, at + ".rules[0].field"},
		{`{"quantifier":"any","combinator":"and","rules":[{"field":"grant.nope","operator":"has_any_value"}]}`, at + ".rules[0].field"},
		{`{"quantifier":"any","combinator":"and","rules":[{"field":"grant.expiry_state","operator":"contains","value":"a"}]}`, at + ".rules[0].operator"},
		{`{"quantifier":"any","combinator":"and","rules":[{"combinator":"or","rules":[{"field":"grant.end","operator":"before","value":"x"}]}]}`, at + ".rules[0].rules[0].value"},
		{`{"quantifier":"any","combinator":"and","rules":[{"combinator":"or","rules":[{"quantifier":"none","combinator":"and","rules":[]}]}]}`, at + ".rules[0].rules[0].quantifier"},
	} {
		_, err := filter.Compile(t.Context(), parse(t, wrap(c.rule)), "users.filter", schema, fakeAccounts{})
		checkError(t, c.rule, err, errs.CodeInvalidRequest, c.field)
	}
}

// A user id is compared unfolded and unescaped.
func TestCompileUserID(t *testing.T) {
	t.Parallel()
	one := filter.Equal{Path: "_id", Value: "Ä.*a"}
	for operator, want := range map[string]filter.Condition{"is": one, "is_not": filter.Not{Of: one}} {
		got, err := filter.Compile(t.Context(), parse(t, `{"field":"user_id","operator":"`+operator+`","value":"Ä.*a"}`), "filter", schema, fakeAccounts{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", operator, got, err)
		}
	}
}

// Compile also validates rules that decode.Definition did not check.
func TestCompileRefusesMalformedRules(t *testing.T) {
	t.Parallel()
	for field, rule := range map[string]export.Rule{
		"f.combinator": {Combinator: "nor", Rules: []export.Rule{}},
		"f.value":      {Field: "attributes.plan", Operator: export.Is},
		"f.from":       {Field: "attributes.age", Operator: export.Between},
		"f.quantifier": {Quantifier: "most", Combinator: export.And, Rules: []export.Rule{}},
		"f.values":     {Field: "attributes.plan", Operator: export.IsOneOf},
		"f.operator":   {Field: "attributes.plan", Operator: "$where", Value: export.String("1")},
	} {
		_, err := filter.Compile(t.Context(), &rule, "f", schema, fakeAccounts{})
		checkError(t, field, err, errs.CodeInvalidRequest, field)
	}
	broken := export.Rule{Field: "attributes.plan", Operator: export.Contains, Value: export.String("\xff")}
	_, err := filter.Compile(t.Context(), &broken, "f", schema, fakeAccounts{})
	checkError(t, "invalid UTF-8", err, errs.CodeInvalidRequest, "f.value")
}

func TestCompileLimitsAccounts(t *testing.T) {
	t.Parallel()
	rule := parse(t, `{"field":"account.name","operator":"does_not_contain","value":"a"}`)
	if _, err := filter.Compile(t.Context(), rule, "filter", schema, fakeAccounts{n: filter.MaxAccounts}); err != nil {
		t.Fatal(err)
	}
	_, err := filter.Compile(t.Context(), rule, "filter", schema, fakeAccounts{n: filter.MaxAccounts + 1})
	checkError(t, "too many accounts", err, errs.CodeFilterTooBroad, "filter.value")
	lost := errors.New("lost")
	if _, err := filter.Compile(t.Context(), rule, "filter", schema, fakeAccounts{err: lost}); !errors.Is(err, lost) {
		t.Fatalf("got %v, want the finder's error", err)
	}
}

func TestCompileEmptyGroupMatchesAll(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		`null`, `{"combinator":"or","rules":[]}`, `{"combinator":"and","rules":[{"combinator":"or","rules":[]},{"combinator":"and","rules":[]}]}`,
	} {
		d, err := filter.Compile(t.Context(), parse(t, s), "filter", schema, fakeAccounts{})
		if err != nil || d != nil {
			t.Errorf("%s: got %v, %v; want no condition", s, d, err)
		}
	}
}

func TestSelectionRejectsUnknownStore(t *testing.T) {
	t.Parallel()
	def := export.Definition{Users: export.Selection{UserStoreID: "nope"}}
	_, err := filter.Users(t.Context(), def, schema, stores, fakeAccounts{})
	checkError(t, "unknown store", err, errs.CodeInvalidRequest, "users.userStoreId")
}

func TestFieldsExcludePasswords(t *testing.T) {
	t.Parallel()
	fields := filter.Fields(schema)
	for _, f := range fields {
		if f.Type == users.Password {
			t.Errorf("%s is offered", f.Name)
		}
		if len(filter.Operators(users.KindOf(f.Type))) == 0 || f.Label == "" {
			t.Errorf("%s has no operators or no label", f.Name)
		}
	}
	if want := len(schema) - 1 + 8; len(fields) != want {
		t.Errorf("got %d fields, want %d", len(fields), want)
	}
}

func checkError(t *testing.T, name string, err error, code errs.Code, field string) {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		t.Errorf("%s: got %v, want an *errs.Error", name, err)
		return
	}
	if e.Code != code || e.Field != field || e.Message == "" {
		t.Errorf("%s: got %s, %q, %q; want %s, %q", name, e.Code, e.Field, e.Message, code, field)
	}
}

func TestCompileLimitsTheLengthOfText(t *testing.T) {
	t.Parallel()
	for text, field := range map[string]string{
		strings.Repeat("ſ", filter.MaxTextLength): "", strings.Repeat("s", filter.MaxTextLength+1): "f.value",
		strings.Repeat("e\u0301", filter.MaxTextLength): "", strings.Repeat("\u0958", filter.MaxTextLength/2+1): "f.value",
	} {
		for _, o := range []export.Operator{export.Is, export.DoesNotContain} {
			rule := export.Rule{Field: "attributes.plan", Operator: o, Value: export.String(text)}
			if _, err := filter.Compile(t.Context(), &rule, "f", schema, fakeAccounts{}); field != "" {
				checkError(t, "a long text", err, errs.CodeInvalidRequest, field)
			} else if err != nil {
				t.Error(err)
			}
		}
	}
}
