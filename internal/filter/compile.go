package filter

import (
	"context"
	"fmt"
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
	switch {
	case f.ofGrant() && !c.grants:
		return nil, errs.Invalid(path+".field", "%s is a field of subscriptions: put the rule in a group with a quantifier (any, none, all).", f.Name)
	case !f.ofGrant() && c.grants:
		return nil, errs.Invalid(path+".field", "%s is not a field of subscriptions. Rules on users belong outside of the group with a quantifier.", f.Label)
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
	case export.IsNoneOf:
		return export.IsOneOf, true
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
		return Equal{f.path(), true}, nil
	case o == export.Between:
		return between(f, r, path)
	}
	values, paths := valuesOf(r, o, path)
	if len(values) == 0 || len(values) > export.MaxValues {
		return nil, errs.Invalid(path+".values", "must have 1 to %d values", export.MaxValues)
	}
	switch users.KindOf(f.Type) {
	case users.NumberKind:
		return eachOf(values, paths, func(v export.Value, path string) (Condition, error) {
			n, err := numberValue(f, v, path)
			return Equal{f.path(), n}, err
		})
	case users.DateKind:
		return eachOf(values, paths, func(v export.Value, path string) (Condition, error) {
			s, err := dateRangeValue(f, v, path)
			return timesOf(f, o, s), err
		})
	default:
		texts := make([]string, len(values))
		for i, v := range values {
			var err error
			if texts[i], err = textValue(f, v, paths[i]); err != nil {
				return nil, err
			}
		}
		return c.compileTexts(ctx, f, o, texts, path)
	}
}

// valuesOf returns the value of a rule, or those of its list, with their paths.
func valuesOf(r *export.Rule, o export.Operator, path string) (values []export.Value, paths []string) {
	if !o.TakesList() {
		return []export.Value{r.Value}, []string{path + ".value"}
	}
	for i := range r.Values {
		paths = append(paths, fmt.Sprintf("%s.values[%d]", path, i))
	}
	return r.Values, paths
}

// eachOf joins the conditions of values by Or.
func eachOf(values []export.Value, paths []string, compile func(v export.Value, path string) (Condition, error)) (Condition, error) {
	list := make([]Condition, len(values))
	for i, v := range values {
		var err error
		if list[i], err = compile(v, paths[i]); err != nil {
			return nil, err
		}
	}
	return AnyOf(list...), nil
}

// timesOf matches times before, after or within a range.
func timesOf(f Field, o export.Operator, r dateRange) Condition {
	switch o {
	case export.Before:
		return Times{Path: f.path(), Before: &r.start}
	case export.After:
		return Times{Path: f.path(), From: &r.end}
	default:
		return Times{f.path(), &r.start, &r.end}
	}
}

// hasValue matches users whose value is neither missing nor null nor "". An element of account_ids
// counts only if it is a string.
func hasValue(f Field) Condition {
	if f.Name == AccountName || f.Name == AccountID {
		return KnownText{accountIDs}
	}
	return Known{f.path()}
}

// compileTexts matches values that compare with at least one of the texts.
func (c compiler) compileTexts(ctx context.Context, f Field, o export.Operator, texts []string, path string) (Condition, error) {
	one := o
	if o == export.IsOneOf {
		one = export.Is
	}
	anyText := func(at string) Condition {
		list := make([]Condition, len(texts))
		for i, text := range texts {
			list[i] = NewText(at, one, text)
		}
		return AnyOf(list...)
	}
	switch {
	case f.Name == AccountName || f.Name == GrantAccount:
		return c.compileTitles(ctx, f, anyText("name"), path, "accounts", MaxAccounts, c.catalog.AccountIDs)
	case f.Name == GrantProduct:
		return c.compileTitles(ctx, f, anyText("label"), path, "products", MaxProducts, c.catalog.ProductIDs)
	case f.isID() && len(texts) == 1:
		return Equal{f.path(), texts[0]}, nil
	case f.isID():
		return OneOf{f.path(), texts}, nil
	default:
		return anyText(f.path()), nil
	}
}

// finder returns the ids of items of a catalog that match a condition on their documents.
type finder func(ctx context.Context, match Condition, limit int) ([]string, error)

// compileTitles matches values that are the id of one of the accounts or products that match.
func (c compiler) compileTitles(ctx context.Context, f Field, match Condition, path, items string, limit int, find finder) (Condition, error) {
	ids, err := find(ctx, match, limit+1)
	if err != nil {
		return nil, err
	}
	if len(ids) > limit {
		e := errs.Errorf(errs.CodeFilterTooBroad, "more than %d %s match: narrow the rule on %s", limit, items, f.Label)
		e.Field = path + ".value"
		return nil, e
	}
	return OneOf{f.path(), ids}, nil
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
	c := Numbers{Path: f.path()}
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
	c := Times{Path: f.path()}
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
