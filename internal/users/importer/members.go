package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/egress-io/egress/internal/export"
)

// member is a name and its value, as text, in an object that is known to be valid JSON.
type member struct {
	name  string
	value json.RawMessage
}

// members splits an object in its own order. A name that is there twice is an error: which value is meant is anyone's
// guess.
func members(object []byte) ([]member, error) {
	if isNull(object) {
		return nil, nil
	}
	if object[0] != '{' {
		return nil, errors.New("must be an object")
	}
	var list []member
	seen := map[string]bool{}
	for i := skipBlank(object, 1); object[i] != '}'; i = skipBlank(object, i) {
		if object[i] == ',' {
			i = skipBlank(object, i+1)
		}
		end := valueEnd(object, i)
		name, err := text(object[i:end])
		if err != nil {
			return nil, fmt.Errorf("has a member whose name %w", err)
		}
		if seen[name] {
			return nil, fmt.Errorf("has the member %q twice", name)
		}
		seen[name] = true
		i = skipBlank(object, skipBlank(object, end)+1) // behind the colon
		end = valueEnd(object, i)
		list = append(list, member{name, object[i:end]})
		i = end
	}
	return list, nil
}

// elements splits an array. Null is an empty one.
func elements(array []byte) ([]json.RawMessage, error) {
	if isNull(array) {
		return nil, nil
	}
	if array[0] != '[' {
		return nil, errors.New("must be a list")
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

// skipBlank returns the place of the first byte from i on that is not white space.
func skipBlank(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r' {
		i++
	}
	return i
}

// valueEnd returns the place behind the valid JSON value that begins at i.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // of what is around: a literal ended
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

// text decodes a JSON string. What would not come back unchanged from the database is an error.
func text(raw []byte) (string, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	if hasLoneSurrogate(raw) {
		return "", errors.New("holds half of a surrogate pair, which is no character")
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", err
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "", errors.New("holds a NUL character")
	}
	return s, nil
}

// hasLoneSurrogate finds escapes such as \ud800 without a partner, which a decoder would turn into U+FFFD.
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

// escaped returns the code unit of the \uXXXX at i, or -1 where there is none.
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

// scalar reads a string, a number, a boolean or null.
func scalar(raw []byte) (export.Value, error) {
	switch raw[0] {
	case '"':
		s, err := text(raw)
		return export.String(s), err
	case 't', 'f':
		return export.Bool(raw[0] == 't'), nil
	case 'n':
		return export.Value{}, nil
	case '{', '[':
		return export.Value{}, errors.New("must be a string, a number or a boolean")
	default:
		return export.Number(string(raw)), nil
	}
}

// word reads a scalar as text: numbers and booleans by their literal text, null as "".
func word(raw []byte) (string, error) {
	v, err := scalar(raw)
	if v.Kind == export.BoolValue {
		return strconv.FormatBool(v.Bool), err
	}
	return v.Text, err
}
