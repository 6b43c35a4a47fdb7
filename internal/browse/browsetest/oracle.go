package browsetest

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/text/unicode/norm"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// oracle decides which users a rule matches, in plain Go, from the table of operators in the
// specification. It shares no code with the compiler: it compares dates as text in their own form,
// numbers as fractions, and text by its own folding.
type oracle struct {
	people   []testUser
	types    map[string]users.InputType // by field
	accounts map[string]string          // names by id
	products map[string]string          // labels by id
}

// testUser is a stored user: values by path. A missing path is a missing value.
type testUser struct {
	id     string
	values map[string]any
}

func (o oracle) matches(p testUser, r *export.Rule) bool {
	if !r.IsGroup() {
		return o.matchesCondition(p, r)
	}
	if r.Quantifier != "" {
		return o.matchesGrants(p, r)
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

// empty reports whether a group contains no condition at any depth. A group on grants is a condition.
func empty(r *export.Rule) bool {
	return r.IsGroup() && r.Quantifier == "" && !slices.ContainsFunc(r.Rules, func(m export.Rule) bool { return !empty(&m) })
}

func (o oracle) matchesCondition(p testUser, r *export.Rule) bool {
	switch r.Field {
	case "account.id", "account.name":
		return o.matchesAccounts(p, r)
	case filter.GrantAccount:
		return o.matchesTitle(p, r, o.accounts)
	case filter.GrantProduct:
		return o.matchesTitle(p, r, o.products)
	}
	stored, exists := p.values[r.Field]
	unknown := !exists || stored == nil || stored == ""
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
		return !o.equals(r.Field, stored, r.Value)
	case export.Is:
		return o.equals(r.Field, stored, r.Value)
	case export.IsOneOf:
		return o.equalsAny(r.Field, stored, r.Values)
	case export.IsNoneOf:
		return !o.equalsAny(r.Field, stored, r.Values)
	case export.Before:
		t, ok := stored.(time.Time)
		return ok && compareDate(t, r.Value.Text) < 0
	case export.After:
		t, ok := stored.(time.Time)
		return ok && compareDate(t, r.Value.Text) > 0
	case export.Between:
		return o.between(r.Field, stored, r.From, r.To)
	default:
		text, _ := stored.(string)
		return compareText(r.Operator, text, r.Value.Text)
	}
}

func (o oracle) matchesAccounts(p testUser, r *export.Rule) bool {
	ids, _ := p.values["account_ids"].(bson.A)
	switch r.Operator {
	case export.IsUnknown, export.HasAnyValue:
		hasAny := slices.ContainsFunc(ids, func(id any) bool { return id != nil && id != "" })
		return hasAny == (r.Operator == export.HasAnyValue)
	}
	positive, negative, sought := positiveForm(r)
	hit := false
	for _, id := range ids {
		text, ok := id.(string)
		if ok && r.Field == "account.name" {
			text, ok = o.accounts[text]
		}
		if ok && slices.ContainsFunc(sought, func(v export.Value) bool { return compareText(positive, text, v.Text) }) {
			hit = true
		}
	}
	return hit != negative
}

// positiveForm returns the operator on text that a rule affirms or denies, and the texts that it names.
func positiveForm(r *export.Rule) (positive export.Operator, negative bool, sought []export.Value) {
	sought = []export.Value{r.Value}
	switch r.Operator {
	case export.IsNot:
		return export.Is, true, sought
	case export.IsOneOf, export.IsNoneOf:
		return export.Is, r.Operator == export.IsNoneOf, r.Values
	case export.DoesNotContain:
		return export.Contains, true, sought
	default:
		return r.Operator, false, sought
	}
}

func compareText(operator export.Operator, stored, sought string) bool {
	stored, sought = oracleFold(stored), oracleFold(sought)
	switch operator {
	case export.Is:
		return stored == sought
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

// oracleFold composes a text, replaces each character by the first lower-case letter of its case
// variants, and composes the result.
func oracleFold(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		cases := []rune{r}
		for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
			cases = append(cases, c)
		}
		slices.Sort(cases)
		if i := slices.IndexFunc(cases, unicode.IsLower); i >= 0 {
			return cases[i]
		}
		return cases[0]
	}, norm.NFC.String(s)))
}

func (o oracle) equalsAny(field string, stored any, values []export.Value) bool {
	return slices.ContainsFunc(values, func(v export.Value) bool { return o.equals(field, stored, v) })
}

func (o oracle) equals(field string, stored any, v export.Value) bool {
	switch users.KindOf(o.types[field]) {
	case users.NumberKind:
		n, ok := storedNumber(stored)
		return ok && n.Cmp(ruleNumber(v)) == 0
	case users.DateKind:
		return o.between(field, stored, v, v)
	default:
		text, ok := stored.(string)
		if exactFields[field] {
			return ok && text == v.Text
		}
		return ok && oracleFold(text) == oracleFold(v.Text)
	}
}

func (o oracle) between(field string, stored any, from, to export.Value) bool {
	if users.KindOf(o.types[field]) == users.NumberKind {
		n, ok := storedNumber(stored)
		return ok && (from.Kind == export.NoValue || n.Cmp(ruleNumber(from)) >= 0) &&
			(to.Kind == export.NoValue || n.Cmp(ruleNumber(to)) <= 0)
	}
	t, ok := stored.(time.Time)
	return ok && (from.Kind == export.NoValue || compareDate(t, from.Text) >= 0) &&
		(to.Kind == export.NoValue || compareDate(t, to.Text) <= 0)
}

// compareDate compares a stored time with a date in a rule, with the precision of the date. All
// forms but an RFC 3339 time compare as text.
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

func storedNumber(stored any) (*big.Rat, bool) {
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

func ruleNumber(v export.Value) *big.Rat {
	n, ok := new(big.Rat).SetString(v.Text)
	if !ok {
		panic("no number: " + v.Text)
	}
	// Numbers that are no int64 are stored and compiled as the nearest double.
	if !n.IsInt() || !n.Num().IsInt64() {
		f, _ := n.Float64()
		return new(big.Rat).SetFloat64(f)
	}
	return n
}
