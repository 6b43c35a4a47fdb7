package filter

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func (c compiler) condition(ctx context.Context, r *export.Rule, path string) (bson.D, error) {
	f, ok := find(r.Field, c.schema)
	if !ok {
		return nil, export.Invalid(path+".field", "There is no field of this name to filter by.")
	}
	kind := users.KindOf(f.Type)
	if operators := Operators(kind); !slices.Contains(operators, r.Operator) {
		return nil, export.Invalid(path+".operator", "%s takes %s", f.Label, names(operators))
	}
	operator, negated := positiveOf(r.Operator)
	d, err := c.positive(ctx, f, operator, r, path)
	if err != nil {
		return nil, err
	}
	if negated {
		d = none(d)
	}
	return d, nil
}

// positiveOf returns the operator that a negative one is the complement of.
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

func (c compiler) positive(ctx context.Context, f Field, o export.Operator, r *export.Rule, path string) (bson.D, error) {
	switch {
	case o == export.HasAnyValue:
		return known(f), nil
	case o == export.Checked:
		return equal(f.Name, true), nil
	case o == export.Between:
		return between(f, r, path)
	}
	switch users.KindOf(f.Type) {
	case users.NumberKind:
		n, err := number(f, r.Value, path+".value")
		if err != nil {
			return nil, err
		}
		return equal(f.Name, n), nil
	case users.DateKind:
		s, err := spanOf(f, r.Value, path+".value")
		if err != nil {
			return nil, err
		}
		return within(f.Name, bson.E{Key: "$gte", Value: s.start}, bson.E{Key: "$lt", Value: s.end}), nil
	default:
		text, err := textOf(f, o, r.Value, path+".value")
		if err != nil {
			return nil, err
		}
		return c.text(ctx, f, o, text, path)
	}
}

// known matches users whose value is neither missing nor null nor "". In a list of account ids only ids count.
func known(f Field) bson.D {
	if f.Name == AccountName || f.Name == AccountID {
		return within(accountIDs, bson.E{Key: "$gt", Value: ""}) // $gt compares text with text only
	}
	return within(f.Name, bson.E{Key: "$nin", Value: bson.A{nil, ""}})
}

func (c compiler) text(ctx context.Context, f Field, o export.Operator, text, path string) (bson.D, error) {
	switch f.Name {
	case AccountName:
		return c.account(ctx, matchText("name", o, text), path)
	case AccountID:
		return matchText(accountIDs, o, text), nil
	default:
		return matchText(f.Name, o, text), nil
	}
}

// account matches users who have one of the accounts that match.
func (c compiler) account(ctx context.Context, match bson.D, path string) (bson.D, error) {
	ids, err := c.accounts.AccountIDs(ctx, match, MaxAccounts+1)
	if err != nil {
		return nil, err
	}
	if len(ids) > MaxAccounts {
		e := export.Errorf(export.CodeTooNarrow, "more than %d accounts match: narrow the account rule", MaxAccounts)
		e.Field = path + ".value"
		return nil, e
	}
	in := make(bson.A, len(ids))
	for i, id := range ids {
		in[i] = id
	}
	return within(accountIDs, bson.E{Key: "$in", Value: in}), nil
}

func between(f Field, r *export.Rule, path string) (bson.D, error) {
	if r.From.Kind == export.NoValue && r.To.Kind == export.NoValue {
		return nil, export.Invalid(path+".from", "is missing: between needs from, to or both")
	}
	if users.KindOf(f.Type) == users.NumberKind {
		return betweenNumbers(f, r, path)
	}
	return betweenDates(f, r, path)
}

func betweenNumbers(f Field, r *export.Rule, path string) (bson.D, error) {
	var from, to any
	var err error
	var bounds bson.D
	if r.From.Kind != export.NoValue {
		if from, err = number(f, r.From, path+".from"); err != nil {
			return nil, err
		}
		bounds = append(bounds, bson.E{Key: "$gte", Value: from})
	}
	if r.To.Kind != export.NoValue {
		if to, err = number(f, r.To, path+".to"); err != nil {
			return nil, err
		}
		bounds = append(bounds, bson.E{Key: "$lte", Value: to})
	}
	if from != nil && to != nil && compareNumbers(to, from) < 0 {
		return nil, export.Invalid(path+".to", "is less than from")
	}
	return within(f.Name, bounds...), nil
}

func betweenDates(f Field, r *export.Rule, path string) (bson.D, error) {
	var from, to span
	var err error
	var bounds bson.D
	if r.From.Kind != export.NoValue {
		if from, err = spanOf(f, r.From, path+".from"); err != nil {
			return nil, err
		}
		bounds = append(bounds, bson.E{Key: "$gte", Value: from.start})
	}
	if r.To.Kind != export.NoValue {
		if to, err = spanOf(f, r.To, path+".to"); err != nil {
			return nil, err
		}
		bounds = append(bounds, bson.E{Key: "$lt", Value: to.end})
	}
	if len(bounds) == 2 && to.start.Before(from.start) && !to.end.After(from.start) {
		return nil, export.Invalid(path+".to", "is earlier than from")
	}
	return within(f.Name, bounds...), nil
}

// number reads a value that a number field is compared with: int64 or float64.
func number(f Field, v export.Value, path string) (any, error) {
	if v.Kind != export.NumberValue && v.Kind != export.StringValue {
		return nil, export.Invalid(path, "%s is a number; the value is none", f.Label)
	}
	n, err := users.ParseNumber(v.Text)
	if err != nil {
		return nil, export.Invalid(path, "%s is a number; the value %s", f.Label, err)
	}
	return n, nil
}

func compareNumbers(a, b any) int {
	x, wholeA := a.(int64)
	y, wholeB := b.(int64)
	if wholeA && wholeB {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(float(a), float(b))
}

func float(n any) float64 {
	if i, ok := n.(int64); ok {
		return float64(i)
	}
	f, _ := n.(float64)
	return f
}

// textOf reads a value that text is compared with.
func textOf(f Field, o export.Operator, v export.Value, path string) (string, error) {
	switch {
	case v.Kind != export.StringValue:
		return "", export.Invalid(path, "%s is text; the value must be a string", f.Label)
	case v.Text == "":
		return "", export.Invalid(path, "is empty; is_unknown finds users without a value")
	case !utf8.ValidString(v.Text):
		return "", export.Invalid(path, "is not valid UTF-8")
	case o != export.Is && utf8.RuneCountInString(v.Text) > MaxPattern:
		return "", export.Invalid(path, "is longer than %d characters", MaxPattern)
	default:
		return v.Text, nil
	}
}

func equal(path string, value any) bson.D {
	return within(path, bson.E{Key: "$eq", Value: value})
}

func within(path string, bounds ...bson.E) bson.D {
	return bson.D{{Key: path, Value: bson.D(bounds)}}
}

func names(operators []export.Operator) string {
	s := make([]string, len(operators))
	for i, o := range operators {
		s[i] = string(o)
	}
	return strings.Join(s, ", ")
}
