package csv

import (
	"bytes"
	"encoding/binary"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// slot is the position of a value in the current document. It holds offsets instead of slices, so
// that slots contain no pointers for the garbage collector to scan.
type slot struct {
	typ     bson.Type // 0: the document has no such field
	at, end int32
}

// minDocument is the size of an empty document: its length and the final zero byte.
const minDocument = 5

// walk walks the document at doc[at:] once and records the positions of the values that l has slots
// for. It reports whether the document is well-formed as far as walk read it. It never reads
// outside doc.
func (e *Encoder) walk(l *level, doc []byte, at int, slots []slot) bool {
	end := documentEnd(doc, at)
	if end < 0 {
		return false
	}
	last := end - 1 // the final zero byte
	prev := &l.fields[0]
	for at += 4; at < last; {
		typ := bson.Type(doc[at])
		at++
		f := &l.fields[prev.next[0]]
		if !hasPrefix(doc[at:], f.key) {
			f = &l.fields[prev.next[1]]
			if !hasPrefix(doc[at:], f.key) {
				n := bytes.IndexByte(doc[at:last], 0)
				if n < 0 {
					return false
				}
				i, ok := l.index[string(doc[at:at+n])]
				if !ok {
					name := doc[at : at+n]
					at = valueEnd(typ, doc, at+n+1, last)
					if at < 0 {
						return false
					}
					if l.group != "" && !isNull(typ) {
						countMiss(&e.misses, l.group, name)
					}
					continue
				}
				prev.next[1], prev.next[0] = prev.next[0], i
				f = &l.fields[i]
			}
		}
		prev = f
		at += len(f.key)
		stop := valueEnd(typ, doc, at, last)
		if stop < 0 {
			return false
		}
		switch {
		case f.child != nil:
			if typ == bson.TypeEmbeddedDocument {
				if !e.walk(f.child, doc, at, slots) {
					return false
				}
			} else if f.child.group != "" && !isNull(typ) {
				countMiss(&e.misses, "", f.key[:len(f.key)-1])
			}
		case f.slot != noSlot:
			if s := &slots[f.slot]; s.typ == 0 || isNull(s.typ) {
				*s = slot{typ, int32(at), int32(stop)}
			} else if !isNull(typ) {
				countMiss(&e.misses, l.group, f.key[:len(f.key)-1])
			}
		}
		at = stop
	}
	return at == last
}

// hasPrefix reports whether b begins with s.
func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

// isNull reports whether a value of this type counts as missing, as in filters.
func isNull(t bson.Type) bool { return t == bson.TypeNull || t == bson.TypeUndefined }

// documentEnd returns where the document at doc[at:] ends, -1 if it does not fit into doc.
func documentEnd(doc []byte, at int) int {
	if len(doc)-at < minDocument {
		return -1
	}
	n := int(int32(binary.LittleEndian.Uint32(doc[at:])))
	if n < minDocument || n > len(doc)-at || doc[at+n-1] != 0 {
		return -1
	}
	return at + n
}

// valueEnd returns where the value at doc[at:] ends, -1 if it is malformed or ends after last.
func valueEnd(t bson.Type, doc []byte, at, last int) int {
	size := 0
	switch t {
	case bson.TypeString, bson.TypeSymbol, bson.TypeJavaScript:
		return textEnd(doc, at, last)
	case bson.TypeDouble, bson.TypeDateTime, bson.TypeTimestamp, bson.TypeInt64:
		size = 8
	case bson.TypeInt32:
		size = 4
	case bson.TypeBoolean:
		size = 1
	case bson.TypeObjectID:
		size = 12
	case bson.TypeDecimal128:
		size = 16
	case bson.TypeNull, bson.TypeUndefined, bson.TypeMinKey, bson.TypeMaxKey:
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		end := documentEnd(doc, at)
		if end > last {
			return -1
		}
		return end
	case bson.TypeBinary:
		if last-at < 5 {
			return -1
		}
		n := int(int32(binary.LittleEndian.Uint32(doc[at:])))
		if n < 0 {
			return -1
		}
		size = 5 + n
	case bson.TypeRegex:
		for range 2 { // pattern and options
			if at > last {
				return -1
			}
			n := bytes.IndexByte(doc[at:last], 0)
			if n < 0 {
				return -1
			}
			at += n + 1
		}
	case bson.TypeDBPointer:
		if at = textEnd(doc, at, last); at < 0 {
			return -1
		}
		size = 12
	case bson.TypeCodeWithScope:
		if last-at < 4+4+1+minDocument {
			return -1
		}
		size = int(int32(binary.LittleEndian.Uint32(doc[at:])))
		scope := textEnd(doc, at+4, last)
		if scope < 0 || scope > last || documentEnd(doc, scope) != at+size {
			return -1
		}
	default:
		return -1
	}
	if size > last-at {
		return -1
	}
	return at + size
}

// textEnd returns where the length-prefixed string at doc[at:] ends, -1 if it is malformed or ends
// after last.
func textEnd(doc []byte, at, last int) int {
	if last-at < 5 {
		return -1
	}
	n := int(int32(binary.LittleEndian.Uint32(doc[at:])))
	if n < 1 || n > last-at-4 || doc[at+4+n-1] != 0 {
		return -1
	}
	return at + 4 + n
}
