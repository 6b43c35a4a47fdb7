package csv

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxDepth limits the nesting of documents. MongoDB allows 100 levels.
const maxDepth = 200

// appendJSON appends the value at doc[at:end] as compact JSON, and reports whether the value is
// well-formed.
func (e *Encoder) appendJSON(dst []byte, t bson.Type, doc []byte, at, end, depth int) ([]byte, bool) {
	switch t {
	case bson.TypeNull, bson.TypeUndefined:
		return append(dst, "null"...), true
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		return e.appendObject(dst, t, doc, at, depth)
	case bson.TypeString, bson.TypeSymbol, bson.TypeJavaScript:
		return e.appendString(dst, doc[at+4:end-1]), true
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128, bson.TypeBoolean:
		start := len(dst)
		dst, json := appendScalar(dst, t, doc[at:end])
		if !json { // NaN and infinities
			dst = append(dst, '"')
			copy(dst[start+1:], dst[start:])
			dst[start] = '"'
			dst = append(dst, '"')
		}
		return dst, true
	case bson.TypeDateTime:
		dst = append(dst, '"')
		dst = appendDate(dst, int64(binary.LittleEndian.Uint64(doc[at:])), plainForm)
		return append(dst, '"'), true
	case bson.TypeDBPointer:
		dst = append(dst, `{"$ref":`...)
		dst = e.appendString(dst, doc[at+4:end-13])
		dst = append(dst, `,"$id":"`...)
		dst = appendOther(dst, bson.TypeObjectID, doc[end-12:end])
		return append(dst, `"}`...), true
	case bson.TypeCodeWithScope:
		scope := textEnd(doc, at+4, end)
		dst = append(dst, `{"$code":`...)
		dst = e.appendString(dst, doc[at+8:scope-1])
		dst = append(dst, `,"$scope":`...)
		dst, ok := e.appendObject(dst, bson.TypeEmbeddedDocument, doc, scope, depth)
		return append(dst, '}'), ok
	case bson.TypeRegex:
		pattern, options, _ := cutZero(doc[at:end])
		// JSON escapes work byte by byte, so the string may be assembled from parts.
		dst = append(dst, `"/`...)
		dst = append(e.appendEscaped(dst, pattern), '/')
		return append(e.appendEscaped(dst, options[:len(options)-1]), '"'), true
	default:
		dst = append(dst, '"')
		dst = appendOther(dst, t, doc[at:end])
		return append(dst, '"'), true
	}
}

// appendObject appends the document or array at doc[at:].
func (e *Encoder) appendObject(dst []byte, t bson.Type, doc []byte, at, depth int) ([]byte, bool) {
	end := documentEnd(doc, at)
	if end < 0 || depth == maxDepth {
		return dst, false
	}
	open, closing := byte('{'), byte('}')
	if t == bson.TypeArray {
		open, closing = '[', ']'
	}
	dst = append(dst, open)
	last := end - 1
	first := true
	for at += 4; at < last; {
		typ := bson.Type(doc[at])
		at++
		name, _, ok := cutZero(doc[at:last])
		if !ok {
			return dst, false
		}
		at += len(name) + 1
		stop := valueEnd(typ, doc, at, last)
		if stop < 0 {
			return dst, false
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if t != bson.TypeArray {
			dst = append(e.appendString(dst, name), ':')
		}
		if dst, ok = e.appendJSON(dst, typ, doc, at, stop, depth+1); !ok {
			return dst, false
		}
		at = stop
	}
	return append(dst, closing), at == last
}

// appendString appends s as a JSON string.
func (e *Encoder) appendString(dst, s []byte) []byte {
	return append(e.appendEscaped(append(dst, '"'), s), '"')
}

// appendEscaped appends s as the content of a JSON string. It escapes only quotes, backslashes and
// control characters, and replaces invalid UTF-8 by U+FFFD.
func (e *Encoder) appendEscaped(dst, s []byte) []byte {
	const digits = "0123456789abcdef"
	start := 0
	valid := true
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = utf8.AppendRune(append(dst, s[start:i]...), utf8.RuneError)
				start = i + 1
				valid = false
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i++
		start = i
	}
	if !valid {
		e.misses.invalidTexts++
	}
	return append(dst, s[start:]...)
}

// cutZero slices b around its first zero byte.
func cutZero(b []byte) (before, after []byte, found bool) { return bytes.Cut(b, []byte{0}) }
