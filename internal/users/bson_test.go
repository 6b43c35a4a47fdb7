package users

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestEncodeDocumentEqualsMarshal(t *testing.T) {
	t.Parallel()
	decimal, err := bson.ParseDecimal128("12.50")
	if err != nil {
		t.Fatal(err)
	}
	before1970 := time.Date(1850, 1, 2, 3, 4, 5, int(6*time.Millisecond), time.FixedZone("", 3600))
	for name, d := range map[string]bson.D{
		"a user":        Document(sampleUser()),
		"an empty user": Document(User{}),
		"nothing":       {},
		"the usual types": {
			{Key: "text", Value: "ü\x00😀"}, {Key: "", Value: ""}, {Key: "yes", Value: true}, {Key: "no", Value: false},
			{Key: "integer", Value: int64(-1) << 62}, {Key: "number", Value: -0.5}, {Key: "none", Value: nil},
			{Key: "time", Value: before1970}, {Key: "zero", Value: time.Time{}}, {Key: "datetime", Value: bson.NewDateTimeFromTime(before1970)},
			{Key: "document", Value: bson.D{{Key: "inner", Value: bson.D{}}}}, {Key: "list", Value: bson.A{"a", bson.A{}, bson.D{}, nil, int64(1)}},
		},
		"other types": {
			{Key: "small", Value: int32(7)}, {Key: "int", Value: 7}, {Key: "decimal", Value: decimal}, {Key: "id", Value: bson.NewObjectID()},
			{Key: "bytes", Value: []byte("x")}, {Key: "texts", Value: []string{"a"}}, {Key: "map", Value: map[string]any{"a": int32(1)}},
			{Key: "raw", Value: json.RawMessage("1")}, {Key: "pointer", Value: &before1970}, {Key: "list", Value: bson.A{int32(1), decimal}},
			{Key: "symbol", Value: bson.Symbol("s")}, {Key: "pattern", Value: bson.Regex{Pattern: "a", Options: "i"}},
		},
	} {
		want, err := bson.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := encodeDocument(d); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, bson.Raw(want))
		}
	}
}

func TestEncodeDocumentRefusesWhatMarshalRefuses(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]bson.D{
		"a NUL in a key":       {{Key: "a\x00b", Value: "x"}},
		"a NUL in a deep key":  {{Key: "a", Value: bson.A{bson.D{{Key: "\x00", Value: "x"}}}}},
		"a type without codec": {{Key: "a", Value: make(chan int)}},
	} {
		if _, err := bson.Marshal(d); err == nil {
			t.Errorf("%s: Marshal accepts it", name)
		}
		if _, err := encodeDocument(d); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got, err := encodeDocument(bson.D{{Key: "a", Value: "b"}}); err != nil || got.Lookup("a").StringValue() != "b" {
			t.Errorf("%s: the next document is %v, %v", name, got, err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	u := sampleUser()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(u); err != nil {
			b.Fatal(err)
		}
	}
}
