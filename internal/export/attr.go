package export

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
)

// attrOperators maps the operations of the parameter "attr" to operators, except those for between.
var attrOperators = map[string]Operator{
	"equals": Is, "notEquals": IsNot, "contains": Contains, "notContains": DoesNotContain,
	"startsWith": StartsWith, "endsWith": EndsWith, "hasAnyValue": HasAnyValue, "isUnknown": IsUnknown,
	"checked": Checked, "unchecked": Unchecked,
}

// ParseAttr parses the filter in the parameter "attr" of Zephr's user export: a list of conditions,
// separated by commas, that users must all meet. Each has the form
//
//	slug.operation[.value[.value2]]
//
// ParseAttr splits conditions at the first two dots, and the two values of between at a dot. Each
// part may be percent-encoded; a comma must be (%2C), and so must a dot in a value of between
// (%2E). "" means no filter. An error is an errs.CodeInvalidRequest for the field "attr".
func ParseAttr(text string) (*Rule, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	conditions := strings.Split(text, ",")
	if len(conditions) > MaxRules {
		return nil, errs.Invalid("attr", "has more than %d conditions", MaxRules)
	}
	group := Rule{Combinator: And, Rules: make([]Rule, 0, len(conditions))}
	for i, condition := range conditions {
		rule, problem := parseCondition(strings.TrimSpace(condition))
		if problem != "" {
			return nil, errs.Invalid("attr", "%s: condition %d %s", truncate(condition), i+1, problem)
		}
		group.Rules = append(group.Rules, rule)
	}
	return &group, nil
}

func parseCondition(text string) (r Rule, problem string) {
	parts := strings.SplitN(text, ".", 3)
	slug, problem := decodeSegment(parts[0])
	if problem != "" {
		return Rule{}, problem
	}
	if slug == "" || len(slug) > maxNameBytes || len(parts) < 2 {
		return Rule{}, "must be slug.operation, with a value where the operation takes one"
	}
	r.Field = "attributes." + slug
	operation, problem := decodeSegment(parts[1])
	if problem != "" {
		return Rule{}, problem
	}
	rest := parts[2:]
	switch operation {
	case "between", "from", "to":
		r.Operator = Between
		return parseBounds(r, operation, rest)
	}
	operator, known := attrOperators[operation]
	if !known {
		return Rule{}, "has the unknown operation " + strconv.Quote(truncate(operation))
	}
	r.Operator = operator
	switch takes := operator.TakesValue(); {
	case takes && (len(rest) == 0 || rest[0] == ""):
		return Rule{}, "needs a value"
	case !takes && len(rest) > 0 && rest[0] != "":
		return Rule{}, "has a value, but " + operation + " takes no value"
	case !takes:
		return r, ""
	}
	r.Value, problem = attrValue(rest[0])
	return r, problem
}

// parseBounds parses the values of the operations between, from and to.
func parseBounds(r Rule, operation string, rest []string) (_ Rule, problem string) {
	if len(rest) == 0 || rest[0] == "" {
		return Rule{}, "needs a value"
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
		return Rule{}, "needs two values: slug.between.a.b (a dot within a value is %2E)"
	}
	if r.From, problem = attrValue(values[0]); problem != "" {
		return Rule{}, problem
	}
	r.To, problem = attrValue(values[1])
	return r, problem
}

func attrValue(text string) (Value, string) {
	text, problem := decodeSegment(text)
	if problem == "" && len(text) > MaxValueBytes {
		problem = "has a value of more than " + strconv.Itoa(MaxValueBytes) + " bytes"
	}
	return String(text), problem
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
