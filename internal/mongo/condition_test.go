package mongo

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse/browsetest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// comparedText returns the paths of a condition that are compared with text, and the patterns or
// values they are compared with.
func comparedText(t *testing.T, d bson.D) (paths, texts []string) {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	visitElements(t, raw, func(key string, v bson.RawValue) {
		if pattern, _, ok := v.RegexOK(); ok {
			paths, texts = append(paths, key), append(texts, pattern)
		} else if id, ok := v.StringValueOK(); ok {
			paths, texts = append(paths, key), append(texts, id)
		}
	})
	return paths, texts
}

// The text of a request is a value or an escaped pattern, never an operator or a path.
func TestQueryKeepsRequestTextOutOfOperators(t *testing.T) {
	t.Parallel()
	const mark = "zzq"
	for _, text := range []string{"$" + mark, mark + ".*", "(?i)" + mark, "(*" + mark + ")", mark + "\x00", "\\E" + mark, mark + "|a", "[" + mark + "]"} {
		for _, o := range []export.Operator{export.Is, export.IsNot, export.Contains, export.DoesNotContain, export.StartsWith, export.EndsWith} {
			rule := export.Rule{Field: "attributes.text-field", Operator: o, Value: export.String(text)}
			d, err := filter.Compile(t.Context(), &rule, "filter", browsetest.AllTypesSchema(), nil)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := bson.Marshal(queryOf(d))
			if err != nil {
				t.Fatalf("%s %q does not encode: %v", o, text, err)
			}
			visitElements(t, raw, func(key string, v bson.RawValue) {
				if strings.Contains(key, mark) {
					t.Errorf("%s %q: request text in the key %q", o, text, key)
				}
				if pattern, _, ok := v.RegexOK(); ok {
					p := regexp.MustCompile(pattern)
					if !p.MatchString(users.Fold(text)) || p.MatchString("a") || p.MatchString(strings.ToUpper("zzzq")) {
						t.Errorf("%s %q: pattern %q is not the text alone", o, text, pattern)
					}
				}
			})
		}
	}
}

func visitElements(t *testing.T, raw bson.Raw, visit func(string, bson.RawValue)) {
	t.Helper()
	elements, err := raw.Elements()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range elements {
		visit(e.Key(), e.Value())
		if d, ok := e.Value().DocumentOK(); ok {
			visitElements(t, d, visit)
		}
		if a, ok := e.Value().ArrayOK(); ok {
			visitElements(t, bson.Raw(a), visit)
		}
	}
}

// MongoDB rejects patterns over 32,764 bytes.
func TestPatternsStayWithinDatabaseLimit(t *testing.T) {
	t.Parallel()
	const limit = 32764
	for r := range rune(0x30000) { // later characters have no case and no meaning in patterns
		if 0xd800 <= r && r < 0xe000 || users.Fold(string(r)) != string(r) {
			continue // the length limit counts folded characters
		}
		rule := export.Rule{Field: "attributes.text-field", Operator: export.Contains, Value: export.String(string(r))}
		d, err := filter.Compile(t.Context(), &rule, "f", browsetest.AllTypesSchema(), nil)
		if err != nil {
			t.Fatalf("%q: %v", r, err)
		}
		_, patterns := comparedText(t, queryOf(d))
		for _, pattern := range patterns {
			if len(pattern)*filter.MaxTextLength+len(`\A\z`) > limit {
				t.Errorf("%q becomes %q", r, pattern)
			}
		}
	}
}

// In PCRE, unlike in Go, $ also matches before a final line break, and ^ and $ match at lines in
// some modes.
func TestPatternsAreAnchoredToTheWholeText(t *testing.T) {
	t.Parallel()
	for operator, want := range map[export.Operator][]string{
		export.StartsWith: {`\Ak\.5`, `\A[Kk` + "\u212a" + `]\.5`}, export.EndsWith: {`k\.5\z`, `[Kk` + "\u212a" + `]\.5\z`},
		export.Contains: {`k\.5`, `[Kk` + "\u212a" + `]\.5`}, export.Is: {"k.5", `\A[Kk` + "\u212a" + `]\.5\z`},
	} {
		rule := export.Rule{Field: "attributes.text-field", Operator: operator, Value: export.String("K.5")}
		d, err := filter.Compile(t.Context(), &rule, "f", browsetest.AllTypesSchema(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := comparedText(t, queryOf(d)); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", operator, got, want)
		}
	}
}

// Both branches of a comparison with indexed text are equalities: indexes answer them, and a
// database without a query planner compares values.
func TestIndexedTextComparesValues(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"identifiers.email_address": `{"$or":[{"identifiers.email_address":{"$in":["a@x.test","A@x.test"]}},{"folded.identifiers.email_address":{"$eq":"a@x.test"}}]}`,
		"account.id":                `{"$or":[{"account_ids":{"$in":["a@x.test","A@x.test"]}},{"folded.account_ids":{"$eq":"a@x.test"}}]}`,
	} {
		rule := export.Rule{Field: field, Operator: export.Is, Value: export.String("A@x.test")}
		d, err := filter.Compile(t.Context(), &rule, "f", browsetest.AllTypesSchema(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := bson.MarshalExtJSON(queryOf(d), false, false); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", field, got, err, want)
		}
	}
}

func TestSearchQueryIsNeverAPattern(t *testing.T) {
	t.Parallel()
	for _, word := range []string{".*", "^a", "a|b", "[a-z]", "(?i)x", `\E`, "$where", "{$gt:1}", "a\x00b", "%"} {
		d, err := filter.Search(word, "search", browsetest.AllTypesSchema())
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		_, texts := comparedText(t, queryOf(d))
		for _, pattern := range texts[1:] {
			if p := regexp.MustCompile(pattern); !p.MatchString("x"+users.Fold(word)+"x") || p.MatchString("zzz") {
				t.Errorf("%q became the pattern %q", word, pattern)
			}
		}
	}
}
