package export

import (
	"bytes"
	"encoding/json"
)

// The largest filter that is accepted.
const (
	MaxRules      = 100 // rules in all groups together
	MaxRuleDepth  = 5   // groups inside groups, the outermost counted
	MaxValueBytes = 4096
)

// Combinator joins the rules of a group.
type Combinator string

// The combinators.
const (
	And Combinator = "and"
	Or  Combinator = "or"
)

// Operator is a comparison, by its name in JSON.
type Operator string

// The operators, as product documentation lists them.
const (
	Is             Operator = "is"
	IsNot          Operator = "is_not"
	Contains       Operator = "contains"
	DoesNotContain Operator = "does_not_contain"
	StartsWith     Operator = "starts_with"
	EndsWith       Operator = "ends_with"
	Between        Operator = "between"
	HasAnyValue    Operator = "has_any_value"
	IsUnknown      Operator = "is_unknown"
	Checked        Operator = "checked"
	Unchecked      Operator = "unchecked"
)

// Rule is one condition, or a group of them: a group has a Combinator and Rules, a condition has the rest.
type Rule struct {
	Combinator Combinator
	Rules      []Rule

	Field    string   // "attributes.<slug>", "identifiers.email_address", "last_login", "account.name", …
	Operator Operator // of a condition
	Value    Value    // for operators that take one
	From, To Value    // for between, both included; absent means open
}

// IsGroup reports whether the rule is a group.
func (r *Rule) IsGroup() bool { return r.Combinator != "" }

// Value is a JSON scalar exactly as a request gave it: a string, a number (its digits kept) or a boolean.
// The zero Value is absent (null).
type Value struct {
	Kind ValueKind
	Text string // the string, or the number's digits as written
	Bool bool
}

// ValueKind tells what a Value holds.
type ValueKind uint8

// The kinds of value.
const (
	NoValue ValueKind = iota
	StringValue
	NumberValue
	BoolValue
)

// String makes a string value.
func String(s string) Value { return Value{Kind: StringValue, Text: s} }

// Number makes a number value from its digits.
func Number(digits string) Value { return Value{Kind: NumberValue, Text: digits} }

// Bool makes a boolean value.
func Bool(b bool) Value { return Value{Kind: BoolValue, Bool: b} }

// MarshalJSON writes the scalar as it came.
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

// UnmarshalJSON reads a scalar and refuses arrays and objects.
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
		return Errorf(CodeInvalid, "must be a string, a number or a boolean")
	}
	return nil
}

type groupJSON struct {
	Combinator Combinator `json:"combinator"`
	Rules      []Rule     `json:"rules"`
}

type conditionJSON struct {
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	Value    *Value   `json:"value,omitempty"`
}

type betweenJSON struct {
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	From     Value    `json:"from"`
	To       Value    `json:"to"`
}

// MarshalJSON writes a group or a condition, in the one form that each has.
func (r Rule) MarshalJSON() ([]byte, error) {
	switch {
	case r.IsGroup():
		rules := r.Rules
		if rules == nil {
			rules = []Rule{}
		}
		return json.Marshal(groupJSON{r.Combinator, rules})
	case r.Operator == Between:
		return json.Marshal(betweenJSON{r.Field, r.Operator, r.From, r.To})
	default:
		c := conditionJSON{Field: r.Field, Operator: r.Operator}
		if r.Value.Kind != NoValue {
			c.Value = &r.Value
		}
		return json.Marshal(c)
	}
}
