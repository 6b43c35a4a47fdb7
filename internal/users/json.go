package users

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// AppendJSON appends a BSON value as compact plain JSON with its keys in order. Values have the
// same text as in exports: dates in RFC 3339 in UTC, object ids in hex, UUIDs in their usual form,
// other binary data in Base64, decimals as numbers, and values that JSON lacks as strings.
func AppendJSON(b []byte, v bson.RawValue) []byte {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		return appendElements(b, v.Value, '{', '}')
	case bson.TypeArray:
		return appendElements(b, v.Value, '[', ']')
	case bson.TypeNull, bson.TypeUndefined:
		return append(b, "null"...)
	case bson.TypeBoolean, bson.TypeInt32, bson.TypeInt64:
		return append(b, textOf(v)...)
	case bson.TypeDouble:
		if f := v.Double(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return AppendDouble(b, f)
		}
	case bson.TypeDecimal128:
		if d := v.Decimal128(); !d.IsNaN() && d.IsInf() == 0 {
			return append(b, d.String()...)
		}
	case bson.TypeDBPointer:
		collection, id := v.DBPointer()
		b = AppendJSONString(append(b, `{"$ref":`...), collection)
		return append(append(append(b, `,"$id":"`...), id.Hex()...), `"}`...)
	case bson.TypeCodeWithScope:
		code, scope := v.CodeWithScope()
		b = append(AppendJSONString(append(b, `{"$code":`...), code), `,"$scope":`...)
		return append(appendElements(b, scope, '{', '}'), '}')
	}
	return AppendJSONString(b, textOf(v))
}

func appendElements(b []byte, document []byte, open, end byte) []byte {
	elements, err := bson.Raw(document).Elements()
	if err != nil {
		return append(b, "null"...)
	}
	b = append(b, open)
	for i, e := range elements {
		if i > 0 {
			b = append(b, ',')
		}
		if open == '{' {
			b = append(AppendJSONString(b, e.Key()), ':')
		}
		b = AppendJSON(b, e.Value())
	}
	return append(b, end)
}

// AppendJSONString appends s as a JSON string. It escapes only quotes, backslashes and control
// characters, and replaces invalid UTF-8 by U+FFFD.
func AppendJSONString(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s { // yields utf8.RuneError for each invalid byte
		switch short := bytes.IndexByte([]byte("\"\\\n\r\t\b\f"), byte(r)); {
		case r < utf8.RuneSelf && short >= 0:
			b = append(b, '\\', `"\nrtbf`[short])
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// textOf returns a value of any type as its text in exports, or "" if it is absent.
func textOf(v bson.RawValue) string {
	switch v.Type {
	case bson.TypeNull, bson.TypeUndefined:
		return ""
	case bson.TypeString:
		return v.StringValue()
	case bson.TypeSymbol:
		return v.Symbol()
	case bson.TypeJavaScript:
		return v.JavaScript()
	case bson.TypeObjectID:
		return v.ObjectID().Hex()
	case bson.TypeBoolean:
		return strconv.FormatBool(v.Boolean())
	case bson.TypeInt32:
		return strconv.FormatInt(int64(v.Int32()), 10)
	case bson.TypeInt64:
		return strconv.FormatInt(v.Int64(), 10)
	case bson.TypeDouble:
		return string(AppendDouble(nil, v.Double()))
	case bson.TypeDateTime:
		return export.FormatTime(v.Time())
	case bson.TypeDecimal128:
		return v.Decimal128().String()
	case bson.TypeBinary:
		return binaryText(v.Binary())
	case bson.TypeRegex:
		pattern, options := v.Regex()
		return "/" + pattern + "/" + options
	case bson.TypeTimestamp:
		t, i := v.Timestamp()
		return "Timestamp(" + strconv.FormatUint(uint64(t), 10) + ", " + strconv.FormatUint(uint64(i), 10) + ")"
	case bson.TypeMinKey:
		return "MinKey"
	case bson.TypeMaxKey:
		return "MaxKey"
	case bson.TypeEmbeddedDocument, bson.TypeArray, bson.TypeDBPointer, bson.TypeCodeWithScope:
		return string(AppendJSON(nil, v))
	default:
		return ""
	}
}

// binaryText returns a UUID in its usual form and other bytes in Base64. The legacy UUID subtype 3
// is Base64 too: drivers used three different byte orders for it, so its text is ambiguous.
func binaryText(subtype byte, data []byte) string {
	if subtype != bson.TypeBinaryUUID || len(data) != 16 {
		return base64.StdEncoding.EncodeToString(data)
	}
	return UUIDText([16]byte(data))
}

// UUIDText returns a UUID as lower-case text, with hyphens.
func UUIDText(id [16]byte) string {
	b := make([]byte, 0, 36)
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return string(b)
}
