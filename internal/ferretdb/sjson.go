package ferretdb

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// schema describes the members of a document.
type schema struct {
	Members map[string]*valueType `json:"p"`
	Keys    []string              `json:"$k"` // in the order of the document
}

// valueType describes a value.
type valueType struct {
	Type    string       `json:"t"`
	Schema  *schema      `json:"$s"` // of type object
	Items   []*valueType `json:"i"`  // of type array
	Options *string      `json:"o"`  // of type regex
	Subtype *byte        `json:"s"`  // of type binData
}

// decode returns a document that FerretDB stored as JSON. NaN and infinities have no form there:
// FerretDB refused to store them.
func decode(text []byte) (bson.Raw, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, err
	}
	described, ok := values["$s"]
	if !ok {
		return nil, errors.New("the document has no schema")
	}
	delete(values, "$s")
	var s schema
	if err := json.Unmarshal(described, &s); err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	return appendDocument(nil, values, &s)
}

func appendDocument(dst []byte, values map[string]json.RawMessage, s *schema) ([]byte, error) {
	if len(s.Keys) != len(values) {
		return nil, fmt.Errorf("the schema has %d members and the document %d", len(s.Keys), len(values))
	}
	start, dst := bsoncore.AppendDocumentStart(dst)
	for _, key := range s.Keys {
		value, ok := values[key]
		if !ok {
			return nil, fmt.Errorf("%s: only the schema has it", key)
		}
		var err error
		if dst, err = appendElement(dst, key, value, s.Members[key]); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return bsoncore.AppendDocumentEnd(dst, start)
}

func appendArray(dst []byte, value json.RawMessage, items []*valueType) ([]byte, error) {
	values, err := parse[[]json.RawMessage](value)
	if err != nil {
		return nil, err
	}
	if len(items) != len(values) {
		return nil, fmt.Errorf("the schema has %d items and the array %d", len(items), len(values))
	}
	start, dst := bsoncore.AppendArrayStart(dst)
	for i, v := range values {
		if dst, err = appendElement(dst, fmt.Sprint(i), v, items[i]); err != nil {
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
func appendElement(dst []byte, key string, value json.RawMessage, t *valueType) ([]byte, error) {
	if string(value) == "null" {
		return bsoncore.AppendNullElement(dst, key), nil
	}
	if t == nil {
		return nil, errors.New("the schema lacks it")
	}
	bsonType, ok := bsonTypes[t.Type]
	if !ok {
		return nil, fmt.Errorf("no value has the type %q", t.Type)
	}
	return appendValue(bsoncore.AppendHeader(dst, bsonType, key), value, t)
}

func appendValue(dst []byte, value json.RawMessage, t *valueType) ([]byte, error) {
	switch t.Type {
	case "object":
		values, err := parse[map[string]json.RawMessage](value)
		if err != nil {
			return nil, err
		}
		if t.Schema == nil {
			return nil, errors.New("its schema is missing")
		}
		return appendDocument(dst, values, t.Schema)
	case "array":
		return appendArray(dst, value, t.Items)
	case "double":
		return appendParsed(dst, value, bsoncore.AppendDouble)
	case "string":
		return appendParsed(dst, value, bsoncore.AppendString)
	case "binData":
		return appendBinary(dst, value, t)
	case "objectId":
		return appendObjectID(dst, value)
	case "bool":
		return appendParsed(dst, value, bsoncore.AppendBoolean)
	case "date":
		return appendParsed(dst, value, bsoncore.AppendDateTime)
	case "regex":
		if t.Options == nil {
			return nil, errors.New("the options of the regular expression are missing")
		}
		return appendParsed(dst, value, func(dst []byte, pattern string) []byte { return bsoncore.AppendRegex(dst, pattern, *t.Options) })
	case "int":
		return appendParsed(dst, value, bsoncore.AppendInt32)
	case "timestamp": // seconds and a counter
		return appendParsed(dst, value, func(dst []byte, n uint64) []byte { return bsoncore.AppendTimestamp(dst, uint32(n>>32), uint32(n)) })
	case "long":
		return appendParsed(dst, value, bsoncore.AppendInt64)
	default:
		return nil, fmt.Errorf("no value has the type %q", t.Type)
	}
}

// appendBinary does not use bsoncore.AppendBinary, which adds a second length to subtype 2: what
// FerretDB stored has it already.
func appendBinary(dst []byte, value json.RawMessage, t *valueType) ([]byte, error) {
	if t.Subtype == nil {
		return nil, errors.New("the subtype of the binary value is missing")
	}
	return appendParsed(dst, value, func(dst, data []byte) []byte {
		dst = append(bsoncore.AppendInt32(dst, int32(len(data))), *t.Subtype)
		return append(dst, data...)
	})
}

func appendObjectID(dst []byte, value json.RawMessage) ([]byte, error) {
	text, err := parse[string](value)
	if err != nil {
		return nil, err
	}
	id, err := hex.DecodeString(text)
	if err != nil || len(id) != len(bson.ObjectID{}) {
		return nil, fmt.Errorf("%q is not an object id", text)
	}
	return bsoncore.AppendObjectID(dst, bson.ObjectID(id)), nil
}

func appendParsed[T any](dst []byte, value json.RawMessage, add func([]byte, T) []byte) ([]byte, error) {
	v, err := parse[T](value)
	if err != nil {
		return nil, err
	}
	return add(dst, v), nil
}

func parse[T any](value json.RawMessage) (v T, err error) {
	err = json.Unmarshal(value, &v)
	return v, err
}
