package users

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// bsonBuffers holds buffers of encodeDocument.
var bsonBuffers = sync.Pool{New: func() any { return new([]byte) }}

// encodeDocument returns what bson.Marshal returns, in less time: it calls the codecs of package bson
// only for values of a type that users seldom have.
func encodeDocument(d bson.D) (bson.Raw, error) {
	buffer, _ := bsonBuffers.Get().(*[]byte)
	defer bsonBuffers.Put(buffer)
	b, err := appendDocument((*buffer)[:0], d)
	if err != nil {
		return nil, err
	}
	*buffer = b
	return bytes.Clone(b), nil
}

func appendDocument(b []byte, d bson.D) (_ []byte, err error) {
	start, b := bsoncore.AppendDocumentStart(b)
	for _, e := range d {
		if b, err = appendElement(b, e.Key, e.Value); err != nil {
			return b, err
		}
	}
	return bsoncore.AppendDocumentEnd(b, start)
}

func appendArray(b []byte, a bson.A) (_ []byte, err error) {
	start, b := bsoncore.AppendDocumentStart(b)
	for i, v := range a {
		if b, err = appendElement(b, strconv.Itoa(i), v); err != nil {
			return b, err
		}
	}
	return bsoncore.AppendDocumentEnd(b, start)
}

func appendElement(b []byte, key string, value any) ([]byte, error) {
	if strings.IndexByte(key, 0) >= 0 {
		return b, errors.New("a key contains a NUL character")
	}
	switch v := value.(type) {
	case string:
		return bsoncore.AppendStringElement(b, key, v), nil
	case bool:
		return bsoncore.AppendBooleanElement(b, key, v), nil
	case int64:
		return bsoncore.AppendInt64Element(b, key, v), nil
	case float64:
		return bsoncore.AppendDoubleElement(b, key, v), nil
	case bson.DateTime:
		return bsoncore.AppendDateTimeElement(b, key, int64(v)), nil
	case time.Time:
		return bsoncore.AppendDateTimeElement(b, key, v.UnixMilli()), nil
	case nil:
		return bsoncore.AppendNullElement(b, key), nil
	case bson.D:
		return appendDocument(bsoncore.AppendHeader(b, bsoncore.TypeEmbeddedDocument, key), v)
	case bson.A:
		return appendArray(bsoncore.AppendHeader(b, bsoncore.TypeArray, key), v)
	default:
		t, data, err := bson.MarshalValue(v)
		if err != nil {
			return b, fmt.Errorf("encode the value of %q: %w", key, err)
		}
		return append(bsoncore.AppendHeader(b, bsoncore.Type(t), key), data...), nil
	}
}
