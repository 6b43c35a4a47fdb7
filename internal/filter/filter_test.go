package filter_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
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

// accounts finds n accounts, whatever is asked, or fails.
type accounts struct {
	n   int
	err error
}

func (a accounts) AccountIDs(_ context.Context, _ bson.D, limit int) ([]string, error) {
	ids := make([]string, min(a.n, limit))
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	return ids, a.err
}

func parse(t *testing.T, s string) *export.Rule {
	t.Helper()
	r, err := export.DecodeRule([]byte(s), "filter")
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return r
}

func TestCompileNamesTheRuleThatIsWrong(t *testing.T) {
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
	} {
		_, err := filter.Compile(t.Context(), parse(t, wrap(c.rule)), "users.filter", schema, accounts{})
		refused(t, c.rule, err, export.CodeInvalid, c.field)
	}
}

// Rules that did not come through export.Decode are checked as well.
func TestCompileRefusesMalformedRules(t *testing.T) {
	t.Parallel()
	for field, rule := range map[string]export.Rule{
		"f.combinator": {Combinator: "nor", Rules: []export.Rule{}},
		"f.value":      {Field: "attributes.plan", Operator: export.Is},
		"f.from":       {Field: "attributes.age", Operator: export.Between},
		"f.operator":   {Field: "attributes.plan", Operator: "$where", Value: export.String("1")},
	} {
		_, err := filter.Compile(t.Context(), &rule, "f", schema, accounts{})
		refused(t, field, err, export.CodeInvalid, field)
	}
	broken := export.Rule{Field: "attributes.plan", Operator: export.Contains, Value: export.String("\xff")}
	_, err := filter.Compile(t.Context(), &broken, "f", schema, accounts{})
	refused(t, "invalid UTF-8", err, export.CodeInvalid, "f.value")
}

func TestCompileBoundsAccounts(t *testing.T) {
	t.Parallel()
	rule := parse(t, `{"field":"account.name","operator":"does_not_contain","value":"a"}`)
	if _, err := filter.Compile(t.Context(), rule, "filter", schema, accounts{n: filter.MaxAccounts}); err != nil {
		t.Fatal(err)
	}
	_, err := filter.Compile(t.Context(), rule, "filter", schema, accounts{n: filter.MaxAccounts + 1})
	refused(t, "too many accounts", err, export.CodeTooNarrow, "filter.value")
	lost := errors.New("lost")
	if _, err := filter.Compile(t.Context(), rule, "filter", schema, accounts{err: lost}); !errors.Is(err, lost) {
		t.Fatalf("got %v, want the finder's error", err)
	}
}

func TestCompileTakesEmptyGroupsForNoCondition(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		`null`, `{"combinator":"or","rules":[]}`, `{"combinator":"and","rules":[{"combinator":"or","rules":[]},{"combinator":"and","rules":[]}]}`,
	} {
		d, err := filter.Compile(t.Context(), parse(t, s), "filter", schema, accounts{})
		if err != nil || d == nil || len(d) != 0 {
			t.Errorf("%s: got %v, %v; want an empty condition", s, d, err)
		}
	}
}

// Whatever a request says, its text is a value or an escaped pattern, never an operator or a path.
func TestCompileKeepsRequestTextOutOfOperators(t *testing.T) {
	t.Parallel()
	const mark = "zzq"
	for _, text := range []string{"$" + mark, mark + ".*", "(?i)" + mark, "(*" + mark + ")", mark + "\x00", "\\E" + mark, mark + "|a", "[" + mark + "]"} {
		for _, o := range []export.Operator{export.Is, export.IsNot, export.Contains, export.DoesNotContain, export.StartsWith, export.EndsWith} {
			rule := export.Rule{Field: "attributes.plan", Operator: o, Value: export.String(text)}
			d, err := filter.Compile(t.Context(), &rule, "filter", schema, accounts{})
			if err != nil {
				t.Fatal(err)
			}
			raw, err := bson.Marshal(d)
			if err != nil {
				t.Fatalf("%s %q does not encode: %v", o, text, err)
			}
			inspect(t, raw, func(key string, v bson.RawValue) {
				if strings.Contains(key, mark) {
					t.Errorf("%s %q: request text in the key %q", o, text, key)
				}
				if pattern, _, ok := v.RegexOK(); ok {
					p := regexp.MustCompile(pattern)
					if !p.MatchString(text) || p.MatchString("a") || p.MatchString(strings.ToUpper("zzzq")) {
						t.Errorf("%s %q: pattern %q is not the text alone", o, text, pattern)
					}
				}
			})
		}
	}
}

func inspect(t *testing.T, raw bson.Raw, visit func(string, bson.RawValue)) {
	t.Helper()
	elements, err := raw.Elements()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range elements {
		visit(e.Key(), e.Value())
		if d, ok := e.Value().DocumentOK(); ok {
			inspect(t, d, visit)
		}
		if a, ok := e.Value().ArrayOK(); ok {
			inspect(t, bson.Raw(a), visit)
		}
	}
}

// MongoDB refuses patterns over 32,764 bytes.
func TestPatternsStayWithinTheDatabasesLimit(t *testing.T) {
	t.Parallel()
	const limit = 32764
	for r := range unicode.MaxRune {
		if 0xd800 <= r && r < 0xe000 {
			continue
		}
		rule := export.Rule{Field: "attributes.plan", Operator: export.Contains, Value: export.String(string(r))}
		d, err := filter.Compile(t.Context(), &rule, "f", schema, accounts{})
		if err != nil {
			t.Fatalf("%q: %v", r, err)
		}
		p, ok := d[0].Value.(bson.Regex)
		if !ok || len(p.Pattern)*filter.MaxPattern+len(`\A`) > limit {
			t.Errorf("%q becomes %q", r, p.Pattern)
		}
	}
	for text, field := range map[string]string{strings.Repeat("ſ", filter.MaxPattern): "", strings.Repeat("s", filter.MaxPattern+1): "f.value"} {
		rule := export.Rule{Field: "attributes.plan", Operator: export.DoesNotContain, Value: export.String(text)}
		if _, err := filter.Compile(t.Context(), &rule, "f", schema, accounts{}); field != "" {
			refused(t, "a long text", err, export.CodeInvalid, field)
		} else if err != nil {
			t.Error(err)
		}
		rule.Operator = export.Is
		if _, err := filter.Compile(t.Context(), &rule, "f", schema, accounts{}); err != nil {
			t.Error(err)
		}
	}
}

func TestSelectionRefusesAnUnknownStore(t *testing.T) {
	t.Parallel()
	def := export.Definition{Users: export.Selection{UserStoreID: "nope"}}
	_, err := filter.Selection(t.Context(), def, schema, stores, accounts{})
	refused(t, "unknown store", err, export.CodeInvalid, "users.userStoreId")
}

func TestFieldsLeavePasswordsOut(t *testing.T) {
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
	if want := len(schema) - 1 + 7; len(fields) != want {
		t.Errorf("got %d fields, want %d", len(fields), want)
	}
}

func refused(t *testing.T, name string, err error, code export.Code, field string) {
	t.Helper()
	e, ok := errors.AsType[*export.Error](err)
	if !ok {
		t.Errorf("%s: got %v, want an *export.Error", name, err)
		return
	}
	if e.Code != code || e.Field != field || e.Message == "" {
		t.Errorf("%s: got %s, %q, %q; want %s, %q", name, e.Code, e.Field, e.Message, code, field)
	}
}

// In PCRE, unlike in Go, $ also matches before a last line break, and ^ and $ mean lines in some modes.
func TestPatternsAreAnchoredToTheWholeText(t *testing.T) {
	t.Parallel()
	for operator, want := range map[export.Operator]string{
		export.StartsWith: `\A[Kk` + "\u212a" + `]\.5`, export.EndsWith: `[Kk` + "\u212a" + `]\.5\z`, export.Contains: `[Kk` + "\u212a" + `]\.5`,
	} {
		rule := export.Rule{Field: "attributes.plan", Operator: operator, Value: export.String("k.5")}
		d, err := filter.Compile(t.Context(), &rule, "f", schema, accounts{})
		if err != nil {
			t.Fatal(err)
		}
		if got := d[0].Value; got != (bson.Regex{Pattern: want}) {
			t.Errorf("%s: got %v, want %s", operator, got, want)
		}
	}
}
