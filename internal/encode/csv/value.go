package csv

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// value appends the value in s as a cell, and reports whether the value is well-formed. The package
// documentation lists the text forms.
func (e *Encoder) value(dst, doc []byte, s slot, f form) ([]byte, bool) {
	at, end := int(s.at), int(s.end)
	switch s.typ {
	case 0, bson.TypeNull, bson.TypeUndefined:
		return dst, true
	case bson.TypeString, bson.TypeSymbol, bson.TypeJavaScript:
		return e.text(dst, doc[at+4:end-1]), true
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128, bson.TypeBoolean:
		from := len(dst)
		dst, json := appendScalar(dst, s.typ, doc[at:end])
		if !json && e.spreadsheet { // -Infinity is not a number for a spreadsheet
			dst = guardSign(dst, from)
		}
		return dst, true
	case bson.TypeDateTime:
		from := len(dst)
		dst = appendDate(dst, int64(binary.LittleEndian.Uint64(doc[at:])), f)
		if e.spreadsheet { // years outside 0 to 9999 have a sign
			dst = guardSign(dst, from)
		}
		return dst, true
	case bson.TypeEmbeddedDocument, bson.TypeArray, bson.TypeDBPointer, bson.TypeCodeWithScope:
		var ok bool
		e.json, ok = e.appendJSON(e.json[:0], s.typ, doc, at, end, 0)
		return e.text(dst, e.json), ok
	default:
		e.json = appendOther(e.json[:0], s.typ, doc[at:end])
		return e.text(dst, e.json), true
	}
}

// appendScalar appends a number or boolean, and reports whether it is also valid JSON.
func appendScalar(dst []byte, t bson.Type, v []byte) (out []byte, json bool) {
	switch t {
	case bson.TypeInt32:
		return strconv.AppendInt(dst, int64(int32(binary.LittleEndian.Uint32(v))), 10), true
	case bson.TypeInt64:
		return strconv.AppendInt(dst, int64(binary.LittleEndian.Uint64(v)), 10), true
	case bson.TypeDouble:
		f := math.Float64frombits(binary.LittleEndian.Uint64(v))
		return users.AppendDouble(dst, f), !math.IsNaN(f) && !math.IsInf(f, 0)
	case bson.TypeDecimal128:
		return appendDecimal(dst, v)
	default:
		return strconv.AppendBool(dst, v[0] != 0), true
	}
}

// appendOther appends the types that are not text, numbers, booleans, dates or JSON.
func appendOther(dst []byte, t bson.Type, v []byte) []byte {
	switch t {
	case bson.TypeObjectID:
		return hex.AppendEncode(dst, v)
	case bson.TypeBinary:
		return appendBinary(dst, v[4], v[5:])
	case bson.TypeRegex:
		pattern, options, _ := cutZero(v)
		dst = append(append(append(dst, '/'), pattern...), '/')
		return append(dst, options[:len(options)-1]...)
	case bson.TypeTimestamp:
		dst = append(dst, "Timestamp("...)
		dst = strconv.AppendUint(dst, uint64(binary.LittleEndian.Uint32(v[4:])), 10)
		dst = append(dst, ", "...)
		dst = strconv.AppendUint(dst, uint64(binary.LittleEndian.Uint32(v)), 10)
		return append(dst, ')')
	case bson.TypeMinKey:
		return append(dst, "MinKey"...)
	default:
		return append(dst, "MaxKey"...)
	}
}

// appendBinary appends a UUID in its usual form, and other bytes as base64.
func appendBinary(dst []byte, subtype byte, v []byte) []byte {
	switch {
	case subtype == bson.TypeBinaryUUID && len(v) == 16:
		for i, n := range []int{4, 2, 2, 2, 6} {
			if i > 0 {
				dst = append(dst, '-')
			}
			dst, v = hex.AppendEncode(dst, v[:n]), v[n:]
		}
		return dst
	case subtype == bson.TypeBinaryBinaryOld && len(v) >= 4:
		v = v[4:] // this old subtype repeats the length
	}
	return base64.StdEncoding.AppendEncode(dst, v)
}
