package csv

import (
	"bytes"
	stdcsv "encoding/csv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// FuzzText: whatever a string holds, two independent readers give it back, and the mark of the spreadsheet dialect can be
// taken off.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a,b", "\"", "\r\n", " x ", "=1", "'=1", "''", "＝", "\x00", "\xff", "\\.", "é,\"\u2028"} {
		f.Add(s, "x")
	}
	schema := testSchema[:2]
	f.Fuzz(func(t *testing.T, a, b string) {
		doc := marshal(t, bson.D{{Key: "_id", Value: "u"}, {Key: "attributes", Value: bson.D{{Key: "first_name", Value: a}, {Key: "surname", Value: b}}}})
		want := []string{string(appendValid(nil, []byte(a))), string(appendValid(nil, []byte(b)))}
		for _, sheet := range []bool{false, true} {
			def := everything
			def.Include.Grants = false
			if sheet {
				def = spreadsheet(def)
			}
			row, _, err := mustNew(Options{Definition: def, Columns: Columns(def, schema, testRegistry)}).Append(nil, doc)
			if err != nil {
				t.Fatal(err)
			}
			records, err := parse(row)
			if err != nil || len(records) != 1 {
				t.Fatalf("%q: %q, %v", row, records, err)
			}
			other, err := stdcsv.NewReader(bytes.NewReader(row)).Read()
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range want {
				got := records[0][8+i]
				if lf := strings.ReplaceAll(got, "\r\n", "\n"); other[8+i] != lf { // encoding/csv turns CRLF into LF
					t.Errorf("encoding/csv reads %q, want %q", other[8+i], lf)
				}
				if sheet {
					got = strings.TrimPrefix(got, "'")
				}
				if got != w {
					t.Errorf("%q came back as %q", w, got)
				}
			}
		}
	})
}

// FuzzDocument: no bytes make the encoder panic, read outside the document, or write what is no CSV.
func FuzzDocument(f *testing.F) {
	for _, doc := range people(f, 20, 13) {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		e := mustNew(testOptions(everything))
		row, rows, err := e.Append(nil, doc)
		if err != nil {
			return
		}
		row = e.Fill(nil, row, 0, len(row))
		records, err := parse(row)
		if err != nil || len(records) != rows {
			t.Fatalf("%d rows, %d records, %v", rows, len(records), err)
		}
		for _, r := range records {
			if len(r) != len(e.columns) {
				t.Fatalf("%d cells in %q", len(r), r)
			}
		}
	})
}
