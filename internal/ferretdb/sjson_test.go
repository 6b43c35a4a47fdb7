package ferretdb

import (
	"math"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	text := `{"$s":{"p":{
		"_id":{"t":"string"},"z":{"t":"object","$s":{"p":{"b":{"t":"int"},"a":{"t":"long"}},"$k":["b","a"]}},
		"double":{"t":"double"},"negative":{"t":"double"},"large":{"t":"double"},
		"list":{"t":"array","i":[{"t":"null"},{"t":"bool"},{"t":"array","i":[]},{"t":"object","$s":{}}]},
		"date":{"t":"date"},"binary":{"t":"binData","s":128},"nothing":{"t":"binData","s":0},"object":{"t":"objectId"},
		"timestamp":{"t":"timestamp"},"regex":{"t":"regex","o":"i"},"null":{"t":"string"}
	},"$k":["_id","z","double","negative","large","list","date","binary","nothing","object","timestamp","regex","null"]},
	"null":null,"_id":"\u003cä\ud834\udd1e\u0000\u2028","z":{"a":-9223372036854775808,"b":-2147483648},"double":1,"negative":-0,"large":1e+308,
	"list":[null,true,[],{}],"date":-1,"binary":"AQI=","nothing":"","object":"0102030405060708090a0b0c",
	"timestamp":18446744069414584321,"regex":"^a"}`
	want, err := bson.Marshal(bson.D{
		{Key: "_id", Value: "<ä𝄞\x00\u2028"},
		{Key: "z", Value: bson.D{{Key: "b", Value: int32(math.MinInt32)}, {Key: "a", Value: int64(math.MinInt64)}}},
		{Key: "double", Value: 1.0},
		{Key: "negative", Value: math.Copysign(0, -1)},
		{Key: "large", Value: 1e308},
		{Key: "list", Value: bson.A{nil, true, bson.A{}, bson.D{}}},
		{Key: "date", Value: bson.DateTime(-1)},
		{Key: "binary", Value: bson.Binary{Subtype: 128, Data: []byte{1, 2}}},
		{Key: "nothing", Value: bson.Binary{Data: []byte{}}},
		{Key: "object", Value: bson.ObjectID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{Key: "timestamp", Value: bson.Timestamp{T: math.MaxUint32, I: 1}},
		{Key: "regex", Value: bson.Regex{Pattern: "^a", Options: "i"}},
		{Key: "null", Value: nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode([]byte(text))
	if err != nil || string(got) != string(want) {
		t.Errorf("%v, error %v, not %v", got, err, bson.Raw(want))
	}
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	for text, words := range map[string]string{
		`{`:                       "unexpected EOF",
		`{"$s":{}} {}`:            "a text after it",
		`{"$s":{"$k":[1]},"a":1}`: "the schema has the key 1",
		`{"_id":"a"}`:             "no schema",
		`{"$s":1}`:                "no schema",
		`{"$s":{},"a":1}`:         "the schema has 0 members and the document 1",
		`{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]},"b":1}`:                                 "a: only the schema has it",
		`{"$s":{"$k":["a"]},"a":1}`:                                                       "a: the schema lacks it",
		`{"$s":{"p":{"a":{"t":"decimal"}},"$k":["a"]},"a":1}`:                             `a: no value has the type "decimal"`,
		`{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]},"a":1.5}`:                               "the value is not of type int",
		`{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]},"a":2147483648}`:                        "the value is not of type int",
		`{"$s":{"p":{"a":{"t":"double"}},"$k":["a"]},"a":"NaN"}`:                          "the value is not of type double",
		`{"$s":{"p":{"a":{"t":"null"}},"$k":["a"]},"a":1}`:                                `a: no value has the type "null"`,
		`{"$s":{"p":{"a":{"t":"objectId"}},"$k":["a"]},"a":"0102"}`:                       "the value is not of type objectId",
		`{"$s":{"p":{"a":{"t":"binData"}},"$k":["a"]},"a":"AQI="}`:                        "the value is not of type binData",
		`{"$s":{"p":{"a":{"t":"regex"}},"$k":["a"]},"a":"x"}`:                             "the value is not of type regex",
		`{"$s":{"p":{"a":{"t":"object"}},"$k":["a"]},"a":{}}`:                             "the value is not of type object",
		`{"$s":{"p":{"a":{"t":"array","i":[{"t":"int"}]}},"$k":["a"]},"a":[]}`:            "a: the schema has 1 items and the array 0",
		`{"$s":{"p":{"a":{"t":"array","i":[{"t":"int"}]}},"$k":["a"]},"a":[true]}`:        "the value is not of type int",
		`{"$s":{"p":{"a":{"t":"object","$s":{"$k":["b"]}}},"$k":["a"]},"a":{"b":"text"}}`: "a: b: the schema lacks it",
	} {
		if doc, err := decode([]byte(text)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, error %v", text, doc, err)
		}
	}
}
