package csv

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// apiText returns the text of a decoded attribute as the API serves it: text unchanged, other
// values as JSON.
func apiText(t rapid.TB, v any) string {
	t.Helper()
	if at, ok := v.(time.Time); ok {
		v = export.FormatTime(at)
	}
	if s, ok := v.(string); ok || v == nil {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The file and the API show the same text for a value of any type.
func TestAPITextEqualsFileText(t *testing.T) {
	t.Parallel()
	oid := bson.NewObjectID()
	uuid := []byte{0x6b, 0x1f, 0x5a, 0x0e, 0x3c, 0x57, 0x4f, 0x2a, 0x9a, 0x3e, 0x0f, 0x8f, 0x1f, 0x5d, 0x2c, 0x11}
	for _, v := range []any{
		"text", "", "\x00\x01\b\f\t\x7f/\\<&>\u2028", bson.Symbol("symbol"), int32(math.MinInt32), int64(math.MaxInt64), true, false, nil, bson.Undefined{},
		0.1, 1234567.0, math.Copysign(0, -1), 1e21, 123456789012345680000.0, 1.5e-7, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1),
		decimal("12.50"), decimal("1E+3"), decimal("NaN"), decimal("-Infinity"), bson.DateTime(-1), bson.DateTime(253402300800000),
		bson.DateTime(-62198755200000), bson.DateTime(math.MaxInt64), bson.DateTime(math.MinInt64), oid, bson.Binary{Subtype: 4, Data: uuid},
		bson.Binary{Subtype: 4, Data: uuid[1:]}, bson.Binary{Subtype: 3, Data: uuid}, bson.Binary{Data: []byte{0xfb, 0xff}}, bson.Binary{Subtype: 2, Data: []byte("hi")},
		bson.Binary{}, bson.Binary{Subtype: 0x80, Data: uuid}, bson.D{{Key: "z", Value: int32(1)}, {Key: "<ü>", Value: bson.D{}}}, bson.A{int32(1), "x", nil, bson.A{}},
		bson.Regex{Pattern: `^a"/b\d`, Options: "im"}, bson.Timestamp{T: 1412180887, I: 7}, bson.JavaScript("f()"),
		bson.CodeWithScope{Code: "f()", Scope: bson.D{{Key: "n", Value: 1.5}}}, bson.DBPointer{DB: "c", Pointer: oid}, bson.MinKey{}, bson.MaxKey{},
	} {
		checkSameText(t, v)
	}
	rapid.Check(t, func(t *rapid.T) { checkSameText(t, drawValue(t, 3)) })
}

// checkSameText compares the texts of a value, and of a document that contains it.
func checkSameText(t rapid.TB, v any) {
	t.Helper()
	for _, v := range []any{v, bson.D{{Key: "k\"", Value: v}}, bson.A{v, v}} {
		raw, err := bson.Marshal(bson.D{{Key: "_id", Value: "u"}, {Key: "attributes", Value: bson.D{{Key: "x", Value: v}}}})
		if err != nil {
			t.Fatal(err)
		}
		u, err := users.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		def := allGroups
		def.Include = export.Include{Attributes: true}
		e := mustNew(Options{Definition: def, Columns: Columns(def, users.Schema{{Slug: "x", Type: users.Text}}, users.Registry{})})
		row, _, err := e.Append(nil, raw)
		if err != nil {
			t.Fatal(err)
		}
		cells, err := parse(row)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := apiText(t, u.Attributes["x"]), cells[0][8]; got != want {
			t.Fatalf("%#v: the API has %q, the file has %q", v, got, want)
		}
	}
}

// The file contains every date in a form that reads back as the same date.
func TestDatesRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.OneOf(rapid.Int64(), rapid.Custom(func(t *rapid.T) int64 {
			return rapid.Int64Range(-800_000, 4_000_000).Draw(t, "day") * millisPerDay
		})).Draw(t, "ms")
		for _, kind := range []users.InputType{users.Date, users.DateTime, users.Clock, users.Week, users.Month} {
			if got, want := string(appendDate(nil, ms, formOf(kind))), users.FormatDate(kind, time.UnixMilli(ms)); got != want {
				t.Fatalf("%s %d: the file has %s, want %s", kind, ms, got, want)
			}
		}
	})
}
