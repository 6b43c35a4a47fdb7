package export

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// attrOperators are the operators of ParseAttr by their names there. Those of between are not among them.
var attrOperators = map[string]Operator{
	"equals": Is, "notEquals": IsNot, "contains": Contains, "notContains": DoesNotContain,
	"startsWith": StartsWith, "endsWith": EndsWith, "hasAnyValue": HasAnyValue, "isUnknown": IsUnknown,
	"checked": Checked, "unchecked": Unchecked,
}

// ParseAttr reads the filter of the parameter "attr" of Zephr's user export: conditions that are joined by "and", separated
// by commas, each
//
//	slug.operation[.value[.value2]]
//
// It is split at commas and at the first two dots; what stands between may be percent-encoded, and has to be where it holds a
// comma. Values of between are split at a dot, so that a dot within one is %2E. "" is no filter. Errors are CodeInvalid and
// name "attr".
func ParseAttr(text string) (*Rule, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	conditions := strings.Split(text, ",")
	if len(conditions) > MaxRules {
		return nil, Invalid("attr", "has more than %d conditions", MaxRules)
	}
	group := Rule{Combinator: And, Rules: make([]Rule, 0, len(conditions))}
	for i, condition := range conditions {
		rule, problem := parseCondition(strings.TrimSpace(condition))
		if problem != "" {
			return nil, Invalid("attr", "%s: condition %d %s", clip(condition), i+1, problem)
		}
		group.Rules = append(group.Rules, rule)
	}
	return &group, nil
}

func parseCondition(text string) (r Rule, problem string) {
	parts := strings.SplitN(text, ".", 3)
	slug, problem := segment(parts[0])
	if problem != "" {
		return Rule{}, problem
	}
	if slug == "" || len(slug) > maxNameBytes || len(parts) < 2 {
		return Rule{}, "must be slug.operation, with a value where the operation takes one"
	}
	r.Field = "attributes." + slug
	operation, problem := segment(parts[1])
	if problem != "" {
		return Rule{}, problem
	}
	rest := parts[2:]
	switch operation {
	case "between", "from", "to":
		r.Operator = Between
		return bounded(r, operation, rest)
	}
	operator, known := attrOperators[operation]
	if !known {
		return Rule{}, "has an operation that is not known: " + strconv.Quote(clip(operation))
	}
	r.Operator = operator
	switch takes := operator.TakesValue(); {
	case takes && (len(rest) == 0 || rest[0] == ""):
		return Rule{}, "lacks a value"
	case !takes && len(rest) > 0 && rest[0] != "":
		return Rule{}, "has a value, but " + operation + " takes none"
	case !takes:
		return r, ""
	}
	r.Value, problem = attrValue(rest[0])
	return r, problem
}

// bounded reads the values of between, from and to.
func bounded(r Rule, operation string, rest []string) (_ Rule, problem string) {
	if len(rest) == 0 || rest[0] == "" {
		return Rule{}, "lacks a value"
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
	text, problem := segment(text)
	if problem == "" && len(text) > MaxValueBytes {
		problem = "has a value of more than " + strconv.Itoa(MaxValueBytes) + " bytes"
	}
	return String(text), problem
}

// segment decodes what stands between two dots or commas.
func segment(text string) (_, problem string) {
	decoded, err := url.PathUnescape(text)
	if err != nil {
		return "", "is not percent-encoded properly (a % within a value is %25)"
	}
	if !utf8.ValidString(decoded) {
		return "", "is not valid UTF-8"
	}
	return decoded, ""
}
