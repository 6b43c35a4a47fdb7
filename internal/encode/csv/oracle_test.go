package csv

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// oracle is a simple reference implementation of the file: it decodes documents into maps, without
// a plan and without reading raw BSON. Its cells are strings, or decoded values for cells with
// JSON.
type oracle struct {
	def     export.Definition
	columns []export.Column
}

func (o oracle) rows(doc bson.Raw) (rows [][]any) {
	var m bson.M
	if err := bson.Unmarshal(doc, &m); err != nil {
		panic(err)
	}
	grants := []any{bson.D{}}
	if a, ok := m["grants"].(bson.A); ok && o.def.Include.Grants {
		a = slices.DeleteFunc(slices.Clone(a), func(v any) bool { _, ok := v.(bson.D); return !ok })
		if len(a) > 0 {
			grants = a
		}
	}
	for _, g := range grants {
		var row []any
		for _, c := range o.columns {
			row = append(row, o.cell(m, g.(bson.D), c))
		}
		rows = append(rows, row)
	}
	return rows
}

func (o oracle) cell(m bson.M, grant bson.D, c export.Column) any {
	in := func(name, key string) any {
		d, _ := m[name].(bson.D)
		return valueOf(d, key)
	}
	switch c.Source {
	case export.FromStore:
		if id, ok := m["user_store_id"].(string); ok && testLabels.Stores[id] != "" {
			return o.text(testLabels.Stores[id], "")
		}
		return o.text(m["user_store_id"], "")
	case export.FromUser:
		if c.Key == "user_id" {
			return o.text(m["_id"], "")
		}
		if key, ok := strings.CutPrefix(c.Key, "identifiers."); ok {
			return o.text(in("identifiers", key), "")
		}
		return o.text(m[c.Key], "")
	case export.FromGrant:
		names := map[string]string{"id": "grantId", "start": "startTime", "end": "endTime", "created": "createdAt", "product": "product_id", "account": "account_id"}
		name, ok := names[c.Key]
		if !ok {
			name = c.Key
		}
		v := valueOf(grant, name)
		id, _ := v.(string)
		switch c.Key {
		case "product":
			v = testLabels.Products[id]
		case "account":
			v = ""
			if id != "" {
				v = accountNames([]string{id})[id]
			}
		}
		return o.text(v, "")
	default:
		return o.text(in(string(c.Source), users.EscapeAppID(c.Key)), users.InputType(c.Type))
	}
}

func (o oracle) text(v any, kind users.InputType) any {
	var s string
	switch v := v.(type) {
	case nil:
		return ""
	case bson.D, bson.A:
		return decoded(v)
	case bson.DateTime:
		return users.FormatDate(kind, v.Time())
	case int32, int64, bool, bson.Decimal128:
		return fmt.Sprint(v)
	case float64:
		return number(v)
	default:
		s = plain(v)
	}
	return s
}

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bson.ObjectID:
		return v.Hex()
	case bson.Binary:
		return base64.StdEncoding.EncodeToString(v.Data)
	}
	panic(fmt.Sprintf("%T", v))
}

func number(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 0):
		return strings.Replace(fmt.Sprint(f), "Inf", "Infinity", 1)[strings.Count(fmt.Sprint(f), "+"):]
	case f == 0 && math.Signbit(f):
		return "-0"
	}
	b, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// decoded returns the expected result of decoding a JSON cell.
func decoded(v any) any {
	switch v := v.(type) {
	case bson.D:
		m := map[string]any{}
		for _, e := range v {
			m[e.Key] = decoded(e.Value)
		}
		return m
	case bson.A:
		a := []any{}
		for _, e := range v {
			a = append(a, decoded(e))
		}
		return a
	case nil, bool:
		return v
	case bson.DateTime:
		return v.Time().UTC().Format(export.TimeFormat)
	case int32, int64:
		return json.Number(fmt.Sprint(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return number(v)
		}
		return json.Number(number(v))
	case bson.Decimal128:
		if s := v.String(); v.IsNaN() || v.IsInf() != 0 {
			return s
		}
		return json.Number(v.String())
	default:
		return plain(v)
	}
}

func valueOf(d bson.D, key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

func TestEncoderAgreesWithOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := allGroups
		def.Include.Attributes = rapid.Bool().Draw(t, "attributes")
		def.Include.ForeignKeys = rapid.Bool().Draw(t, "foreignKeys")
		def.Include.Grants = rapid.Bool().Draw(t, "grants")
		if rapid.Bool().Draw(t, "spreadsheet") {
			def = spreadsheet(def)
		}
		o := testOptions(def)
		var docs []bson.Raw
		for _, d := range rapid.SliceOfN(rapid.Custom(drawUser), 1, 20).Draw(t, "users") {
			raw, err := bson.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, raw)
		}
		_, out, rows := encodeFile(t, o, docs)
		if def.File.Dialect == export.DialectSpreadsheet {
			out = out[len(bom):]
		}
		records, err := parse(out)
		if err != nil {
			t.Fatalf("%v in %q", err, out)
		}
		if strings.Join(records[0], " ") != names(o.Columns) {
			t.Fatalf("header %q", records[0])
		}
		var want [][]any
		for _, doc := range docs {
			want = append(want, oracle{def, o.Columns}.rows(doc)...)
		}
		if len(records)-1 != len(want) || rows != len(want) {
			t.Fatalf("%d records, %d rows said, want %d", len(records)-1, rows, len(want))
		}
		for i, row := range want {
			for j, cell := range row {
				got := records[i+1][j]
				if def.File.Dialect == export.DialectSpreadsheet {
					got = RemoveGuard(got)
				}
				checkCell(t, got, cell, o.Columns[j].Name)
			}
		}
		if got := Cells(out); !reflect.DeepEqual(got, records) {
			t.Fatalf("Cells gives %q, want %q", got, records)
		}
		var c Counter
		for b := range slices.Chunk(out, 5) {
			_, _ = c.Write(b)
		}
		if c.Records() != int64(len(records)) || !c.AtRecordEnd() {
			t.Fatalf("counted %d records, want %d", c.Records(), len(records))
		}
	})
}

func checkCell(t *rapid.T, got string, want any, column string) {
	if s, ok := want.(string); ok {
		if got != s {
			t.Fatalf("%s: %q, want %q", column, got, s)
		}
		return
	}
	d := json.NewDecoder(strings.NewReader(got))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || !reflect.DeepEqual(v, want) {
		t.Fatalf("%s: %s is %#v (%v), want %#v", column, got, v, err, want)
	}
}

// drawUser draws a user with fields in any order, missing fields, and values of any type.
func drawUser(t *rapid.T) bson.D {
	sub := func(names ...string) bson.D {
		var d bson.D
		for _, n := range rapid.Permutation(names).Draw(t, "order")[rapid.IntRange(0, len(names)).Draw(t, "missing"):] {
			d = append(d, bson.E{Key: n, Value: drawValue(t, 2)})
		}
		return d
	}
	grants := bson.A{}
	for range rapid.IntRange(0, 3).Draw(t, "grants") {
		if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
			grants = append(grants, int32(1))
			continue
		}
		g := sub("grantId", "entitlement_type", "startTime", "endTime", "other", "account_id")
		grants = append(grants, append(g, bson.E{Key: "product_id", Value: rapid.SampledFrom([]string{"product-0", "product-1", "none"}).Draw(t, "product")}))
	}
	d := bson.D{
		{Key: "_id", Value: drawText.Draw(t, "id")},
		{Key: "user_store_id", Value: rapid.SampledFrom([]any{"store-1", "store-2", "store-9", int32(4), nil}).Draw(t, "store")},
		{Key: "identifiers", Value: sub("email_address", "username", "extra")},
		{Key: "registered", Value: drawValue(t, 2)},
		{Key: "attributes", Value: sub("first_name", "birthday", "age", "secret", "unknown", "phone")},
		{Key: "foreign_keys", Value: sub("crm", "billing", "unknown")},
		{Key: "extended_profiles", Value: sub("quiz", "app%2Eexample", "unknown")},
		{Key: "unknown", Value: drawValue(t, 1)},
		{Key: "grants", Value: grants},
	}
	return rapid.Permutation(d).Draw(t, "fields")[:rapid.IntRange(0, len(d)).Draw(t, "kept")]
}

var drawText = rapid.OneOf(rapid.String(), rapid.StringMatching("[-=+@'\t\r\n, \"\\\\a＝]{0,12}"))

func drawValue(t *rapid.T, depth int) any {
	switch rapid.IntRange(0, 11-2*max(0, 1-depth)).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Int32().Draw(t, "int32")
	case 2:
		return rapid.Int64().Draw(t, "int64")
	case 3:
		return rapid.Float64().Draw(t, "double")
	case 4:
		return rapid.Bool().Draw(t, "bool")
	case 5:
		day := rapid.Int64Range(0, 100_000).Draw(t, "day") * millisPerDay
		return bson.DateTime(day + rapid.SampledFrom([]int64{0, 0, 1, 50_400_000}).Draw(t, "ms"))
	case 6:
		return bson.NewObjectIDFromTimestamp(time.Unix(rapid.Int64Range(0, 1<<31).Draw(t, "oid"), 0))
	case 7:
		return bson.Binary{Data: rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")}
	case 8:
		return decimal(strconv.FormatInt(rapid.Int64().Draw(t, "digits"), 10) + "E" + strconv.Itoa(rapid.IntRange(-30, 30).Draw(t, "exp")))
	case 10:
		d := bson.D{}
		for i := range rapid.IntRange(0, 3).Draw(t, "fields") {
			d = append(d, bson.E{Key: strconv.Itoa(i) + strings.ReplaceAll(drawText.Draw(t, "key"), "\x00", ""), Value: drawValue(t, depth-1)})
		}
		return d
	case 11:
		a := bson.A{}
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			a = append(a, drawValue(t, depth-1))
		}
		return a
	default:
		return drawText.Draw(t, "text")
	}
}
