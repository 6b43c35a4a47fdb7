package csv

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// attributeCell encodes a value as attributes.x of a user. It returns the cell and the encoder.
func attributeCell(t *testing.T, def export.Definition, kind users.InputType, v any) (string, *Encoder) {
	t.Helper()
	def.Include = export.Include{Attributes: true}
	raw, err := bson.Marshal(bson.D{{Key: "_id", Value: "u"}, {Key: "attributes", Value: bson.D{{Key: "x", Value: v}}}})
	if err != nil {
		t.Fatal(err)
	}
	e := mustNew(Options{Definition: def, Columns: Columns(def, users.Schema{{Slug: "x", Type: kind}}, users.Registry{})})
	row, rows, err := e.Append(nil, raw)
	if err != nil || rows != 1 {
		t.Fatalf("rows %d, error %v", rows, err)
	}
	cells, err := parse(row)
	if err != nil || len(cells) != 1 || len(cells[0]) != 9 {
		t.Fatalf("%q parses as %q, %v", row, cells, err)
	}
	return cells[0][8], e
}

func decimal(s string) bson.Decimal128 {
	d, err := bson.ParseDecimal128(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestEveryTypeHasATextForm(t *testing.T) {
	t.Parallel()
	oid, _ := bson.ObjectIDFromHex("65a1b2c3d4e5f60718293a4b")
	uuid := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	for _, test := range []struct {
		name string
		v    any
		cell string
		json string // inside a document
	}{
		{"string", "a, \"b\"\r\nc", "a, \"b\"\r\nc", `"a, \"b\"\r\nc"`},
		{"empty string", "", "", `""`},
		{"controls", "\x00\x01\b\f\t\x7f/\\\u2028", "\x00\x01\b\f\t\x7f/\\\u2028", "\"\\u0000\\u0001\\b\\f\\t\x7f/\\\\\u2028\""},
		{"symbol", bson.Symbol("sym"), "sym", `"sym"`},
		{"int32", int32(math.MinInt32), "-2147483648", "-2147483648"},
		{"int64", int64(math.MaxInt64), "9223372036854775807", "9223372036854775807"},
		{"double", 0.1, "0.1", "0.1"},
		{"double, integral", 1234567.0, "1234567", "1234567"},
		{"double, negative zero", math.Copysign(0, -1), "-0", "-0"},
		{"double, large", 1e21, "1e+21", "1e+21"},
		{"double, below exponent", 123456789012345680000.0, "123456789012345680000", "123456789012345680000"},
		{"double, small", 1.5e-7, "1.5e-7", "1.5e-7"},
		{"double, least", math.SmallestNonzeroFloat64, "5e-324", "5e-324"},
		{"NaN", math.NaN(), "NaN", `"NaN"`},
		{"infinity", math.Inf(1), "Infinity", `"Infinity"`},
		{"negative infinity", math.Inf(-1), "-Infinity", `"-Infinity"`},
		{"decimal", decimal("12.50"), "12.50", "12.50"},
		{"decimal, exponent", decimal("1E+3"), "1E+3", "1E+3"},
		{"decimal, 34 digits", decimal("9.999999999999999999999999999999999E+6144"), "9.999999999999999999999999999999999E+6144", "9.999999999999999999999999999999999E+6144"},
		{"decimal NaN", decimal("NaN"), "NaN", `"NaN"`},
		{"decimal infinity", decimal("-Infinity"), "-Infinity", `"-Infinity"`},
		{"true", true, "true", "true"},
		{"false", false, "false", "false"},
		{"date", bson.DateTime(1795422688123), "2026-11-23T08:31:28.123Z", `"2026-11-23T08:31:28.123Z"`},
		{"date before 1970", bson.DateTime(-1), "1969-12-31T23:59:59.999Z", `"1969-12-31T23:59:59.999Z"`},
		{"date, year 10000", bson.DateTime(253402300800000), "+010000-01-01T00:00:00.000Z", `"+010000-01-01T00:00:00.000Z"`},
		{"date, year -1", bson.DateTime(-62198755200000), "-000001-01-01T00:00:00.000Z", `"-000001-01-01T00:00:00.000Z"`},
		{"date, last", bson.DateTime(math.MaxInt64), "+292278994-08-17T07:12:55.807Z", `"+292278994-08-17T07:12:55.807Z"`},
		{"date, first", bson.DateTime(math.MinInt64), "-292275055-05-16T16:47:04.192Z", `"-292275055-05-16T16:47:04.192Z"`},
		{"objectId", oid, "65a1b2c3d4e5f60718293a4b", `"65a1b2c3d4e5f60718293a4b"`},
		{"uuid", bson.Binary{Subtype: 4, Data: uuid}, "00010203-0405-0607-0809-0a0b0c0d0e0f", `"00010203-0405-0607-0809-0a0b0c0d0e0f"`},
		{"uuid, legacy", bson.Binary{Subtype: 3, Data: uuid}, "AAECAwQFBgcICQoLDA0ODw==", `"AAECAwQFBgcICQoLDA0ODw=="`},
		{"binary", bson.Binary{Data: []byte{0xfb, 0xff}}, "+/8=", `"+/8="`},
		{"binary, old", bson.Binary{Subtype: 2, Data: []byte("hi")}, "aGk=", `"aGk="`},
		{"binary, empty", bson.Binary{}, "", `""`},
		{"document", bson.D{{Key: "z", Value: int32(1)}, {Key: "a", Value: bson.D{}}}, `{"z":1,"a":{}}`, `{"z":1,"a":{}}`},
		{"array", bson.A{int32(1), "x", nil, bson.A{}}, `[1,"x",null,[]]`, `[1,"x",null,[]]`},
		{"null", nil, "", "null"},
		{"undefined", bson.Undefined{}, "", "null"},
		{"regex", bson.Regex{Pattern: `^a"/b\d`, Options: "im"}, `/^a"/b\d/im`, `"/^a\"/b\\d/im"`},
		{"timestamp", bson.Timestamp{T: 1412180887, I: 7}, "Timestamp(1412180887, 7)", `"Timestamp(1412180887, 7)"`},
		{"code", bson.JavaScript("f()"), "f()", `"f()"`},
		{"code with scope", bson.CodeWithScope{Code: "f()", Scope: bson.D{{Key: "n", Value: int32(1)}}}, `{"$code":"f()","$scope":{"n":1}}`, `{"$code":"f()","$scope":{"n":1}}`},
		{"dbPointer", bson.DBPointer{DB: "c", Pointer: oid}, `{"$ref":"c","$id":"65a1b2c3d4e5f60718293a4b"}`, `{"$ref":"c","$id":"65a1b2c3d4e5f60718293a4b"}`},
		{"minKey", bson.MinKey{}, "MinKey", `"MinKey"`},
		{"maxKey", bson.MaxKey{}, "MaxKey", `"MaxKey"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, _ := attributeCell(t, allGroups, users.Text, test.v); got != test.cell {
				t.Errorf("cell %q, want %q", got, test.cell)
			}
			if got, _ := attributeCell(t, allGroups, users.Text, bson.D{{Key: "k\"", Value: test.v}}); got != `{"k\"":`+test.json+"}" {
				t.Errorf("JSON %q, want %q", got, test.json)
			}
		})
	}
}

func TestDateKinds(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	from := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	days := int(time.Date(9999, 12, 25, 0, 0, 0, 0, time.UTC).Sub(time.Unix(0, 0)).Hours()/24) + 719_162
	for _, kind := range []users.InputType{users.Date, users.DateTime, users.Clock, users.Week, users.Month} {
		for i := range 20_000 {
			v := from.AddDate(0, 0, r.IntN(days)) // usually exactly on a date
			switch i % 5 {
			case 0:
				v = time.Unix(int64(r.IntN(86_400)), 0)
			case 1:
				v = v.Add(time.Duration(r.IntN(86_400_000)) * time.Millisecond)
			case 2:
				v = v.AddDate(0, 0, 1-v.Day())
			case 3:
				v = v.AddDate(0, 0, -(int(v.Weekday())+6)%7)
			}
			if v.Before(from.AddDate(0, 0, 7)) {
				continue
			}
			if got, want := string(appendDate(nil, v.UnixMilli(), formOf(kind))), users.FormatDate(kind, v); got != want {
				t.Fatalf("%s %v: got %s, want %s", kind, v, got, want)
			}
		}
	}
}

func TestNumbersEqualDriver(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 200_000 {
		f := math.Float64frombits(r.Uint64())
		if back, err := strconv.ParseFloat(string(users.AppendDouble(nil, f)), 64); err != nil || back != f && !math.IsNaN(f) {
			t.Fatalf("%v became %s", f, users.AppendDouble(nil, f))
		}
		exp := r.Uint64N(12288)
		if r.IntN(2) == 0 {
			exp = 6176 - 20 + r.Uint64N(25)
		}
		high, low := r.Uint64N(1<<49)>>r.IntN(50), r.Uint64()>>r.IntN(65)
		if high > 0x1ed09bead87c0 { // at least 10^34: not canonical
			continue
		}
		d := bson.NewDecimal128(r.Uint64N(2)<<63|exp<<49|high, low)
		_, raw, err := bson.MarshalValue(d)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := appendDecimal(nil, raw); string(got) != d.String() {
			t.Fatalf("%x %x: got %s, want %s", high, low, got, d)
		}
	}
}

func TestInvalidUTF8IsReplacedAndCounted(t *testing.T) {
	t.Parallel()
	got, e := attributeCell(t, allGroups, users.Text, "a\xffb\xe2\x82c,")
	if want := "a\uFFFDb\uFFFD\uFFFDc,"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if w := warnings(e); len(w) != 1 || w[0].Code != CodeInvalidText || w[0].Count != 1 {
		t.Errorf("warnings %v", w)
	}
	got, e = attributeCell(t, allGroups, users.Text, bson.A{"\xff", "ok", "\xff\xff"})
	if w := warnings(e); got != "[\"\uFFFD\",\"ok\",\"\uFFFD\uFFFD\"]" || w[0].Count != 2 {
		t.Errorf("got %q, warnings %v", got, w)
	}
}

func TestSpreadsheetGuardsFormulas(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"=1+2", "+44", "-7", "@x", "\tx", "\rx", "\nx", "'x", "'", "=", "＝1", "＋1", "－1", "＠x", "=a,\"b\""} {
		if got, _ := attributeCell(t, spreadsheet(allGroups), users.Text, s); got != "'"+s {
			t.Errorf("%q became %q", s, got)
		}
		if got, _ := attributeCell(t, allGroups, users.Text, s); got != s {
			t.Errorf("rfc4180: %q became %q", s, got)
		}
	}
	for _, v := range []any{"a=1", " 1", "＃", "\xef", "plain", int32(-7), -0.5, decimal("-1.5"), bson.A{"=1"}} {
		got, _ := attributeCell(t, spreadsheet(allGroups), users.Text, v)
		if strings.HasPrefix(got, "'") {
			t.Errorf("%v became %q", v, got)
		}
	}
}
