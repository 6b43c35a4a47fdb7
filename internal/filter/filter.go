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
//   - before matches times before the first of the range, after those that follow its end.
//   - is_one_of is any of several equalities, is_none_of its complement.
//   - A rule on accounts matches users with at least one matching account; its negative matches
//     users with none.
//   - A group without rules has no condition.
//   - A group with a quantifier is on the grants of a user. Its rules are compared with one grant at a
//     time: any matches users with at least one grant that meets the whole group, none the other
//     users, and all users who have grants, each of which meets it. So users without grants match
//     none only. A group without rules is met by every grant.
//   - The state of a grant is compared as it is stored, and as exports write it.
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

// MaxProducts is the maximum number of products that a rule on the label of a product may match.
const MaxProducts = 1000

// Catalog looks up accounts and products of one tenant.
type Catalog interface {
	// AccountIDs returns the ids of the accounts that match a condition on accounts, at most limit.
	AccountIDs(ctx context.Context, match Condition, limit int) ([]string, error)
	// ProductIDs returns the ids of the products that match a condition on products, at most limit.
	ProductIDs(ctx context.Context, match Condition, limit int) ([]string, error)
}

// Compile compiles a rule to a condition on users. A nil rule, or one without conditions, compiles
// to nil, which matches every user. Path is the position of the rule in the request.
//
// An invalid rule is an *errs.Error whose Field is the path of the fault
// ("users.filter.rules[1].value"): errs.CodeInvalidRequest, or errs.CodeFilterTooBroad when a rule matches more than
// MaxAccounts accounts or MaxProducts products. Compile returns errors of the Catalog unchanged. Relative
// dates are invalid: Resolve replaces them first.
func Compile(ctx context.Context, rule *export.Rule, path string, schema users.Schema, catalog Catalog) (Condition, error) {
	if rule == nil {
		return nil, nil
	}
	return compiler{schema: schema, catalog: catalog}.compileRule(ctx, rule, path)
}

type compiler struct {
	schema  users.Schema
	catalog Catalog
	grants  bool // whether the rules are on one grant
}

// compileRule returns nil for a rule without conditions.
func (c compiler) compileRule(ctx context.Context, r *export.Rule, path string) (Condition, error) {
	if !r.IsGroup() {
		return c.compileCondition(ctx, r, path)
	}
	if r.Combinator != export.And && r.Combinator != export.Or {
		return nil, errs.Invalid(path+".combinator", "must be and, or")
	}
	if r.Quantifier == "" {
		return c.compileMembers(ctx, r, path)
	}
	if c.grants {
		return nil, errs.Invalid(path+".quantifier", "A group on subscriptions cannot contain another one.")
	}
	c.grants = true
	members, err := c.compileMembers(ctx, r, path)
	if err != nil {
		return nil, err
	}
	return quantify(r.Quantifier, members, path)
}

// quantify returns the condition that as many grants of a user meet a condition as the quantifier says.
func quantify(q export.Quantifier, c Condition, path string) (Condition, error) {
	switch q {
	case export.AnyGrant:
		return Element{grantsPath, c}, nil
	case export.NoGrant:
		return Not{Element{grantsPath, c}}, nil
	case export.AllGrants:
		hasGrant := Element{grantsPath, nil}
		if c == nil {
			return hasGrant, nil
		}
		return And{hasGrant, Not{Element{grantsPath, Not{c}}}}, nil
	default:
		return nil, errs.Invalid(path+".quantifier", "must be any, none, all")
	}
}

// compileMembers compiles the rules of a group.
func (c compiler) compileMembers(ctx context.Context, r *export.Rule, path string) (Condition, error) {
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
