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
	"checked": export.Checked, "unchecked": export.Unchecked,
}

// Attr parses the filter in the parameter "attr" of Zephr's user export: a list of conditions,
// separated by commas, that users must all meet. Each has the form
//
//	slug.operation[.value[.value2]]
//
// Attr splits conditions at the first two dots, and the two values of between at a dot. Each
// part may be percent-encoded; a comma must be (%2C), and so must a dot in a value of between
// (%2E). "" means no filter. An error is an errs.CodeInvalidRequest for the field "attr".
func Attr(text string) (*export.Rule, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	conditions := strings.Split(text, ",")
	if len(conditions) > export.MaxRules {
		return nil, errs.Invalid("attr", "has more than %d conditions", export.MaxRules)
	}
	group := export.Rule{Combinator: export.And, Rules: make([]export.Rule, 0, len(conditions))}
	for i, condition := range conditions {
		rule, problem := parseCondition(strings.TrimSpace(condition))
		if problem != "" {
			return nil, errs.Invalid("attr", "%s: condition %d %s", export.Truncate(condition), i+1, problem)
		}
		group.Rules = append(group.Rules, rule)
	}
	return &group, nil
}

func parseCondition(text string) (r export.Rule, problem string) {
	parts := strings.SplitN(text, ".", 3)
	slug, problem := decodeSegment(parts[0])
	if problem != "" {
		return export.Rule{}, problem
	}
	if slug == "" || len(slug) > maxNameBytes || len(parts) < 2 {
		return export.Rule{}, "must be slug.operation, with a value where the operation takes one"
	}
	r.Field = "attributes." + slug
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
