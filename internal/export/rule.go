package export

import (
	"bytes"
	"encoding/json"

	"github.com/egress-io/egress/internal/errs"
)

// The limits of a filter.
const (
	MaxRules      = 100  // conditions in the whole filter, and also groups
	MaxRuleDepth  = 5    // levels of nested groups, including the outermost
	MaxValueBytes = 4096 // bytes of a value
	MaxValues     = 500  // values of all lists (is_one_of, is_none_of) in the whole filter
)

// Combinator joins the rules of a group.
type Combinator string

// The combinators.
const (
	And Combinator = "and"
	Or  Combinator = "or"
)

// Quantifier says how many of a user's grants must meet a group of rules on grants.
type Quantifier string

// The quantifiers.
const (
	AnyGrant  Quantifier = "any"  // at least one grant meets the group
	NoGrant   Quantifier = "none" // no grant meets it; also users without grants
	AllGrants Quantifier = "all"  // the user has grants, and each of them meets it
)

// Operator is the comparison of a condition, with its name in JSON.
type Operator string

// The operators.
const (
	Is             Operator = "is"
	IsNot          Operator = "is_not"
	IsOneOf        Operator = "is_one_of"
	IsNoneOf       Operator = "is_none_of"
	Contains       Operator = "contains"
	DoesNotContain Operator = "does_not_contain"
	StartsWith     Operator = "starts_with"
	EndsWith       Operator = "ends_with"
	Between        Operator = "between"
	Before         Operator = "before"
	After          Operator = "after"
	HasAnyValue    Operator = "has_any_value"
	IsUnknown      Operator = "is_unknown"
	Checked        Operator = "checked"
	Unchecked      Operator = "unchecked"
)

// TakesValue reports whether a condition with this operator has a value.
func (o Operator) TakesValue() bool {
	switch o {
	case Is, IsNot, Contains, DoesNotContain, StartsWith, EndsWith, Before, After:
		return true
	default:
		return false
	}
}

// TakesList reports whether a condition with this operator has a list of values.
func (o Operator) TakesList() bool { return o == IsOneOf || o == IsNoneOf }

// Rule is a condition or a group of rules. A group has a Combinator, Rules and, if its rules are on
// grants, a Quantifier. A condition has the other fields.
type Rule struct {
	// Quantifier makes the group a condition on grants: one grant must meet all of its rules at
	// once. "" for a group of rules on users, and for a group within a group on grants.
	Quantifier Quantifier
	Combinator Combinator
	Rules      []Rule

	Field    string // "attributes.<slug>", "identifiers.email_address", "last_login", "account.name", "grant.end", …
	Operator Operator
	Value    Value   // for operators that take a value
	Values   []Value // for operators that take a list
	From, To Value   // the inclusive bounds of between; an absent one means no bound
}

// IsGroup reports whether the rule is a group.
func (r *Rule) IsGroup() bool { return r.Combinator != "" }

// Value is a JSON scalar exactly as in the request: a string, a number with its original digits, or
// a boolean. The zero Value is absent (null).
type Value struct {
	Kind ValueKind
	Text string // the string, or the number as written
	Bool bool
}

// ValueKind is the type of a Value.
type ValueKind uint8

// The kinds of value.
const (
	NoValue ValueKind = iota
	StringValue
	NumberValue
	BoolValue
)

// String returns a string value.
func String(s string) Value { return Value{Kind: StringValue, Text: s} }

// Number returns a number value.
func Number(digits string) Value { return Value{Kind: NumberValue, Text: digits} }

// Bool returns a boolean value.
func Bool(b bool) Value { return Value{Kind: BoolValue, Bool: b} }

// MarshalJSON returns the scalar unchanged.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.Kind {
	case StringValue:
		return json.Marshal(v.Text)
	case NumberValue:
		return []byte(v.Text), nil
	case BoolValue:
		return json.Marshal(v.Bool)
	default:
		return []byte("null"), nil
	}
}

// UnmarshalJSON decodes a scalar. It returns an error for arrays and objects.
func (v *Value) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return err
	}
	switch x := x.(type) {
	case nil:
		*v = Value{}
	case string:
		*v = String(x)
	case json.Number:
		*v = Number(x.String())
	case bool:
		*v = Bool(x)
	default:
		return errs.Errorf(errs.CodeInvalidRequest, "must be a string, a number or a boolean")
	}
	return nil
}

type groupJSON struct {
	Quantifier Quantifier `json:"quantifier,omitempty"`
	Combinator Combinator `json:"combinator"`
	Rules      []Rule     `json:"rules"`
}

type conditionJSON struct {
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	Value    *Value   `json:"value,omitempty"`
	Values   []Value  `json:"values,omitempty"`
}

type betweenJSON struct {
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	From     Value    `json:"from"`
	To       Value    `json:"to"`
}

// MarshalJSON encodes a group or a condition in its canonical form.
func (r Rule) MarshalJSON() ([]byte, error) {
	switch {
	case r.IsGroup():
		rules := r.Rules
		if rules == nil {
			rules = []Rule{}
		}
		return json.Marshal(groupJSON{r.Quantifier, r.Combinator, rules})
	case r.Operator == Between:
		return json.Marshal(betweenJSON{r.Field, r.Operator, r.From, r.To})
	default:
		c := conditionJSON{Field: r.Field, Operator: r.Operator, Values: r.Values}
		if r.Value.Kind != NoValue {
			c.Value = &r.Value
		}
		return json.Marshal(c)
	}
}
