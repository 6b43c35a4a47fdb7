package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
)

// maxJSONDepth is the maximum nesting of a body. It exceeds the nesting of a valid filter, so that
// a filter that is too deep gets the more precise error of decoder.group.
const maxJSONDepth = 32

type nodeKind uint8

const (
	missingNode nodeKind = iota // the member is missing
	nullNode
	boolNode
	numberNode
	stringNode
	arrayNode
	objectNode
)

// node is a JSON value with its path. encoding/json alone would take the last of repeated members,
// ignore unknown members, match names in any case and replace invalid Unicode. Egress refuses such
// requests instead, since they may not mean what their sender intended.
type node struct {
	path    string
	kind    nodeKind
	boolean bool
	text    string // a string, or a number as written
	items   []node
	object  members
}

func (n node) missing() bool { return n.kind == missingNode }
func (n node) isNull() bool  { return n.kind == nullNode || n.kind == missingNode }

// members is the content of an object.
type members struct {
	objectPath string // the object's path
	names      []string
	values     map[string]node
}

// path returns the path of a member, which may be missing.
func (m members) path(name string) string {
	if m.objectPath == "" {
		return truncate(name)
	}
	return m.objectPath + "." + truncate(name)
}

func (m members) get(name string) node {
	if n, ok := m.values[name]; ok {
		return n
	}
	return node{path: m.path(name)}
}

// object returns the members of an object. Members that are not known are an error.
func (d *decoder) object(n node, known ...string) members {
	if n.kind != objectNode {
		d.fail(n.path, "must be an object")
		return members{objectPath: n.path}
	}
	for _, name := range n.object.names {
		if !slices.Contains(known, name) {
			d.fail(n.object.path(name), "is unknown; valid members are %s", strings.Join(known, ", "))
		}
	}
	return n.object
}

// optional is like object, but a missing or null value is an empty object.
func (d *decoder) optional(n node, known ...string) members {
	if n.isNull() {
		return members{objectPath: n.path}
	}
	return d.object(n, known...)
}

func (d *decoder) array(n node) []node {
	if n.kind != arrayNode {
		d.fail(n.path, "must be an array")
	}
	return n.items
}

// parseJSON parses one JSON value without trailing data. path is the path of the value.
func parseJSON(body []byte, path string) (node, error) {
	if !utf8.Valid(body) {
		return node{}, errs.Invalid(path, "is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	n, err := parseValue(dec, path, 0)
	if err != nil {
		if _, ok := errors.AsType[*errs.Error](err); ok {
			return node{}, err
		}
		return node{}, errs.Invalid(path, "is not valid JSON")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, errs.Invalid(path, "has data after the JSON value")
	}
	if hasLoneSurrogate(body) {
		return node{}, errs.Invalid(path, `contains an unpaired \u surrogate escape, which is not a character`)
	}
	return n, nil
}

func parseValue(dec *json.Decoder, path string, depth int) (node, error) {
	if depth > maxJSONDepth {
		return node{}, errs.Invalid(path, "is nested too deeply")
	}
	token, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	n := node{path: path}
	switch v := token.(type) {
	case nil:
		n.kind = nullNode
	case bool:
		n.kind, n.boolean = boolNode, v
	case json.Number:
		n.kind, n.text = numberNode, v.String()
	case string:
		n.kind, n.text = stringNode, v
	case json.Delim:
		if v == '[' {
			return parseArray(dec, path, depth)
		}
		return parseObject(dec, path, depth)
	}
	return n, nil
}

func parseArray(dec *json.Decoder, path string, depth int) (node, error) {
	n := node{path: path, kind: arrayNode}
	for dec.More() {
		item, err := parseValue(dec, elementPath(path, len(n.items)), depth+1)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err := dec.Token() // the closing bracket
	return n, err
}

func parseObject(dec *json.Decoder, path string, depth int) (node, error) {
	m := members{objectPath: path, values: map[string]node{}}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return node{}, err
		}
		name, _ := token.(string) // the decoder accepts only strings as names
		memberPath := m.path(name)
		if _, repeated := m.values[name]; repeated {
			return node{}, errs.Invalid(memberPath, "appears twice")
		}
		value, err := parseValue(dec, memberPath, depth+1)
		if err != nil {
			return node{}, err
		}
		m.names = append(m.names, name)
		m.values[name] = value
	}
	_, err := dec.Token() // the closing brace
	return node{path: path, kind: objectNode, object: m}, err
}

// hasLoneSurrogate reports whether valid JSON contains an unpaired surrogate escape. encoding/json
// would decode it as U+FFFD, so that a rule would compare with a value that the request does not
// contain.
func hasLoneSurrogate(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++ // the escaped character, which may be a backslash
		if body[i] != 'u' {
			continue
		}
		r := hex4(body[i+1:])
		i += 4
		if !utf16.IsSurrogate(r) {
			continue
		}
		rest := body[i+1:]
		if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' || utf16.DecodeRune(r, hex4(rest[2:])) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return false
}

// hex4 parses the four hexadecimal digits that follow \u in valid JSON.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		r <<= 4
		switch {
		case c <= '9':
			r |= rune(c - '0')
		case c <= 'F':
			r |= rune(c - 'A' + 10)
		default:
			r |= rune(c - 'a' + 10)
		}
	}
	return r
}
