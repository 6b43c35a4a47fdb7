// Package filter compiles rules to a condition that belongs to no database, evaluates conditions on
// raw documents, and describes rules in English.
//
// Semantics:
//
//   - A value is unknown when it is missing, null or "". The negative operators (is_not,
//     does_not_contain, unchecked) match users whose value is unknown: each is the exact complement
//     of its positive operator.
//   - is compares by type: the text "5" does not equal the number 5.
//   - Every operator on text compares after users.Fold: composed and decomposed letters are equal,
//     and case is ignored by Unicode's simple case folding. So k, K and the Kelvin sign are equal,
//     as are s, S and ſ, ß and ẞ, σ, ς and Σ. A letter that folds to several letters, or whose
//     folding depends on the language, does not match: ß is not ss, İ and ı are not i. A letter
//     with a mark is one character: Zoë contains ë and not e.
//   - A date stands for a range: a bare date for that whole UTC day; a week, a month, a minute or a
//     second for all of it; an RFC 3339 time for its one millisecond. is matches times within the
//     range. between matches from the start of the first range to the end of the last, both
//     inclusive.
//   - A rule on accounts matches users with at least one matching account; its negative matches
//     users with none.
//   - A group without rules has no condition.
//
// Conditions hold values and paths of known fields, never operators or patterns of a request. An
// adapter translates them, or evaluates them with Matches. Egress folds text itself, here and when it
// writes users, because the case tables of databases differ and few databases normalize.
package filter

import (
	"context"
	"fmt"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// MaxAccounts is the maximum number of accounts that a rule on the account name may match.
const MaxAccounts = 1000

// MaxTextLength is the maximum length of the text in a rule, in characters.
const MaxTextLength = 1000

// AccountFinder looks up accounts of one tenant.
type AccountFinder interface {
	// AccountIDs returns the ids of the accounts that match a condition on accounts, at most limit.
	AccountIDs(ctx context.Context, match Condition, limit int) ([]string, error)
}

// Compile compiles a rule to a condition on users. A nil rule, or one without conditions, compiles
// to nil, which matches every user. Path is the position of the rule in the request.
//
// An invalid rule is an *errs.Error whose Field is the path of the fault
// ("users.filter.rules[1].value"): errs.CodeInvalidRequest, or errs.CodeFilterTooBroad when a rule matches more than
// MaxAccounts accounts. Compile returns errors of the AccountFinder unchanged.
func Compile(ctx context.Context, rule *export.Rule, path string, schema users.Schema, accounts AccountFinder) (Condition, error) {
	if rule == nil {
		return nil, nil
	}
	return compiler{schema, accounts}.compileRule(ctx, rule, path)
}

type compiler struct {
	schema   users.Schema
	accounts AccountFinder
}

// compileRule returns nil for a rule without conditions.
func (c compiler) compileRule(ctx context.Context, r *export.Rule, path string) (Condition, error) {
	if !r.IsGroup() {
		return c.compileCondition(ctx, r, path)
	}
	if r.Combinator != export.And && r.Combinator != export.Or {
		return nil, errs.Invalid(path+".combinator", "must be and, or")
	}
	var members []Condition
	for i := range r.Rules {
		member, err := c.compileRule(ctx, &r.Rules[i], fmt.Sprintf("%s.rules[%d]", path, i))
		if err != nil {
			return nil, err
		}
		if member != nil {
			members = append(members, member)
		}
	}
	if r.Combinator == export.Or {
		return AnyOf(members...), nil
	}
	return AllOf(members...), nil
}
