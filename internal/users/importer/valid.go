package importer

import "bytes"

// validJSON reports what json.Valid reports, in about a third of the time: a file is checked once in
// each pass.
func validJSON(b []byte) bool {
	c := checker{b: b}
	return c.value(0) && c.token() == endOfJSON
}

// checker checks the syntax of JSON.
type checker struct {
	b  []byte
	at int // the index of the next byte
}

// endOfJSON is the token after the last one. It does not occur in JSON outside of strings.
const endOfJSON = 0

// token skips white space, and returns the next byte without consuming it.
func (c *checker) token() byte {
	for ; c.at < len(c.b); c.at++ {
		switch c.b[c.at] {
		case ' ', '\t', '\n', '\r':
		case endOfJSON:
			return '\x01' // as invalid as a zero byte
		default:
			return c.b[c.at]
		}
	}
	return endOfJSON
}

// accept consumes the next token if it is want.
func (c *checker) accept(want byte) bool {
	if c.token() != want {
		return false
	}
	c.at++
	return true
}

// value consumes a value inside the given number of arrays and objects.
func (c *checker) value(depth int) bool {
	switch c.token() {
	case '{':
		return depth < maxNesting && c.list('}', depth+1)
	case '[':
		return depth < maxNesting && c.list(']', depth+1)
	case '"':
		return c.string()
	case 't':
		return c.word("true")
	case 'f':
		return c.word("false")
	case 'n':
		return c.word("null")
	default:
		return c.number()
	}
}

// list consumes an array or an object, up to its closing bracket.
func (c *checker) list(closing byte, depth int) bool {
	c.at++
	if c.accept(closing) {
		return true
	}
	for {
		if closing == '}' && (c.token() != '"' || !c.string() || !c.accept(':')) {
			return false
		}
		if !c.value(depth) {
			return false
		}
		if !c.accept(',') {
			return c.accept(closing)
		}
	}
}

func (c *checker) word(word string) bool {
	if !bytes.HasPrefix(c.b[c.at:], []byte(word)) {
		return false
	}
	c.at += len(word)
	return true
}

// string consumes a string.
func (c *checker) string() bool {
	for i := c.at + 1; i < len(c.b); i++ {
		switch b := c.b[i]; {
		case b == '"':
			c.at = i + 1
			return true
		case b < ' ':
			return false
		case b == '\\':
			n := escapeLen(c.b[i:])
			if n == 0 {
				return false
			}
			i += n - 1
		}
	}
	return false
}

// escapeLen returns the length of the escape that b begins with, 0 if it is invalid.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 6
	default:
		return 0
	}
}

// number consumes a number.
func (c *checker) number() bool {
	c.skip('-', '-')
	switch {
	case c.skip('0', '0'):
	case !c.digits():
		return false
	}
	if c.skip('.', '.') && !c.digits() {
		return false
	}
	if c.skip('e', 'e') || c.skip('E', 'E') {
		if !c.skip('-', '-') {
			c.skip('+', '+')
		}
		return c.digits()
	}
	return true
}

// digits consumes one or more digits.
func (c *checker) digits() bool {
	found := false
	for c.skip('0', '9') {
		found = true
	}
	return found
}

// skip consumes the next byte if it is in the range.
func (c *checker) skip(from, to byte) bool {
	if c.at == len(c.b) || c.b[c.at] < from || c.b[c.at] > to {
		return false
	}
	c.at++
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
