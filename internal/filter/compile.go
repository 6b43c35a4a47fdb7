package filter

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func (c compiler) compileCondition(ctx context.Context, r *export.Rule, path string) (Condition, error) {
	f, ok := findField(r.Field, c.schema)
	if !ok {
		return nil, errs.Invalid(path+".field", "There is no field of this name to filter by.")
	}
	if operators := f.Operators(); !slices.Contains(operators, r.Operator) {
		return nil, errs.Invalid(path+".operator", "%s takes %s", f.Label, operatorNames(operators))
	}
	operator, negated := positiveOf(r.Operator)
	condition, err := c.compilePositive(ctx, f, operator, r, path)
	if err != nil {
		return nil, err
	}
	if negated {
		condition = Not{condition}
	}
	return condition, nil
}

// positiveOf returns the operator whose complement o is, and true; or o and false if o is positive.
func positiveOf(o export.Operator) (positive export.Operator, negated bool) {
	switch o {
	case export.IsNot:
		return export.Is, true
	case export.DoesNotContain:
		return export.Contains, true
	case export.Unchecked:
		return export.Checked, true
	case export.IsUnknown:
		return export.HasAnyValue, true
	default:
		return o, false
	}
}

func (c compiler) compilePositive(ctx context.Context, f Field, o export.Operator, r *export.Rule, path string) (Condition, error) {
	switch {
	case o == export.HasAnyValue:
		return hasValue(f), nil
	case o == export.Checked:
		return Equal{f.Name, true}, nil
	case o == export.Between:
		return between(f, r, path)
	}
	switch users.KindOf(f.Type) {
	case users.NumberKind:
		n, err := numberValue(f, r.Value, path+".value")
		if err != nil {
			return nil, err
		}
		return Equal{f.Name, n}, nil
	case users.DateKind:
		s, err := dateRangeValue(f, r.Value, path+".value")
		if err != nil {
			return nil, err
		}
		return Times{f.Name, &s.start, &s.end}, nil
	default:
		text, err := textValue(f, r.Value, path+".value")
		if err != nil {
			return nil, err
		}
		return c.compileText(ctx, f, o, text, path)
	}
}

// hasValue matches users whose value is neither missing nor null nor "". An element of account_ids
// counts only if it is a string.
func hasValue(f Field) Condition {
	if f.Name == AccountName || f.Name == AccountID {
		return KnownText{accountIDs}
	}
	return Known{f.Name}
}

func (c compiler) compileText(ctx context.Context, f Field, o export.Operator, text, path string) (Condition, error) {
	switch f.Name {
	case AccountName:
		return c.compileAccounts(ctx, NewText("name", o, text), path)
	case AccountID:
		return NewText(accountIDs, o, text), nil
	case UserID:
		return Equal{"_id", text}, nil // not folded: an id has exactly one spelling
	default:
		return NewText(f.Name, o, text), nil
	}
}

// compileAccounts matches users with at least one of the accounts that match.
func (c compiler) compileAccounts(ctx context.Context, match Condition, path string) (Condition, error) {
	ids, err := c.accounts.AccountIDs(ctx, match, MaxAccounts+1)
	if err != nil {
		return nil, err
	}
	if len(ids) > MaxAccounts {
		e := errs.Errorf(errs.CodeFilterTooBroad, "more than %d accounts match: narrow the account rule", MaxAccounts)
		e.Field = path + ".value"
		return nil, e
	}
	return OneOf{accountIDs, ids}, nil
}

func between(f Field, r *export.Rule, path string) (Condition, error) {
	if r.From.Kind == export.NoValue && r.To.Kind == export.NoValue {
		return nil, errs.Invalid(path+".from", "is missing: between needs from, to or both")
	}
	if users.KindOf(f.Type) == users.NumberKind {
		return betweenNumbers(f, r, path)
	}
	return betweenDates(f, r, path)
}

func betweenNumbers(f Field, r *export.Rule, path string) (Condition, error) {
	c := Numbers{Path: f.Name}
	var err error
	if r.From.Kind != export.NoValue {
		if c.From, err = numberValue(f, r.From, path+".from"); err != nil {
			return nil, err
		}
	}
	if r.To.Kind != export.NoValue {
		if c.To, err = numberValue(f, r.To, path+".to"); err != nil {
			return nil, err
		}
	}
	if c.From != nil && c.To != nil && compareNumbers(c.To, c.From) < 0 {
		return nil, errs.Invalid(path+".to", "is less than from")
	}
	return c, nil
}

func betweenDates(f Field, r *export.Rule, path string) (Condition, error) {
	c := Times{Path: f.Name}
	var from, to dateRange
	var err error
	if r.From.Kind != export.NoValue {
		if from, err = dateRangeValue(f, r.From, path+".from"); err != nil {
			return nil, err
		}
		c.From = &from.start
	}
	if r.To.Kind != export.NoValue {
		if to, err = dateRangeValue(f, r.To, path+".to"); err != nil {
			return nil, err
		}
		c.Before = &to.end
	}
	if c.From != nil && c.Before != nil && to.start.Before(from.start) && !to.end.After(from.start) {
		return nil, errs.Invalid(path+".to", "is earlier than from")
	}
	return c, nil
}

// numberValue reads the value of a rule on a number field: int64 or float64.
func numberValue(f Field, v export.Value, path string) (any, error) {
	if v.Kind != export.NumberValue && v.Kind != export.StringValue {
		return nil, errs.Invalid(path, "%s is a number; the value must be a number", f.Label)
	}
	n, err := users.ParseNumber(v.Text)
	if err != nil {
		return nil, errs.Invalid(path, "%s is a number; the value %s", f.Label, err)
	}
	return n, nil
}

// textValue reads the value of a rule on a text field.
func textValue(f Field, v export.Value, path string) (string, error) {
	switch {
	case v.Kind != export.StringValue:
		return "", errs.Invalid(path, "%s is text; the value must be a string", f.Label)
	case v.Text == "":
		return "", errs.Invalid(path, "is empty; is_unknown finds users without a value")
	case !utf8.ValidString(v.Text):
		return "", errs.Invalid(path, "is not valid UTF-8")
	case utf8.RuneCountInString(users.Fold(v.Text)) > MaxTextLength:
		return "", errs.Invalid(path, "must have at most %d characters", MaxTextLength)
	default:
		return v.Text, nil
	}
}

func operatorNames(operators []export.Operator) string {
	s := make([]string, len(operators))
	for i, o := range operators {
		s[i] = string(o)
	}
	return strings.Join(s, ", ")
}
