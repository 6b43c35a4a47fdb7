package filter_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

// Selections that differ in one field, in the kind of a condition, or only in where a text ends.
func TestKeysDiffer(t *testing.T) {
	t.Parallel()
	moment := func(nanosecond int) *time.Time {
		at := time.Date(2026, 1, 1, 0, 0, 0, nanosecond, time.UTC)
		return &at
	}
	selections := []filter.Selection{{}, {Store: "a"}, {IDs: filter.IDRange{From: "a"}}, {IDs: filter.IDRange{Before: "a"}}, {Store: "ab"}, {Store: "a", IDs: filter.IDRange{From: "b"}}}
	a, b := filter.Known{Path: "a"}, filter.Known{Path: "b"}
	for _, c := range []filter.Condition{
		a, b, filter.KnownText{Path: "a"}, filter.Present{Path: "a"}, filter.NotEmpty{Path: "a"},
		filter.Element{Path: "a"}, filter.Element{Path: "b"}, filter.Element{Path: "a", Of: a}, filter.Element{Path: "a", Of: filter.Not{Of: a}},
		filter.And{}, filter.And{a}, filter.And{nil}, filter.And{a, b}, filter.And{b, a}, filter.And{filter.And{a}, b}, filter.And{filter.And{a, b}},
		filter.Or{}, filter.Or{a}, filter.Or{a, b}, filter.Not{Of: a}, filter.Not{Of: filter.Not{Of: a}}, filter.Not{},
		filter.Equal{Path: "a", Value: true}, filter.Equal{Path: "a", Value: false}, filter.Equal{Path: "a", Value: "true"}, filter.Equal{Path: "b", Value: true},
		filter.Equal{Path: "a", Value: int64(1)}, filter.Equal{Path: "a", Value: 1.0}, filter.Equal{Path: "a", Value: "1"}, filter.Equal{Path: "a", Value: ""},
		filter.Equal{Path: "a", Value: int64(-1)}, filter.Equal{Path: "a", Value: math.Copysign(0, -1)}, filter.Equal{Path: "a", Value: 0.0}, filter.Equal{Path: "a"},
		filter.OneOf{Path: "a"}, filter.OneOf{Path: "a", Values: []string{""}}, filter.OneOf{Path: "a", Values: []string{"b"}}, filter.OneOf{Path: "a", Values: []string{"b", "c"}}, filter.OneOf{Path: "a", Values: []string{"bc"}},
		filter.Numbers{Path: "a"}, filter.Numbers{Path: "a", From: int64(5)}, filter.Numbers{Path: "a", To: int64(5)}, filter.Numbers{Path: "a", From: int64(5), To: int64(5)}, filter.Numbers{Path: "a", From: 5.0},
		filter.Times{Path: "a"}, filter.Times{Path: "a", From: moment(0)}, filter.Times{Path: "a", Before: moment(0)}, filter.Times{Path: "a", From: moment(1)}, filter.Times{Path: "a", From: moment(0), Before: moment(0)},
		filter.NewText("a", export.Is, "b"), filter.NewText("a", export.Contains, "b"), filter.NewText("a", export.StartsWith, "b"), filter.NewText("a", export.EndsWith, "b"),
		filter.NewText("a", export.Is, "B"), filter.NewText("b", export.Is, "b"), filter.NewText("a", export.Is, "\x00"),
	} {
		selections = append(selections, filter.Selection{Where: c}, filter.Selection{Store: "a", Where: c})
	}
	seen := map[string]filter.Selection{}
	for _, s := range selections {
		if other, taken := seen[s.Key()]; taken {
			t.Errorf("%#v and %#v have the same key", s, other)
		}
		seen[s.Key()] = s
	}
}

// Random selections have the same key only if they are equal.
func TestKeysIdentifySelections(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys, described := map[string]string{}, map[string]string{}
		for _, s := range rapid.SliceOfN(selectionGenerator(), 50, 50).Draw(t, "selections") {
			key, text := s.Key(), describe(s)
			if other, seen := described[key]; seen && other != text {
				t.Fatalf("%s and %s have the key %q", other, text, key)
			}
			if other, seen := keys[text]; seen && other != key {
				t.Fatalf("%s has the keys %q and %q", text, other, key)
			}
			keys[text], described[key] = key, text
		}
	})
}

// describe returns Go syntax of a selection, with the values that its pointers refer to.
func describe(s filter.Selection) string {
	return fmt.Sprintf("%q %q %s", s.Store, s.IDs, describeCondition(s.Where))
}

func describeCondition(c filter.Condition) string {
	members := func(list []filter.Condition) (s string) {
		for _, m := range list {
			s += "(" + describeCondition(m) + ")"
		}
		return s
	}
	switch c := c.(type) {
	case filter.And:
		return "and" + members(c)
	case filter.Or:
		return "or" + members(c)
	case filter.Not:
		return "not" + members([]filter.Condition{c.Of})
	case filter.Times:
		bound := func(t *time.Time) string {
			if t == nil {
				return "none"
			}
			return t.UTC().Format(time.RFC3339Nano)
		}
		return fmt.Sprintf("times %q %s %s", c.Path, bound(c.From), bound(c.Before))
	case filter.Equal:
		return fmt.Sprintf("equal %q %T %#v", c.Path, c.Value, c.Value)
	case filter.Numbers:
		return fmt.Sprintf("numbers %q %T %#v %T %#v", c.Path, c.From, c.From, c.To, c.To)
	case filter.OneOf:
		return fmt.Sprintf("one of %q %q", c.Path, c.Values)
	default:
		return fmt.Sprintf("%#v", c)
	}
}

// selectionGenerator generates selections with conditions of every kind. It draws from few values, so
// that equal ones occur.
func selectionGenerator() *rapid.Generator[filter.Selection] {
	text := rapid.SampledFrom([]string{"", "a", "b", "ab", "\x01a", "\x00"})
	number := rapid.SampledFrom([]any{nil, int64(1), 1.0, int64(-1), 97.0})
	instant := rapid.Custom(func(t *rapid.T) *time.Time {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		at := time.Unix(rapid.Int64Range(-1, 1).Draw(t, "second"), rapid.Int64Range(0, 1).Draw(t, "nanosecond"))
		return &at
	})
	leaf := rapid.Custom(func(t *rapid.T) filter.Condition {
		path := text.Draw(t, "path")
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0:
			return filter.Equal{Path: path, Value: rapid.SampledFrom([]any{true, false, "", "a", int64(1), 1.0}).Draw(t, "value")}
		case 1:
			return filter.OneOf{Path: path, Values: rapid.SliceOfN(text, 0, 2).Draw(t, "values")}
		case 2:
			return filter.Numbers{Path: path, From: number.Draw(t, "from"), To: number.Draw(t, "to")}
		case 3:
			return filter.Times{Path: path, From: instant.Draw(t, "from"), Before: instant.Draw(t, "before")}
		case 4:
			return filter.Known{Path: path}
		case 5:
			return filter.KnownText{Path: path}
		case 6:
			return filter.Present{Path: path}
		case 7:
			return filter.NotEmpty{Path: path}
		default:
			operator := rapid.SampledFrom([]export.Operator{export.Is, export.Contains, export.StartsWith, export.EndsWith}).Draw(t, "operator")
			return filter.NewText(path, operator, text.Draw(t, "text"))
		}
	})
	condition := leaf
	for range 2 {
		member := condition
		condition = rapid.Custom(func(t *rapid.T) filter.Condition {
			switch rapid.IntRange(0, 4).Draw(t, "shape") {
			case 0:
				return filter.And(rapid.SliceOfN(member, 0, 2).Draw(t, "and"))
			case 1:
				return filter.Or(rapid.SliceOfN(member, 0, 2).Draw(t, "or"))
			case 2:
				return filter.Not{Of: member.Draw(t, "not")}
			default:
				return leaf.Draw(t, "condition")
			}
		})
	}
	return rapid.Custom(func(t *rapid.T) filter.Selection {
		var s filter.Selection
		switch rapid.IntRange(0, 3).Draw(t, "part") {
		case 0:
			s = filter.Selection{Store: text.Draw(t, "store"), IDs: filter.IDRange{From: text.Draw(t, "from"), Before: text.Draw(t, "before")}}
		case 1:
			s.Where = condition.Draw(t, "condition")
		default:
			s.Where = leaf.Draw(t, "condition")
		}
		return s
	})
}
