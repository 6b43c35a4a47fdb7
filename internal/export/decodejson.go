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
)

// maxJSONDepth bounds the nesting of a body: a filter at its deepest, and some room to say what is wrong with it.
const maxJSONDepth = 32

type nodeKind uint8

const (
	missingNode nodeKind = iota // the member is not there
	nullNode
	boolNode
	numberNode
	stringNode
	arrayNode
	objectNode
)

// node is a JSON value that knows where it stands. encoding/json alone would take the last of two equal members, ignore
// unknown ones, fold the case of names and mend broken Unicode; a request that means something else must be refused.
type node struct {
	path   string
	kind   nodeKind
	flag   bool
	text   string // a string, or a number's digits
	items  []node
	object members
}

func (n node) missing() bool { return n.kind == missingNode }
func (n node) isNull() bool  { return n.kind == nullNode || n.kind == missingNode }

// members are an object's, in their order.
type members struct {
	at     string // the object's path
	names  []string
	values map[string]node
}

// path returns where the member stands, or would.
func (m members) path(name string) string {
	if m.at == "" {
		return clip(name)
	}
	return m.at + "." + clip(name)
}

func (m members) get(name string) node {
	if n, ok := m.values[name]; ok {
		return n
	}
	return node{path: m.path(name)}
}

// object returns the members of an object that has no others than those known.
func (d *decoder) object(n node, known ...string) members {
	if n.kind != objectNode {
		d.fail(n.path, "must be an object")
		return members{at: n.path}
	}
	for _, name := range n.object.names {
		if !slices.Contains(known, name) {
			d.fail(n.object.path(name), "is not known here; known are %s", strings.Join(known, ", "))
		}
	}
	return n.object
}

// optional is object, but takes what is null or left out for an empty object.
func (d *decoder) optional(n node, known ...string) members {
	if n.isNull() {
		return members{at: n.path}
	}
	return d.object(n, known...)
}

func (d *decoder) array(n node) []node {
	if n.kind != arrayNode {
		d.fail(n.path, "must be an array")
	}
	return n.items
}

// parseJSON reads one JSON value and nothing after it. Path is where the value stands.
func parseJSON(body []byte, path string) (node, error) {
	if !utf8.Valid(body) {
		return node{}, Invalid(path, "is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	n, err := parseValue(dec, path, 0)
	if err != nil {
		if _, ok := errors.AsType[*Error](err); ok {
			return node{}, err
		}
		return node{}, Invalid(path, "is not valid JSON")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, Invalid(path, "has something after the JSON value")
	}
	if brokenSurrogates(body) {
		return node{}, Invalid(path, `holds half of a \u surrogate pair, which is no character`)
	}
	return n, nil
}

func parseValue(dec *json.Decoder, path string, depth int) (node, error) {
	if depth > maxJSONDepth {
		return node{}, Invalid(path, "is nested too deep")
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
		n.kind, n.flag = boolNode, v
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
		item, err := parseValue(dec, index(path, len(n.items)), depth+1)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err := dec.Token() // the closing bracket
	return n, err
}

func parseObject(dec *json.Decoder, path string, depth int) (node, error) {
	m := members{at: path, values: map[string]node{}}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return node{}, err
		}
		name, _ := token.(string) // the decoder lets nothing else stand before a colon
		at := m.path(name)
		if _, twice := m.values[name]; twice {
			return node{}, Invalid(at, "stands twice")
		}
		value, err := parseValue(dec, at, depth+1)
		if err != nil {
			return node{}, err
		}
		m.names = append(m.names, name)
		m.values[name] = value
	}
	_, err := dec.Token() // the closing brace
	return node{path: path, kind: objectNode, object: m}, err
}

// brokenSurrogates reports whether valid JSON escapes half of a surrogate pair. encoding/json would read U+FFFD there,
// and a rule would look for something that nobody wrote.
func brokenSurrogates(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++ // what is escaped, which may be a backslash itself
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

// hex4 reads four hexadecimal digits, which valid JSON has after \u.
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
