package ferretdb

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// object is a JSON object. The description of a document is one: "p" has the description of each
// member by its key, and "$k" the keys in the order of the document. The description of a value has
// its type "t" and, by type, "$s" (object: its description), "i" (array: those of its items), "o"
// (regex: its options) and "s" (binData: its subtype).
type object = map[string]any

// decode returns a document that FerretDB stored as JSON. NaN and infinities have no form there:
// FerretDB refused to store them. It parses the text once, which is most of the work of an upgrade.
func decode(text []byte) (bson.Raw, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var values object
	if err := d.Decode(&values); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the document has a text after it")
	}
	described, ok := values["$s"].(object)
	if !ok {
		return nil, errors.New("the document has no schema")
	}
	delete(values, "$s")
	return appendDocument(nil, values, described)
}

func appendDocument(dst []byte, values, described object) ([]byte, error) {
	keys, _ := described["$k"].([]any)
	members, _ := described["p"].(object)
	if len(keys) != len(values) {
		return nil, fmt.Errorf("the schema has %d members and the document %d", len(keys), len(values))
	}
	start, dst := bsoncore.AppendDocumentStart(dst)
	for _, k := range keys {
		key, ok := k.(string)
		if !ok {
			return nil, fmt.Errorf("the schema has the key %v", k)
		}
		value, ok := values[key]
		if !ok {
			return nil, fmt.Errorf("%s: only the schema has it", key)
		}
		var err error
		if dst, err = appendElement(dst, key, value, members[key]); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return bsoncore.AppendDocumentEnd(dst, start)
}

func appendArray(dst []byte, values, described []any) ([]byte, error) {
	if len(described) != len(values) {
		return nil, fmt.Errorf("the schema has %d items and the array %d", len(described), len(values))
	}
	start, dst := bsoncore.AppendArrayStart(dst)
	for i, v := range values {
		var err error
		if dst, err = appendElement(dst, strconv.Itoa(i), v, described[i]); err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
	}
	return bsoncore.AppendArrayEnd(dst, start)
}

// bsonTypes are the types by their names in schemas.
var bsonTypes = map[string]bsoncore.Type{
	"object": bsoncore.TypeEmbeddedDocument, "array": bsoncore.TypeArray, "double": bsoncore.TypeDouble,
	"string": bsoncore.TypeString, "binData": bsoncore.TypeBinary, "objectId": bsoncore.TypeObjectID,
	"bool": bsoncore.TypeBoolean, "date": bsoncore.TypeDateTime, "regex": bsoncore.TypeRegex, "int": bsoncore.TypeInt32,
	"timestamp": bsoncore.TypeTimestamp, "long": bsoncore.TypeInt64,
}

// appendElement appends a key and its value. Like FerretDB, it takes null for a null of any type.
func appendElement(dst []byte, key string, value, described any) ([]byte, error) {
	if value == nil {
		return bsoncore.AppendNullElement(dst, key), nil
	}
	d, ok := described.(object)
	if !ok {
		return nil, errors.New("the schema lacks it")
	}
	name, _ := d["t"].(string)
	bsonType, ok := bsonTypes[name]
	if !ok {
		return nil, fmt.Errorf("no value has the type %q", name)
	}
	dst, err := appendValue(bsoncore.AppendHeader(dst, bsonType, key), bsonType, value, d)
	if errors.Is(err, errOtherType) {
		err = fmt.Errorf("the value is not of type %s", name) // without the value, which may be personal data
	}
	return dst, err
}

// errOtherType is the error of a value that does not have the type of its schema.
var errOtherType = errors.New("the value has another type")

func appendValue(dst []byte, t bsoncore.Type, value any, described object) ([]byte, error) {
	switch v := value.(type) {
	case object:
		if s, ok := described["$s"].(object); ok && t == bsoncore.TypeEmbeddedDocument {
			return appendDocument(dst, v, s)
		}
	case []any:
		if items, ok := described["i"].([]any); ok && t == bsoncore.TypeArray {
			return appendArray(dst, v, items)
		}
	case bool:
		if t == bsoncore.TypeBoolean {
			return bsoncore.AppendBoolean(dst, v), nil
		}
	case string:
		return appendText(dst, t, v, described)
	case json.Number:
		return appendNumber(dst, t, string(v))
	}
	return nil, errOtherType
}

// appendText appends a value whose JSON is a string.
func appendText(dst []byte, t bsoncore.Type, text string, described object) ([]byte, error) {
	switch t {
	case bsoncore.TypeString:
		return bsoncore.AppendString(dst, text), nil
	case bsoncore.TypeObjectID:
		id, err := hex.DecodeString(text)
		if err != nil || len(id) != len(bson.ObjectID{}) {
			return nil, errOtherType
		}
		return bsoncore.AppendObjectID(dst, bson.ObjectID(id)), nil
	case bsoncore.TypeRegex:
		if options, ok := described["o"].(string); ok {
			return bsoncore.AppendRegex(dst, text, options), nil
		}
	case bsoncore.TypeBinary:
		// bsoncore.AppendBinary would add a second length to subtype 2: what FerretDB stored has it.
		data, err := base64.StdEncoding.DecodeString(text)
		subtype, ok := described["s"].(json.Number)
		if err != nil || !ok {
			return nil, errOtherType
		}
		n, err := strconv.ParseUint(string(subtype), 10, 8)
		if err != nil {
			return nil, errOtherType
		}
		return append(append(bsoncore.AppendInt32(dst, int32(len(data))), byte(n)), data...), nil
	default:
	}
	return nil, errOtherType
}

// appendNumber appends a value whose JSON is a number.
func appendNumber(dst []byte, t bsoncore.Type, text string) (_ []byte, err error) {
	switch t {
	case bsoncore.TypeDouble:
		var n float64
		n, err = strconv.ParseFloat(text, 64)
		dst = bsoncore.AppendDouble(dst, n)
	case bsoncore.TypeInt32:
		var n int64
		n, err = strconv.ParseInt(text, 10, 32)
		dst = bsoncore.AppendInt32(dst, int32(n))
	case bsoncore.TypeInt64, bsoncore.TypeDateTime:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		dst = bsoncore.AppendInt64(dst, n) // a date is milliseconds since 1970
	case bsoncore.TypeTimestamp:
		var n uint64
		n, err = strconv.ParseUint(text, 10, 64)
		dst = bsoncore.AppendTimestamp(dst, uint32(n>>32), uint32(n)) // seconds and a counter
	default:
		return nil, errOtherType
	}
	if err != nil {
		return nil, errOtherType
	}
	return dst, nil
}
