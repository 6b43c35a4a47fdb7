package csv

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// value appends the value in s as a cell, and reports whether it could be read. Its text form is that of the package's documentation.
func (e *Encoder) value(dst, doc []byte, s slot, f form) ([]byte, bool) {
	at, end := int(s.at), int(s.end)
	switch s.typ {
	case 0, bson.TypeNull, bson.TypeUndefined:
		return dst, true
	case bson.TypeString, bson.TypeSymbol, bson.TypeJavaScript:
		return e.text(dst, doc[at+4:end-1]), true
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128, bson.TypeBoolean:
		dst, _ = appendBare(dst, s.typ, doc[at:end])
		return dst, true
	case bson.TypeDateTime:
		return appendDate(dst, int64(binary.LittleEndian.Uint64(doc[at:])), f), true
	case bson.TypeEmbeddedDocument, bson.TypeArray, bson.TypeDBPointer, bson.TypeCodeWithScope:
		var ok bool
		e.json, ok = e.appendJSON(e.json[:0], s.typ, doc, at, end, 0)
		return e.text(dst, e.json), ok
	default:
		e.json = appendOther(e.json[:0], s.typ, doc[at:end])
		return e.text(dst, e.json), true
	}
}

// appendBare appends a number or boolean, and reports whether JSON can hold it as it stands.
func appendBare(dst []byte, t bson.Type, v []byte) (out []byte, json bool) {
	switch t {
	case bson.TypeInt32:
		return strconv.AppendInt(dst, int64(int32(binary.LittleEndian.Uint32(v))), 10), true
	case bson.TypeInt64:
		return strconv.AppendInt(dst, int64(binary.LittleEndian.Uint64(v)), 10), true
	case bson.TypeDouble:
		f := math.Float64frombits(binary.LittleEndian.Uint64(v))
		return appendDouble(dst, f), !math.IsNaN(f) && !math.IsInf(f, 0)
	case bson.TypeDecimal128:
		return appendDecimal(dst, v)
	default:
		return strconv.AppendBool(dst, v[0] != 0), true
	}
}

// appendOther appends the types that are neither text, numbers, booleans, dates nor JSON.
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

// appendBinary appends a UUID as such, and other bytes as base64.
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
		v = v[4:] // its length, once more
	}
	return base64.StdEncoding.AppendEncode(dst, v)
}
