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
	"github.com/egress-io/egress/internal/users"
)

// oracle decides which users a rule matches, in plain Go, from the table of operators in the
// specification. It shares no code with the compiler: it compares dates as text in their own form,
// numbers as fractions, and text by its own folding.
type oracle struct {
	people   []testUser
	types    map[string]users.InputType // by field
	accounts map[string]string          // names by id
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

// empty reports whether a group contains no condition at any depth.
func empty(r *export.Rule) bool {
	return r.IsGroup() && !slices.ContainsFunc(r.Rules, func(m export.Rule) bool { return !empty(&m) })
}

func (o oracle) matchesCondition(p testUser, r *export.Rule) bool {
	switch r.Field {
	case "account.id", "account.name":
		return o.matchesAccounts(p, r)
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
		if ok && compareText(positive, text, r.Value.Text) {
			hit = true
		}
	}
	return hit != negative
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

func (o oracle) equals(field string, stored any, v export.Value) bool {
	switch users.KindOf(o.types[field]) {
	case users.NumberKind:
		n, ok := storedNumber(stored)
		return ok && n.Cmp(ruleNumber(v)) == 0
	case users.DateKind:
		return o.between(field, stored, v, v)
	default:
		text, ok := stored.(string)
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
