package decode

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
)

// maxDepth is the maximum nesting of arrays and objects. It exceeds the nesting of a valid filter,
// so that a filter that is too deep gets the more precise error of decoder.group.
const maxDepth = 32

// Parse parses a body that is one JSON value in valid Unicode, in at most maxDepth levels of arrays
// and objects. path is the path of the value, "" for that of a request. The Value shares the memory
// of body.
func Parse(body []byte, path string) (Value, error) {
	if err := checkJSON(body, path); err != nil {
		return Value{}, err
	}
	v := Value{path: path, raw: bytes.TrimSpace(body)}
	if exceedsDepth(v.raw) {
		return Value{}, v.invalid("is nested too deeply: at most %d levels of arrays and objects", maxDepth)
	}
	if hasLoneSurrogate(v.raw) {
		return Value{}, v.invalid("contains an unpaired surrogate, which is not a character")
	}
	return v, nil
}

// checkJSON checks that a body is one JSON value in valid UTF-8.
func checkJSON(body []byte, path string) error {
	if !utf8.Valid(body) {
		return errs.Invalid(path, "is not valid UTF-8")
	}
	if json.Valid(body) {
		return nil
	}
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil {
		return errs.Invalid(path, "has data after the JSON value")
	}
	return errs.Invalid(path, "is not valid JSON")
}

// Compact returns a body that is one JSON value, of any kind and depth, without its white space. The
// content is unchanged: repeated members, digits and escapes stay as sent.
func Compact(body []byte) ([]byte, error) {
	if err := checkJSON(body, ""); err != nil {
		return nil, err
	}
	return compact(body), nil
}

// The functions below require valid JSON.

// exceedsDepth reports whether arrays and objects are nested in more than maxDepth levels.
func exceedsDepth(b []byte) bool {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = endOfString(b, i) - 1
		case '[', '{':
			if depth++; depth > maxDepth {
				return true
			}
		case ']', '}':
			depth--
		}
	}
	return false
}

// members returns the members of an object in their order: the name, and the value as sent.
func members(b []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for name, value := range rawMembers(b) {
			if !yield(unquote(name), value) {
				return
			}
		}
	}
}

// rawMembers is like members, with the name as sent.
func rawMembers(b []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for i := skipSpace(b, 1); b[i] != '}'; {
			name := b[i:endOfString(b, i)]
			i = skipSpace(b, skipSpace(b, i+len(name))+1) // after the colon
			end := endOfValue(b, i)
			if !yield(name, b[i:end]) {
				return
			}
			i = nextItem(b, end)
		}
	}
}

// elements returns the elements of an array in their order, as sent.
func elements(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := skipSpace(b, 1); b[i] != ']'; {
			end := endOfValue(b, i)
			if !yield(b[i:end]) {
				return
			}
			i = nextItem(b, end)
		}
	}
}

// nextItem returns the index of the next item of an array or object, or of its closing bracket. i
// is the end of an item.
func nextItem(b []byte, i int) int {
	i = skipSpace(b, i)
	if b[i] == ',' {
		i = skipSpace(b, i+1)
	}
	return i
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r' {
		i++
	}
	return i
}

// endOfValue returns the end of the value that begins at i, within an array or object.
func endOfValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return endOfString(b, i)
	case '[', '{':
		for depth := 0; ; i++ {
			switch b[i] {
			case '"':
				i = endOfString(b, i) - 1
			case '[', '{':
				depth++
			case ']', '}':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	default:
		return i + bytes.IndexAny(b[i:], ",]} \t\n\r")
	}
}

// endOfString returns the end of the string that begins at i.
func endOfString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// unquote returns the text of a string.
func unquote(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b[1 : len(b)-1])
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil { // cannot happen for valid JSON
		panic("decode: " + err.Error())
	}
	return s
}

// compact returns a value without its white space.
func compact(b []byte) []byte {
	var compact bytes.Buffer
	if err := json.Compact(&compact, b); err != nil { // cannot happen for valid JSON
		panic("decode: " + err.Error())
	}
	return compact.Bytes()
}
