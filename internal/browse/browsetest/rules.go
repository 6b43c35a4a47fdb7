package browsetest

import (
	"context"

	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// ruleGenerator generates rules of all kinds, including nested groups and groups on grants.
func ruleGenerator(types map[string]users.InputType) *rapid.Generator[export.Rule] {
	ofUser, ofGrant := groupGenerator(types), groupGenerator(grantFieldTypes())
	onGrants := rapid.Custom(func(t *rapid.T) export.Rule {
		return export.Rule{
			Quantifier: rapid.SampledFrom(quantifiers).Draw(t, "quantifier"),
			Combinator: rapid.SampledFrom([]export.Combinator{export.And, export.Or}).Draw(t, "combinator"),
			Rules:      rapid.SliceOfN(ofGrant, 0, 3).Draw(t, "rules"),
		}
	})
	return rapid.Custom(func(t *rapid.T) export.Rule {
		rules := rapid.SliceOfN(rapid.OneOf(ofUser, onGrants), 1, 2).Draw(t, "rules")
		if len(rules) == 1 {
			return rules[0]
		}
		return export.Rule{Combinator: rapid.SampledFrom([]export.Combinator{export.And, export.Or}).Draw(t, "combinator"), Rules: rules}
	})
}

// groupGenerator generates conditions on fields, and nested groups of them.
func groupGenerator(types map[string]users.InputType) *rapid.Generator[export.Rule] {
	fields := sortedKeys(types)
	condition := rapid.Custom(func(t *rapid.T) export.Rule {
		field := rapid.SampledFrom(fields).Draw(t, "field")
		kind := types[field]
		r := export.Rule{Field: field, Operator: rapid.SampledFrom(operatorsOf(field, kind)).Draw(t, "operator")}
		values := valueGenerator(kind)
		if list := grantValues[field]; list != nil {
			values = rapid.Map(rapid.SampledFrom(list), export.String)
		}
		switch {
		case r.Operator.TakesList():
			r.Values = rapid.SliceOfN(values, 1, 3).Draw(t, "values")
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
	for range export.MaxRuleDepth - 2 {
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

// sampleRules returns a few rules with an operator on a field.
func sampleRules(field string, t users.InputType, operator export.Operator) (rules []export.Rule) {
	values := sampleValues(t)
	if list := grantValues[field]; list != nil {
		values = nil
		for _, text := range list {
			values = append(values, export.String(text))
		}
	}
	switch {
	case operator.TakesList():
		rules = append(rules,
			export.Rule{Field: field, Operator: operator, Values: values[:1]},
			export.Rule{Field: field, Operator: operator, Values: values[len(values)/2:]})
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
