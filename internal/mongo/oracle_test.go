package mongo

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// oracle says whom a rule matches, straight from the product's table of operators and in plain Go. It shares nothing with
// the compiler: dates are compared as text in their own form, numbers as fractions, text by folded copies.
type oracle struct {
	tenant   string
	people   []person
	types    map[string]users.InputType // of every field
	accounts map[string]string          // names by id
}

// person is a stored user, its values by path. A missing path is a missing value.
type person struct {
	id     string
	values map[string]any
}

func (o oracle) matches(p person, r *export.Rule) bool {
	if !r.IsGroup() {
		return o.fits(p, r)
	}
	var conditions, hits int
	for i := range r.Rules {
		if empty(&r.Rules[i]) {
			continue
		}
		conditions++
		if o.matches(p, &r.Rules[i]) {
			hits++
		}
	}
	if r.Combinator == export.Or && conditions > 0 {
		return hits > 0
	}
	return hits == conditions
}

// empty reports whether a group has no condition anywhere in it.
func empty(r *export.Rule) bool {
	return r.IsGroup() && !slices.ContainsFunc(r.Rules, func(m export.Rule) bool { return !empty(&m) })
}

func (o oracle) fits(p person, r *export.Rule) bool {
	switch r.Field {
	case "account.id", "account.name":
		return o.fitsAccounts(p, r)
	}
	stored, there := p.values[r.Field]
	unknown := !there || stored == nil || stored == ""
	switch r.Operator {
	case export.HasAnyValue:
		return !unknown
	case export.IsUnknown:
		return unknown
	case export.Checked:
		return stored == true
	case export.Unchecked:
		return stored != true
	case export.IsNot:
		return !o.is(r.Field, stored, r.Value)
	case export.Is:
		return o.is(r.Field, stored, r.Value)
	case export.Between:
		return o.between(r.Field, stored, r.From, r.To)
	default:
		text, _ := stored.(string)
		return compareText(r.Operator, text, r.Value.Text)
	}
}

func (o oracle) fitsAccounts(p person, r *export.Rule) bool {
	ids, _ := p.values["account_ids"].(bson.A)
	switch r.Operator {
	case export.IsUnknown, export.HasAnyValue:
		some := slices.ContainsFunc(ids, func(id any) bool { return id != nil && id != "" })
		return some == (r.Operator == export.HasAnyValue)
	}
	positive, negative := r.Operator, false
	switch r.Operator {
	case export.IsNot:
		positive, negative = export.Is, true
	case export.DoesNotContain:
		positive, negative = export.Contains, true
	}
	hit := false
	for _, id := range ids {
		text, ok := id.(string)
		if ok && r.Field == "account.name" {
			text, ok = o.accounts[text]
		}
		if ok && (positive == export.Is && text == r.Value.Text || positive != export.Is && compareText(positive, text, r.Value.Text)) {
			hit = true
		}
	}
	return hit != negative
}

func compareText(operator export.Operator, stored, sought string) bool {
	stored, sought = folded(stored), folded(sought)
	switch operator {
	case export.Contains:
		return strings.Contains(stored, sought)
	case export.DoesNotContain:
		return !strings.Contains(stored, sought)
	case export.StartsWith:
		return strings.HasPrefix(stored, sought)
	case export.EndsWith:
		return strings.HasSuffix(stored, sought)
	default:
		panic("no operator on text: " + operator)
	}
}

// folded replaces every character by the first of those that are it but for their case.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		first := r
		for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
			first = min(first, c)
		}
		return first
	}, s)
}

func (o oracle) is(field string, stored any, v export.Value) bool {
	switch users.KindOf(o.types[field]) {
	case users.NumberKind:
		n, ok := fraction(stored)
		return ok && n.Cmp(wanted(v)) == 0
	case users.DateKind:
		return o.between(field, stored, v, v)
	default:
		return stored == v.Text
	}
}

func (o oracle) between(field string, stored any, from, to export.Value) bool {
	if users.KindOf(o.types[field]) == users.NumberKind {
		n, ok := fraction(stored)
		return ok && (from.Kind == export.NoValue || n.Cmp(wanted(from)) >= 0) &&
			(to.Kind == export.NoValue || n.Cmp(wanted(to)) <= 0)
	}
	t, ok := stored.(time.Time)
	return ok && (from.Kind == export.NoValue || compareDate(t, from.Text) >= 0) &&
		(to.Kind == export.NoValue || compareDate(t, to.Text) <= 0)
}

// compareDate compares a stored time with a date in a rule as exactly as the date is written. All forms but the whole
// RFC 3339 time compare as text.
func compareDate(stored time.Time, s string) int {
	if exact, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return stored.Compare(exact)
	}
	form := time.DateOnly
	switch {
	case strings.Contains(s, "W"):
		year, week := stored.ISOWeek()
		return strings.Compare(fmt.Sprintf("%04d-W%02d", year, week), s)
	case len(s) == len("2006-01"):
		form = "2006-01"
	case len(s) == len("15:04"):
		form, s = "2006-01-02 15:04", "1970-01-01 "+s
	case len(s) == len("15:04:05"):
		form, s = time.DateTime, "1970-01-01 "+s
	case len(s) == len("2006-01-02T15:04"):
		form = "2006-01-02T15:04"
	}
	return strings.Compare(stored.Format(form), s)
}

func fraction(stored any) (*big.Rat, bool) {
	switch n := stored.(type) {
	case int32:
		return new(big.Rat).SetInt64(int64(n)), true
	case int64:
		return new(big.Rat).SetInt64(n), true
	case float64:
		return new(big.Rat).SetFloat64(n), true
	default:
		return nil, false
	}
}

func wanted(v export.Value) *big.Rat {
	n, ok := new(big.Rat).SetString(v.Text)
	if !ok {
		panic("no number: " + v.Text)
	}
	// What is no int64 is kept as the double next to it, in the database and in a rule.
	if !n.IsInt() || !n.Num().IsInt64() {
		f, _ := n.Float64()
		return new(big.Rat).SetFloat64(f)
	}
	return n
}
