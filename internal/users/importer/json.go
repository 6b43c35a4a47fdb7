package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// The functions of this file require valid JSON. The reader checks every item.

// member is one member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// problem is an invalid value, or an unlikely one.
type problem struct {
	field  string // the path of the value
	reason string // completes a sentence that begins with the field
}

// splitObject returns the members of an object in their order. Null is an empty object. It leaves
// out repeated names, since their value is ambiguous, and invalid names, and returns these in bad.
func splitObject(object []byte) (list []member, bad []problem, err error) {
	if isNull(object) {
		return nil, nil, nil
	}
	if object[0] != '{' {
		return nil, nil, errors.New("must be an object")
	}
	list = make([]member, 0, usualMembers)
	for i := skipBlank(object, 1); object[i] != '}'; i = skipBlank(object, i) {
		if object[i] == ',' {
			i = skipBlank(object, i+1)
		}
		end := valueEnd(object, i)
		name, err := parseString(object[i:end])
		if err != nil {
			bad = append(bad, problem{"", "has a member whose name " + err.Error()})
		}
		i = skipBlank(object, skipBlank(object, end)+1) // after the colon
		end = valueEnd(object, i)
		if err == nil {
			list = append(list, member{name, object[i:end]})
		}
		i = end
	}
	if !hasRepeatedName(list) {
		return list, bad, nil
	}
	times := map[string]int{}
	for _, m := range list {
		times[m.name]++
	}
	for _, m := range list {
		if times[m.name] > 1 {
			bad = append(bad, problem{m.name, "appears twice"})
			times[m.name] = -1 // reported
		}
	}
	list = slices.DeleteFunc(list, func(m member) bool { return times[m.name] < 0 })
	return list, bad, nil
}

// usualMembers is a number of members that most objects do not exceed.
const usualMembers = 16

// hasRepeatedName reports whether two members have the same name. Comparing all pairs of a few names
// is faster than a map.
func hasRepeatedName(list []member) bool {
	if len(list) > 2*usualMembers {
		names := make(map[string]bool, len(list))
		for _, m := range list {
			names[m.name] = true
		}
		return len(names) < len(list)
	}
	for i := range list {
		for j := range i {
			if list[i].name == list[j].name {
				return true
			}
		}
	}
	return false
}

// splitArray returns the elements of an array. Null is an empty array.
func splitArray(array []byte) ([]json.RawMessage, error) {
	if isNull(array) {
		return nil, nil
	}
	if array[0] != '[' {
		return nil, errors.New("must be an array")
	}
	var list []json.RawMessage
	for i := skipBlank(array, 1); array[i] != ']'; i = skipBlank(array, i) {
		if array[i] == ',' {
			i = skipBlank(array, i+1)
		}
		end := valueEnd(array, i)
		list = append(list, array[i:end])
		i = end
	}
	return list, nil
}

// skipBlank returns the index of the first byte from i on that is not white space.
func skipBlank(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r' {
		i++
	}
	return i
}

// valueEnd returns the index after the JSON value that begins at i.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // the bracket of the enclosing value ends a literal
				return i
			}
			depth--
			if depth == 0 {
				return i + 1
			}
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

func isNull(raw []byte) bool { return raw[0] == 'n' }

// parseString decodes a JSON string. A string that the database would not return unchanged is an
// error.
func parseString(raw []byte) (string, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	if hasLoneSurrogate(raw) {
		return "", errors.New("contains an unpaired surrogate, which is not a character")
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", err
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "", errors.New("contains a NUL character")
	}
	return s, nil
}

// hasLoneSurrogate reports whether a JSON string contains an unpaired surrogate escape such as
// \ud800, which encoding/json would decode as U+FFFD.
func hasLoneSurrogate(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		if raw[i] != 'u' {
			continue
		}
		first := escaped(raw, i-1)
		i += 4
		if !utf16.IsSurrogate(first) {
			continue
		}
		if utf16.DecodeRune(first, escaped(raw, i+1)) == '\uFFFD' {
			return true
		}
		i += 6
	}
	return false
}

// escaped returns the UTF-16 code unit of the escape \uXXXX at i, or -1 if there is no such escape.
func escaped(raw []byte, i int) rune {
	if i+6 > len(raw) || raw[i] != '\\' || raw[i+1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(raw[i+2:i+6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// parseScalar decodes a string, a number, a boolean or null, also in MongoDB extended JSON. It
// returns errNoScalar for any other array or object.
func parseScalar(raw []byte) (export.Value, error) {
	switch raw[0] {
	case '"':
		s, err := parseString(raw)
		return export.String(s), err
	case 't', 'f':
		return export.Bool(raw[0] == 't'), nil
	case 'n':
		return export.Value{}, nil
	case '{':
		if v, known, err := parseExtended(raw); known {
			return v, err
		}
		return export.Value{}, errNoScalar
	case '[':
		return export.Value{}, errNoScalar
	default:
		return export.Number(string(raw)), nil
	}
}

var errNoScalar = errors.New("must be a string, a number or a boolean")

// parseText decodes a scalar as text: a number or a boolean as its literal text, null as "".
func parseText(raw []byte) (string, error) {
	v, err := parseScalar(raw)
	if v.Kind == export.BoolValue {
		return strconv.FormatBool(v.Bool), err
	}
	return v.Text, err
}

// plainJSON returns an array or an object as compact JSON. It replaces MongoDB extended JSON by the
// scalars that it represents and changes nothing else.
func plainJSON(raw []byte) (string, error) {
	b, err := appendPlain(nil, raw)
	return string(b), err
}

func appendPlain(b, raw []byte) ([]byte, error) {
	if raw[0] == '[' {
		list, err := splitArray(raw)
		b = append(b, '[')
		for i, e := range list {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendPlain(b, e); err != nil {
				return b, err
			}
		}
		return append(b, ']'), err
	}
	if raw[0] != '{' {
		return append(b, raw...), nil
	}
	if v, known, err := parseExtended(raw); known {
		return appendScalar(b, v), err
	}
	list, bad, err := splitObject(raw)
	if err != nil || len(bad) > 0 { // keep an object with repeated or invalid names unchanged
		var compact bytes.Buffer
		err := json.Compact(&compact, raw)
		return append(b, compact.Bytes()...), err
	}
	b = append(b, '{')
	for i, m := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendPlain(append(users.AppendJSONString(b, m.name), ':'), m.value); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

func appendScalar(b []byte, v export.Value) []byte {
	switch v.Kind {
	case export.StringValue:
		return users.AppendJSONString(b, v.Text)
	case export.NumberValue:
		return append(b, v.Text...)
	case export.BoolValue:
		return strconv.AppendBool(b, v.Bool)
	default:
		return append(b, "null"...)
	}
}
