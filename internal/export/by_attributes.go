package export

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/egress-io/egress/internal/errs"
)

// byAttributesParam is the name of the parameter that ParseByAttributes parses.
const byAttributesParam = "search_by_attributes"

// maxByAttributesBytes is the maximum length of the parameter.
const maxByAttributesBytes = 64 << 10

// ParseByAttributes parses the filter in the parameter "search_by_attributes" of Zephr's list of
// users: a list of conditions that users must all meet, as a JSON array in Base64 (either alphabet,
// with or without padding):
//
//	{"slug": "country", "operator": "is", "value": "GB"}
//	{"slug": "age", "from": 18, "to": 30}
//
// The operators are those of definitions. A condition without an operator is between, with from, to
// or both. "" and an empty array mean no filter. An error is an errs.CodeInvalidRequest whose Field begins
// with the parameter's name.
func ParseByAttributes(text string) (*Rule, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if len(text) > maxByAttributesBytes {
		return nil, errs.Invalid(byAttributesParam, "is longer than %d bytes", maxByAttributesBytes)
	}
	decoded, ok := decodeBase64(text)
	if !ok {
		return nil, errs.Invalid(byAttributesParam, "is not Base64")
	}
	var conditions []map[string]json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(decoded))
	if err := dec.Decode(&conditions); err != nil || dec.More() {
		return nil, errs.Invalid(byAttributesParam, "is not a JSON array of conditions in Base64")
	}
	if len(conditions) == 0 {
		return nil, nil
	}
	rules := make([]map[string]json.RawMessage, len(conditions))
	for i, c := range conditions {
		rule, err := toRule(c, elementPath(byAttributesParam, i))
		if err != nil {
			return nil, err
		}
		rules[i] = rule
	}
	// DecodeRule applies the same checks as for other filters.
	body, err := json.Marshal(map[string]any{"combinator": And, "rules": rules})
	if err != nil {
		return nil, errs.Invalid(byAttributesParam, "is not a JSON array of conditions in Base64")
	}
	rule, err := DecodeRule(body, byAttributesParam)
	if e, ok := err.(*errs.Error); ok { //nolint:errorlint // DecodeRule does not wrap its errors
		e.Field = strings.Replace(e.Field, byAttributesParam+".rules[", byAttributesParam+"[", 1)
		return nil, e
	}
	return rule, err
}

// toRule converts a condition to a rule in JSON.
func toRule(c map[string]json.RawMessage, path string) (map[string]json.RawMessage, error) {
	rule := map[string]json.RawMessage{}
	for name, value := range c {
		switch name {
		case "slug":
			var slug string
			if err := json.Unmarshal(value, &slug); err != nil || slug == "" {
				return nil, errs.Invalid(path+".slug", "must be the slug of an attribute")
			}
			field, err := json.Marshal("attributes." + slug)
			if err != nil {
				return nil, errs.Invalid(path+".slug", "must be the slug of an attribute")
			}
			rule["field"] = field
		case "operator", "value", "from", "to":
			if !bytes.Equal(value, []byte("null")) {
				rule[name] = value
			}
		default:
			return nil, errs.Invalid(path+"."+truncate(name), "is an unknown member")
		}
	}
	if rule["field"] == nil {
		return nil, errs.Invalid(path+".slug", "is missing")
	}
	if rule["operator"] == nil {
		rule["operator"] = json.RawMessage(`"` + Between + `"`)
	}
	return rule, nil
}

func decodeBase64(text string) ([]byte, bool) {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		if decoded, err := encoding.DecodeString(text); err == nil {
			return decoded, true
		}
	}
	return nil, false
}
