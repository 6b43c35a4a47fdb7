package csv

import (
	"bytes"
	stdcsv "encoding/csv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// FuzzText checks that two independent readers return any string unchanged, that RemoveGuard undoes
// the guard marks, and that no simulated reader finds a formula.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a,b", "\"", "\r\n", " x ", "=1", "'=1", "''", "＝", "\x00", "\xff", "\\.", "é,\"\u2028", "x;=1", "x; \"-1\"", "x;'", "a,b;", "x;\r"} {
		f.Add(s, "x")
	}
	schema := testSchema[:2]
	f.Fuzz(func(t *testing.T, a, b string) {
		doc := marshal(t, bson.D{{Key: "_id", Value: "u"}, {Key: "attributes", Value: bson.D{{Key: "first_name", Value: a}, {Key: "surname", Value: b}}}})
		want := []string{string(appendValid(nil, []byte(a))), string(appendValid(nil, []byte(b)))}
		for _, sheet := range []bool{false, true} {
			def := allGroups
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
			if sheet {
				checkNoFormula(t, string(row)+string(row))
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
					got = RemoveGuard(got)
				}
				if got != w {
					t.Errorf("%q was unguarded to %q", w, got)
				}
			}
		}
	})
}

// FuzzDocument checks that no input makes the encoder panic, read outside of the document, or write
// invalid CSV.
func FuzzDocument(f *testing.F) {
	for _, doc := range makeUsers(f, 20, 13) {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		e := mustNew(testOptions(allGroups))
		row, rows, err := e.Append(nil, doc)
		if err != nil {
			return
		}
		row = e.FillNames(nil, row, 0, len(row))
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
