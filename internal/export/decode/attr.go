package decode

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// attrOperators maps the operations of the parameter "attr" to operators, except those for between.
var attrOperators = map[string]export.Operator{
	"equals": export.Is, "notEquals": export.IsNot, "contains": export.Contains, "notContains": export.DoesNotContain,
	"startsWith": export.StartsWith, "endsWith": export.EndsWith, "hasAnyValue": export.HasAnyValue, "isUnknown": export.IsUnknown,
	"checked": export.Checked, "unchecked": export.Unchecked, "isOneOf": export.IsOneOf, "isNoneOf": export.IsNoneOf,
	"before": export.Before, "after": export.After,
}

// attrQuantifiers are the quantifiers by the beginning of a group of conditions on grants.
var attrQuantifiers = map[string]export.Quantifier{
	"grants.any(": export.AnyGrant, "grants.none(": export.NoGrant, "grants.all(": export.AllGrants,
}

// Attr parses the filter in the parameter "attr" of Zephr's user export: a list of conditions,
// separated by commas, that users must all meet. Each has the form
//
//	slug.operation[.value[.value2]]
//	grants.any(slug.operation[.value],…)
//
// The second form, with any, none or all, is on grants: its slugs are names of fields of grants
// (grant.end), and one grant must meet all conditions within the parentheses at once.
//
// Attr splits conditions at the first two dots, and the values of between, isOneOf and isNoneOf at
// dots. Each part may be percent-encoded; a comma must be (%2C), and so must a dot in one of several
// values (%2E) and a closing parenthesis within parentheses (%29). "" means no filter. An error is an
// errs.CodeInvalidRequest for the field "attr".
func Attr(text string) (*export.Rule, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	conditions := strings.Split(text, ",")
	if len(conditions) > export.MaxRules {
		return nil, errs.Invalid("attr", "has more than %d conditions", export.MaxRules)
	}
	p := attrParser{group: export.Rule{Combinator: export.And, Rules: make([]export.Rule, 0, len(conditions))}}
	for i, condition := range conditions {
		if problem := p.add(strings.TrimSpace(condition)); problem != "" {
			return nil, errs.Invalid("attr", "%s: condition %d %s", export.Truncate(condition), i+1, problem)
		}
	}
	if p.grants != nil {
		return nil, errs.Invalid("attr", "has no closing parenthesis after its last condition on grants")
	}
	return &p.group, nil
}

// attrParser collects the conditions of the parameter "attr".
type attrParser struct {
	group  export.Rule
	grants *export.Rule // the group of conditions on grants whose end has not come
	listed int          // the number of values in lists so far
}

// add parses the next condition, with the beginning and the end of a group of conditions on grants.
func (p *attrParser) add(text string) (problem string) {
	if begin := strings.IndexByte(text, '(') + 1; p.grants == nil && attrQuantifiers[text[:begin]] != "" {
		p.grants = &export.Rule{Quantifier: attrQuantifiers[text[:begin]], Combinator: export.And, Rules: []export.Rule{}}
		if text = text[begin:]; text == ")" {
			p.closeGrants()
			return ""
		}
	}
	if p.grants == nil {
		return p.addTo(&p.group, attributePrefix, text)
	}
	text, after, closed := strings.Cut(text, ")")
	if after != "" {
		return "must end after the closing parenthesis (a parenthesis within a value is %29)"
	}
	if problem = p.addTo(p.grants, grantPrefix, text); problem == "" && closed {
		p.closeGrants()
	}
	return problem
}

func (p *attrParser) addTo(group *export.Rule, prefix, text string) (problem string) {
	rule, problem := parseCondition(prefix, text)
	if p.listed += len(rule.Values); problem == "" && p.listed > export.MaxValues {
		problem = "exceeds the limit of " + strconv.Itoa(export.MaxValues) + " values in the lists of a filter"
	}
	group.Rules = append(group.Rules, rule)
	return problem
}

func (p *attrParser) closeGrants() { p.group.Rules, p.grants = append(p.group.Rules, *p.grants), nil }

func parseCondition(prefix, text string) (r export.Rule, problem string) {
	parts := strings.SplitN(text, ".", 3)
	slug, problem := decodeSegment(parts[0])
	if problem != "" {
		return export.Rule{}, problem
	}
	if slug == "" || len(slug) > maxNameBytes || len(parts) < 2 {
		return export.Rule{}, "must be slug.operation, with a value where the operation takes one"
	}
	r.Field = prefix + slug
	operation, problem := decodeSegment(parts[1])
	if problem != "" {
		return export.Rule{}, problem
	}
	rest := parts[2:]
	switch operation {
	case "between", "from", "to":
		r.Operator = export.Between
		return parseBounds(r, operation, rest)
	}
	operator, known := attrOperators[operation]
	if !known {
		return export.Rule{}, "has the unknown operation " + strconv.Quote(export.Truncate(operation))
	}
	r.Operator = operator
	if operator.TakesList() {
		return parseList(r, rest)
	}
	switch takes := operator.TakesValue(); {
	case takes && (len(rest) == 0 || rest[0] == ""):
		return export.Rule{}, "needs a value"
	case !takes && len(rest) > 0 && rest[0] != "":
		return export.Rule{}, "has a value, but " + operation + " takes no value"
	case !takes:
		return r, ""
	}
	r.Value, problem = attrValue(rest[0])
	return r, problem
}

// parseBounds parses the values of the operations between, from and to.
func parseBounds(r export.Rule, operation string, rest []string) (_ export.Rule, problem string) {
	if len(rest) == 0 || rest[0] == "" {
		return export.Rule{}, "needs a value"
	}
	if operation != "between" {
		bound := &r.From
		if operation == "to" {
			bound = &r.To
		}
		*bound, problem = attrValue(rest[0])
		return r, problem
	}
	values := strings.Split(rest[0], ".")
	if len(values) != 2 || values[0] == "" || values[1] == "" {
		return export.Rule{}, "needs two values: slug.between.a.b (a dot within a value is %2E)"
	}
	if r.From, problem = attrValue(values[0]); problem != "" {
		return export.Rule{}, problem
	}
	r.To, problem = attrValue(values[1])
	return r, problem
}

// parseList parses the values of the operations isOneOf and isNoneOf.
func parseList(r export.Rule, rest []string) (_ export.Rule, problem string) {
	if len(rest) == 0 {
		return export.Rule{}, "needs values: slug.isOneOf.a.b (a dot within a value is %2E)"
	}
	for text := range strings.SplitSeq(rest[0], ".") {
		if text == "" {
			return export.Rule{}, "has an empty value (a dot within a value is %2E)"
		}
		value, problem := attrValue(text)
		if problem != "" {
			return export.Rule{}, problem
		}
		r.Values = append(r.Values, value)
	}
	return r, ""
}

func attrValue(text string) (export.Value, string) {
	text, problem := decodeSegment(text)
	if problem == "" && len(text) > export.MaxValueBytes {
		problem = "has a value of more than " + strconv.Itoa(export.MaxValueBytes) + " bytes"
	}
	return export.String(text), problem
}

// decodeSegment decodes a percent-encoded part of a condition.
func decodeSegment(text string) (_, problem string) {
	decoded, err := url.PathUnescape(text)
	if err != nil {
		return "", "has invalid percent-encoding (write % as %25)"
	}
	if !utf8.ValidString(decoded) {
		return "", "is not valid UTF-8"
	}
	return decoded, ""
}
