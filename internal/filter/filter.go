// Package filter turns rules into a condition of the database, and into words.
//
// Meaning:
//
//   - A value is unknown when it is missing, null or "". Negatives (is_not, does_not_contain, unchecked) keep unknown
//     values: each is exactly the complement of its positive.
//   - is compares exactly and by type: text "5" is not the number 5, and case counts.
//   - contains, starts_with and ends_with ignore case by Unicode's simple case folding: k, K and the Kelvin sign are alike,
//     as are s, S and ſ, ß and ẞ, σ, ς and Σ. What folds to more than one letter or depends on a language does not: ß is not ss,
//     İ and ı are not i. Text is not normalised: é as one character differs from e with an accent.
//   - Dates are spans: a bare date is that whole UTC day, a week, a month, a minute or a second the whole of it, and
//     an RFC 3339 time its one millisecond. is means within the span; between runs from the first instant of one span to the
//     last of the other, both included.
//   - A rule on accounts asks whether any of the user's accounts fits; its negative, whether none does.
//   - A group without rules is no condition.
//
// Nothing of a request becomes a pattern or an operator: values are compared as values, or escaped character by
// character, and paths are those of known fields. Only forms on which MongoDB and the embedded engine agree are used; case
// is folded here and not by an engine, since their tables differ.
package filter

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// MaxAccounts is how many accounts a rule on the account's name may match.
const MaxAccounts = 1000

// MaxPattern is how many characters a text may have that is looked for inside values.
const MaxPattern = 1000

// AccountFinder looks accounts up in the tenant that a filter is for.
type AccountFinder interface {
	// AccountIDs returns the ids of the accounts that match a condition on accounts, at most limit of them.
	AccountIDs(ctx context.Context, match bson.D, limit int) ([]string, error)
}

// Compile turns a rule into a condition on users; one without conditions, or nil, matches everyone. Path is where the rule
// stands in the request. What is wrong with a rule is an *export.Error whose Field names it
// ("users.filter.rules[1].value"): CodeInvalid, or CodeTooNarrow where more than MaxAccounts accounts match. Other errors
// are the finder's.
func Compile(ctx context.Context, rule *export.Rule, path string, schema users.Schema, accounts AccountFinder) (bson.D, error) {
	if rule == nil {
		return bson.D{}, nil
	}
	d, err := compiler{schema, accounts}.rule(ctx, rule, path)
	if err != nil {
		return nil, err
	}
	return all(d), nil
}

type compiler struct {
	schema   users.Schema
	accounts AccountFinder
}

// rule returns nil where there is no condition.
func (c compiler) rule(ctx context.Context, r *export.Rule, path string) (bson.D, error) {
	if !r.IsGroup() {
		return c.condition(ctx, r, path)
	}
	if r.Combinator != export.And && r.Combinator != export.Or {
		return nil, export.Invalid(path+".combinator", "must be and, or")
	}
	var members []bson.D
	for i := range r.Rules {
		d, err := c.rule(ctx, &r.Rules[i], fmt.Sprintf("%s.rules[%d]", path, i))
		if err != nil {
			return nil, err
		}
		if d != nil {
			members = append(members, d)
		}
	}
	return join("$"+string(r.Combinator), members), nil
}

// all joins conditions by and; no conditions match everyone. Nil ones are left out.
func all(conditions ...bson.D) bson.D {
	var some []bson.D
	for _, d := range conditions {
		if len(d) > 0 {
			some = append(some, d)
		}
	}
	if d := join("$and", some); d != nil {
		return d
	}
	return bson.D{}
}

// anyOf joins conditions by or. There is at least one.
func anyOf(conditions ...bson.D) bson.D { return join("$or", conditions) }

// none is what matches no one of the conditions: the exact complement, on values of any type, missing ones included.
func none(conditions ...bson.D) bson.D { return bson.D{{Key: "$nor", Value: array(conditions)}} }

func join(operator string, conditions []bson.D) bson.D {
	switch len(conditions) {
	case 0:
		return nil
	case 1:
		return conditions[0]
	default:
		return bson.D{{Key: operator, Value: array(conditions)}}
	}
}

func array(conditions []bson.D) bson.A {
	a := make(bson.A, len(conditions))
	for i, d := range conditions {
		a[i] = d
	}
	return a
}
