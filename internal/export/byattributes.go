package export

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// byAttributes is the parameter that ParseByAttributes reads.
const byAttributes = "search_by_attributes"

// maxByAttributes bounds what is decoded, in bytes.
const maxByAttributes = 64 << 10

// ParseByAttributes reads the filter of the parameter "search_by_attributes" of Zephr's list of users: conditions that are
// joined by "and", in Base64 (either alphabet, with or without padding), as a JSON array of
//
//	{"slug": "country", "operator": "is", "value": "GB"}
//	{"slug": "age", "from": 18, "to": 30}
//
// Operators are those of definitions; between has none, and from, to or both. "" and an empty array are no filter. Errors are
// CodeInvalid and begin with the parameter's name.
func ParseByAttributes(text string) (*Rule, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if len(text) > maxByAttributes {
		return nil, Invalid(byAttributes, "is longer than %d bytes", maxByAttributes)
	}
	decoded, ok := decodeBase64(text)
	if !ok {
		return nil, Invalid(byAttributes, "is not Base64")
	}
	var conditions []map[string]json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(decoded))
	if err := dec.Decode(&conditions); err != nil || dec.More() {
		return nil, Invalid(byAttributes, "is not a JSON array of conditions in Base64")
	}
	if len(conditions) == 0 {
		return nil, nil
	}
	rules := make([]map[string]json.RawMessage, len(conditions))
	for i, c := range conditions {
		rule, err := conditionOf(c, index(byAttributes, i))
		if err != nil {
			return nil, err
		}
		rules[i] = rule
	}
	// Read again as every filter is, so that nothing passes here that would not pass there.
	body, err := json.Marshal(map[string]any{"combinator": And, "rules": rules})
	if err != nil {
		return nil, Invalid(byAttributes, "is not a JSON array of conditions in Base64")
	}
	rule, err := DecodeRule(body, byAttributes)
	if e, ok := err.(*Error); ok { //nolint:errorlint // it is renamed as it is
		e.Field = strings.Replace(e.Field, byAttributes+".rules[", byAttributes+"[", 1)
		return nil, e
	}
	return rule, err
}

// conditionOf turns a condition into a rule of a filter.
func conditionOf(c map[string]json.RawMessage, path string) (map[string]json.RawMessage, error) {
	rule := map[string]json.RawMessage{}
	for name, value := range c {
		switch name {
		case "slug":
			var slug string
			if err := json.Unmarshal(value, &slug); err != nil || slug == "" {
				return nil, Invalid(path+".slug", "must be the slug of an attribute")
			}
			field, err := json.Marshal("attributes." + slug)
			if err != nil {
				return nil, Invalid(path+".slug", "must be the slug of an attribute")
			}
			rule["field"] = field
		case "operator", "value", "from", "to":
			if !bytes.Equal(value, []byte("null")) {
				rule[name] = value
			}
		default:
			return nil, Invalid(path+"."+clip(name), "is not a member that is known here")
		}
	}
	if rule["field"] == nil {
		return nil, Invalid(path+".slug", "is missing")
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
