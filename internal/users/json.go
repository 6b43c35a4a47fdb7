package users

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// AppendJSON appends a BSON value as compact plain JSON, keys in their order: dates as RFC 3339 in UTC, ids in hex,
// binary in Base64, decimals and what JSON has no word for as strings.
func AppendJSON(b []byte, v bson.RawValue) []byte {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		return appendElements(b, v, '{', '}')
	case bson.TypeArray:
		return appendElements(b, v, '[', ']')
	case bson.TypeString:
		return appendText(b, v.StringValue())
	case bson.TypeBoolean:
		return strconv.AppendBool(b, v.Boolean())
	case bson.TypeInt32:
		return strconv.AppendInt(b, int64(v.Int32()), 10)
	case bson.TypeInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case bson.TypeDouble:
		if f := v.Double(); math.IsNaN(f) || math.IsInf(f, 0) {
			return appendText(b, strconv.FormatFloat(f, 'g', -1, 64))
		}
		return strconv.AppendFloat(b, v.Double(), 'g', -1, 64)
	case bson.TypeNull, bson.TypeUndefined:
		return append(b, "null"...)
	case bson.TypeDateTime:
		return appendText(b, v.Time().UTC().Format(export.TimeFormat))
	case bson.TypeObjectID:
		return appendText(b, v.ObjectID().Hex())
	case bson.TypeDecimal128:
		return appendText(b, v.Decimal128().String())
	case bson.TypeBinary:
		_, data := v.Binary()
		return appendText(b, base64.StdEncoding.EncodeToString(data))
	case bson.TypeSymbol:
		return appendText(b, v.Symbol())
	default:
		return appendText(b, v.String())
	}
}

func appendElements(b []byte, v bson.RawValue, open, end byte) []byte {
	elements, err := bson.Raw(v.Value).Elements()
	if err != nil {
		return append(b, "null"...)
	}
	b = append(b, open)
	for i, e := range elements {
		if i > 0 {
			b = append(b, ',')
		}
		if open == '{' {
			b = append(appendText(b, e.Key()), ':')
		}
		b = AppendJSON(b, e.Value())
	}
	return append(b, end)
}

// appendText writes a string without the escapes that are only for HTML.
func appendText(b []byte, s string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string always encodes
		return append(b, "null"...)
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}
