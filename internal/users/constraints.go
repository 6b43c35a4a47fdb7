package users

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"regexp/syntax"
	"strconv"

	"github.com/egress-io/egress/internal/export"
)

// Constraints are what values must meet that the API writes to a field. The zero value allows every
// value of the field's type. Imports and stored values are not checked.
type Constraints struct {
	// Required refuses a new user without the attribute, and its removal.
	Required bool `bson:"required,omitempty"`
	// Expression is a regular expression in RE2 syntax that a value must contain a match of; "" for
	// none.
	Expression string `bson:"expression,omitempty"`
	// Start and End are the smallest and the largest number, and Step the distance of valid numbers,
	// counted from Start or else from 0. They are decimals, "" for none.
	Start string `bson:"start,omitempty"`
	End   string `bson:"end,omitempty"`
	Step  string `bson:"step,omitempty"`
}

// IsZero reports whether there are no constraints. BSON documents then omit them.
func (c Constraints) IsZero() bool { return c == Constraints{} }

// The limits of expressions. Matching takes time in proportion to the product of the number of
// instructions and the length of the value.
const (
	maxExpressionBytes        = 2048
	maxExpressionInstructions = 1024
	// MaxMatchedBytes is the maximum length of a value in a field with an expression.
	MaxMatchedBytes = 4096
)

// Enforceable returns the constraints that Egress can check for values of type t, and why it cannot
// check each of the others. The notes are sentences that begin with the name of a schema member.
func (c Constraints) Enforceable(t InputType) (_ Constraints, notes []string) {
	if c.Expression != "" {
		if _, err := compileExpression(c.Expression); err != nil {
			notes = append(notes, fmt.Sprintf("validation-expression is kept but not enforced: %s.", err))
			c.Expression = ""
		}
	}
	if KindOf(t) != NumberKind {
		c.Start, c.End, c.Step = "", "", ""
		return c, notes
	}
	for _, bound := range []struct {
		name string
		text *string
	}{{"range-start", &c.Start}, {"range-end", &c.End}, {"range-step", &c.Step}} {
		if *bound.text == "" {
			continue
		}
		n, err := ParseNumber(*bound.text)
		if err != nil {
			notes = append(notes, bound.name+" is kept but not enforced: a number cannot store it exactly.")
		}
		*bound.text = Format(Number, n) // "" after an error
	}
	if c.Step != "" && rational(c.Step).Sign() <= 0 {
		notes = append(notes, "range-step is kept but not enforced: it is not greater than 0.")
		c.Step = ""
	}
	if c.Start != "" && c.End != "" && rational(c.Start).Cmp(rational(c.End)) >= 0 {
		notes = append(notes, "The range is kept but not enforced: range-end is not greater than range-start.")
		c.Start, c.End, c.Step = "", "", ""
	}
	return c, notes
}

// CheckValue returns why the API refuses to write a value to the field, or nil. sent is the value of
// the request, stored the result of Coerce for it. The error completes a sentence that begins with
// the field's name.
func CheckValue(f Field, sent export.Value, stored any) error {
	c := f.Constraints
	if stored == nil {
		if c.Required {
			return errRequired
		}
		return nil
	}
	if c.Expression != "" {
		if err := c.checkExpression(sent); err != nil {
			return err
		}
	}
	if f.Kind() == NumberKind {
		return c.checkRange(Format(f.Type, stored))
	}
	return nil
}

var errRequired = errors.New("is required by the user schema")

// CheckRequired returns the slug of the first required field that values, the results of Coerce for
// all attributes of a user, lack, and an error about it. Without one, it returns nil.
func (s Schema) CheckRequired(values map[string]any) (slug string, err error) {
	for _, f := range s {
		if f.Constraints.Required && !f.Secret() && values[f.Slug] == nil {
			return f.Slug, errRequired
		}
	}
	return "", nil
}

func (c Constraints) checkExpression(sent export.Value) error {
	expression, err := compileExpression(c.Expression)
	if err != nil {
		return nil //nolint:nilerr // another program stored it; Egress stores only valid ones
	}
	text := sent.Text
	if sent.Kind == export.BoolValue {
		text = strconv.FormatBool(sent.Bool)
	}
	switch {
	case len(text) > MaxMatchedBytes:
		return fmt.Errorf("must have at most %d bytes, because the field has a validation-expression", MaxMatchedBytes)
	case !expression.MatchString(text):
		return fmt.Errorf("does not match the field's validation-expression %s", export.Truncate(c.Expression))
	default:
		return nil
	}
}

// checkRange checks a decimal exactly: 0.3 is a multiple of 0.1.
func (c Constraints) checkRange(decimal string) error {
	n, base := rational(decimal), new(big.Rat)
	if c.Start != "" {
		base = rational(c.Start)
		if n.Cmp(base) < 0 {
			return fmt.Errorf("must be at least %s", c.Start)
		}
	}
	if c.End != "" && n.Cmp(rational(c.End)) > 0 {
		return fmt.Errorf("must be at most %s", c.End)
	}
	step := rational(c.Step)
	if step.Sign() <= 0 {
		return nil
	}
	if steps := new(big.Rat).Sub(n, base); !steps.Quo(steps, step).IsInt() {
		if c.Start == "" {
			return fmt.Errorf("must be a multiple of %s", c.Step)
		}
		return fmt.Errorf("must be %s plus a multiple of %s", c.Start, c.Step)
	}
	return nil
}

// rational returns the exact value of a text that Format wrote for a number, and 0 for other text.
func rational(decimal string) *big.Rat {
	n, ok := new(big.Rat).SetString(decimal)
	if !ok {
		return new(big.Rat)
	}
	return n
}

// compileExpression compiles an expression within the limits.
func compileExpression(expression string) (*regexp.Regexp, error) {
	if len(expression) > maxExpressionBytes {
		return nil, fmt.Errorf("it has more than %d bytes", maxExpressionBytes)
	}
	if err := checkText(expression); err != nil {
		return nil, fmt.Errorf("it %w", err)
	}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		if e, ok := errors.AsType[*syntax.Error](err); ok {
			return nil, fmt.Errorf("RE2 has no such expression (%s: %s)", e.Code, export.Truncate(e.Expr))
		}
		return nil, fmt.Errorf("RE2 has no such expression: %w", err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxExpressionInstructions {
		return nil, errors.New("it repeats too much")
	}
	return regexp.Compile(expression) //nolint:wrapcheck // compiled above
}
