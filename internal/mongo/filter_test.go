package mongo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

const randomSeed = 20261123

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// matchedIDs reads the ids of the users that a rule matches, as an export does.
func matchedIDs(ctx context.Context, u testReader, tenant string, rule *export.Rule) ([]string, error) {
	return selectedIDs(ctx, u, tenant, export.Selection{UserStoreID: export.All, Filter: rule})
}

// selectedIDs reads the ids of the users of a selection, as an export does.
func selectedIDs(ctx context.Context, u testReader, tenant string, s export.Selection) ([]string, error) {
	match, err := compileUsers(ctx, u, tenant, export.Definition{Users: s, Include: export.Include{Grants: true}})
	if err != nil {
		return nil, err
	}
	c, err := u.Read(ctx, tenant, match, bson.D{{Key: "_id", Value: 1}}, pipeline.IDRange{})
	if err != nil {
		return nil, err
	}
	ids, err := readAllIDs(ctx, c)
	return ids, errors.Join(err, c.Close())
}

func readAllIDs(ctx context.Context, c interface {
	Next(context.Context) (bson.Raw, error)
}) (ids []string, err error) {
	for {
		raw, err := c.Next(ctx)
		if errors.Is(err, io.EOF) {
			return ids, nil
		}
		if err != nil {
			return ids, err
		}
		ids = append(ids, raw.Lookup("_id").StringValue())
	}
}

func (o oracle) expected(rule *export.Rule) (ids []string) {
	for _, p := range o.people {
		if o.matches(p, rule) {
			ids = append(ids, p.id)
		}
	}
	return ids
}

// checkRule fails if the database or the evaluation of raw documents differs from the oracle. It returns the number of
// users.
func checkRule(ctx context.Context, t rapid.TB, u testReader, o oracle, rule export.Rule) (matched int) {
	t.Helper()
	got, err := matchedIDs(ctx, u, o.tenant, &rule)
	if err != nil {
		t.Fatalf("%s: %v", ruleJSON(rule), err)
	}
	compiled, err := compileUsers(ctx, u, o.tenant, export.Definition{Users: export.Selection{UserStoreID: export.All, Filter: &rule}})
	if err != nil {
		t.Fatalf("%s: %v", ruleJSON(rule), err)
	}
	want := o.expected(&rule)
	for i, p := range o.people {
		should := slices.Contains(want, p.id)
		if evaluated := compiled.Matches(o.stored[i]); evaluated != should {
			t.Fatalf("%s: %s is matched by its raw document: %v, want %v; %#v", ruleJSON(rule), p.id, evaluated, should, p.values)
		}
	}
	if slices.Equal(got, want) {
		return len(got)
	}
	for _, p := range o.people {
		if in, should := slices.Contains(got, p.id), slices.Contains(want, p.id); in != should {
			t.Fatalf("%s: %s is matched: %v, want %v; %#v", ruleJSON(rule), p.id, in, should, p.values)
		}
	}
	t.Fatalf("%s: the same users in another order", ruleJSON(rule))
	return 0
}

func ruleJSON(r export.Rule) string {
	b, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Each operator on each field, with values that match and values that do not.
func TestEachOperatorAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
		defer cancel()
		matched := map[string]int{} // number of users, by kind and operator
		types := ruleFieldTypes()
		for i, field := range sortedKeys(types) {
			people := randomUsers(randomSeed, 48, map[string]users.InputType{field: types[field]})
			u, o := storeRandomUsers(t, db, fmt.Sprint(testTenant, i), people)
			for _, operator := range filter.Operators(users.KindOf(types[field])) {
				for _, rule := range sampleRules(field, types[field], operator) {
					n := checkRule(ctx, t, u, o, rule)
					if n < len(people) { // a rule that matches everyone proves nothing
						matched[fmt.Sprintf("%s %s", users.KindOf(types[field]), operator)] += n
					}
				}
			}
		}
		for kind := range map[users.Kind]bool{users.TextKind: true, users.NumberKind: true, users.DateKind: true, users.BoolKind: true} {
			for _, operator := range filter.Operators(kind) {
				if matched[fmt.Sprintf("%s %s", kind, operator)] == 0 {
					t.Errorf("%s on %s never selected some users only", operator, kind)
				}
			}
		}
	})
}

// sampleRules returns a few rules with an operator on a field.
func sampleRules(field string, t users.InputType, operator export.Operator) (rules []export.Rule) {
	values := sampleValues(t)
	switch {
	case operator.TakesValue():
		for _, v := range values {
			rules = append(rules, export.Rule{Field: field, Operator: operator, Value: v})
		}
	case operator == export.Between:
		low, high := values[0], values[1]
		rules = append(rules,
			export.Rule{Field: field, Operator: operator, From: low, To: high},
			export.Rule{Field: field, Operator: operator, From: low},
			export.Rule{Field: field, Operator: operator, To: high},
			export.Rule{Field: field, Operator: operator, From: low, To: low})
	default:
		rules = append(rules, export.Rule{Field: field, Operator: operator})
	}
	return rules
}

// sampleValues returns values for an input type. The first is less than the second.
func sampleValues(t users.InputType) []export.Value {
	text := func(s ...string) (v []export.Value) {
		for _, s := range s {
			v = append(v, export.String(s))
		}
		return v
	}
	switch t {
	case users.Number, users.Range:
		return []export.Value{export.Number("0.1"), export.Number("18"), export.String("5"), export.Number("9007199254740993")}
	case users.Date:
		return text("2025-12-31", "2026-01-31", "2026-01-01", "2026-01-01T00:00:00.001Z")
	case users.DateTime:
		return text("2026-01-01", "2026-02-01T09:30:00.001+01:00", "2026-01-01T08:30", "2026-01-01T00:00:00.0005Z")
	case users.Clock:
		return text("08:30", "23:59", "23:59:59", "00:00")
	case users.Week:
		return text("2025-W52", "2026-W05", "2026-W01", "2026-01-05")
	case users.Month:
		return text("2026-01", "2026-02", "2024-02", "2026-01-01")
	case users.Text: // covers all kinds of text
		return text("GB", "k", "ss", ".*", "end", "acc", "north", "a\x00b")
	default:
		return text("s")
	}
}

// Random filters on one set of users.
func TestFilterAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
		defer cancel()
		types := ruleFieldTypes()
		for _, same := range []users.InputType{users.Range, users.Tel, users.URL, users.Select, users.Radio, users.Textarea, users.Color, users.Hidden} {
			delete(types, "attributes."+string(same)+"-field") // TestEachOperatorAgreesWithTheOracle covers these types
		}
		u, o := storeRandomUsers(t, db, testTenant, randomUsers(randomSeed+1, 40, types))
		rules := ruleGenerator(types)
		rapid.Check(t, func(t *rapid.T) {
			checkRule(ctx, t, u, o, rules.Draw(t, "rule"))
		})
	})
}

// ruleGenerator generates rules of all kinds, including nested groups.
func ruleGenerator(types map[string]users.InputType) *rapid.Generator[export.Rule] {
	fields := sortedKeys(types)
	condition := rapid.Custom(func(t *rapid.T) export.Rule {
		field := rapid.SampledFrom(fields).Draw(t, "field")
		kind := types[field]
		r := export.Rule{Field: field, Operator: rapid.SampledFrom(filter.Operators(users.KindOf(kind))).Draw(t, "operator")}
		values := valueGenerator(kind)
		switch {
		case r.Operator.TakesValue():
			r.Value = values.Draw(t, "value")
		case r.Operator == export.Between:
			bounds := rapid.IntRange(1, 3).Draw(t, "bounds")
			if bounds&1 != 0 {
				r.From = values.Draw(t, "from")
			}
			if bounds&2 != 0 {
				r.To = values.Draw(t, "to")
			}
			if bounds == 3 && boundsInvalid(kind, r.From, r.To) {
				r.To = r.From
			}
		}
		return r
	})
	group := condition
	for range export.MaxRuleDepth {
		member := group
		group = rapid.Custom(func(t *rapid.T) export.Rule {
			if rapid.IntRange(0, 2).Draw(t, "shape") == 0 {
				return condition.Draw(t, "condition")
			}
			return export.Rule{
				Combinator: rapid.SampledFrom([]export.Combinator{export.And, export.Or}).Draw(t, "combinator"),
				Rules:      rapid.SliceOfN(member, 0, 3).Draw(t, "rules"),
			}
		})
	}
	return group
}

// boundsInvalid reports whether Compile rejects these bounds.
func boundsInvalid(t users.InputType, from, to export.Value) bool {
	rule := export.Rule{Field: "attributes.x", Operator: export.Between, From: from, To: to}
	_, err := filter.Compile(context.Background(), &rule, "filter", users.Schema{{Slug: "x", Type: t}}, nil)
	return err != nil
}

func valueGenerator(t users.InputType) *rapid.Generator[export.Value] {
	texts := func(s ...string) *rapid.Generator[export.Value] {
		return rapid.Map(rapid.SampledFrom(s), export.String)
	}
	common := texts("2025-12-29", "2026-01-01", "2026-01-05", "2026-02-28", "1969-12-31", "2026-01-01T00:00:00Z", "2026-01-01T08:30:59.999Z",
		"2026-01-31T23:59:59.999Z", "2026-02-01T01:00:00+01:00", "2026-01-01T00:00:00.0001Z", "2024-03-01T00:00:00Z")
	switch t {
	case users.Number, users.Range:
		return rapid.Map(rapid.SampledFrom([]string{
			"5", "5.0", "0", "-0", "-1", "18", "18.5", "0.1", "1e1", "9007199254740993", "9007199254740992", "-9223372036854775808",
			"9223372036854775807", "9223372036854775296", "9.223372036854776e18", "-9.223372036854776e18", "9.5e18", "1e300", "-5e-1",
			"4503599627370495.5",
		}), export.Number)
	case users.Clock:
		return texts("00:00", "08:30", "12:59:59", "23:59", "23:59:59", "1970-01-01T08:30:00Z", "2026-01-01T00:00:00Z")
	case users.Week:
		return rapid.OneOf(common, texts("2026-W01", "2025-W52", "2026-W05", "2026-W09", "2020-W53"))
	case users.Month:
		return rapid.OneOf(common, texts("2026-01", "2025-12", "2024-02", "1969-12", "2026-03"))
	case users.DateTime:
		return rapid.OneOf(common, texts("2026-01-01T08:30", "2026-02-01T23:59"))
	case users.Date:
		return common
	default:
		piece := rapid.SampledFrom(trickyTexts)
		return rapid.Map(rapid.SliceOfN(piece, 1, 2), func(s []string) export.Value { return export.String(s[0] + s[len(s)-1]) })
	}
}
