package csv

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"
)

// encodeInBatches encodes a user with Rows in batches of size bytes.
func encodeInBatches(t interface{ Fatal(args ...any) }, e *Encoder, doc bson.Raw, size int) (out []byte, rows int, missed []Miss) {
	r, err := e.Rows(doc)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for more := true; more; {
		var open []byte
		var ends []int
		if open, ends, more, err = r.Next(nil, nil, size); err != nil {
			t.Fatal(err)
		}
		ids := e.UnknownAccounts()
		e.SetNames(ids, accountNames(ids))
		from := 0
		for _, end := range ends {
			out = append(out, r.Own()...)
			out = e.FillNames(out, open, from, end)
			from = end
		}
		rows += len(ends)
		e.Reset()
	}
	return out, rows, e.Missed(nil)
}

// Append and Rows, with batches of any size, give the same rows and the same misses.
func TestRowsEqualAppend(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := allGroups
		def.Include.Grants = rapid.Bool().Draw(t, "grants")
		if rapid.Bool().Draw(t, "spreadsheet") {
			def = spreadsheet(def)
		}
		doc, err := bson.Marshal(rapid.Custom(drawUser).Draw(t, "user"))
		if err != nil {
			t.Fatal(err)
		}
		e := mustNew(testOptions(def))
		open, rows, err := e.Append(nil, doc)
		if err != nil {
			t.Fatal(err)
		}
		missed := e.Missed(nil)
		ids := e.UnknownAccounts()
		e.SetNames(ids, accountNames(ids))
		want := e.FillNames(nil, open, 0, len(open))
		e.Reset()
		got, n, m := encodeInBatches(t, mustNew(testOptions(def)), doc, rapid.IntRange(1, 500).Draw(t, "size"))
		if !bytes.Equal(got, want) || n != rows || !reflect.DeepEqual(m, missed) {
			t.Fatalf("%d rows %q, missed %v, want %d %q %v", n, got, m, rows, want, missed)
		}
	})
}

// makeLargeUser returns a user with the given number of grants, and own cells of about own bytes
// each.
func makeLargeUser(t testing.TB, grants, own int) bson.Raw {
	all := bson.A{}
	for range grants {
		all = append(all, bson.D{{Key: "grantId", Value: "g"}, {Key: "account_id", Value: "a1"}})
	}
	return marshal(t, bson.D{
		{Key: "_id", Value: "u"}, {Key: "attributes", Value: bson.D{{Key: "about", Value: strings.Repeat("x", own)}, {Key: "odd", Value: 1}}},
		{Key: "grants", Value: all},
	})
}

// Append returns ErrLarge for a large user, and leaves no trace of the user in the encoder.
func TestAppendReturnsErrLarge(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]bson.Raw{"many grants": makeLargeUser(t, 300, 10_000), "one row": makeLargeUser(t, 0, 2<<20)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := mustNew(testOptions(allGroups))
			out, rows, err := e.Append([]byte("before"), doc)
			if !errors.Is(err, ErrLarge) || string(out) != "before" || rows != 0 {
				t.Errorf("%d bytes, %d rows, %v", len(out), rows, err)
			}
			if ids := e.UnknownAccounts(); ids != nil {
				t.Errorf("asks for the names of %v", ids)
			}
			if m := e.Missed(nil); m != nil {
				t.Errorf("missed %v", m)
			}
		})
	}
}

// Remaining is exact for rows, and its estimate of bytes is good from the first batch on.
func TestRowsRemaining(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]bson.Raw{"own cells": makeLargeUser(t, 2000, 1000), "grants": makeLargeUser(t, 2000, 0), "one row": makeLargeUser(t, 0, 3<<20)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := mustNew(testOptions(allGroups))
			out, rows, _ := encodeInBatches(t, e, doc, 1000)
			r, err := e.Rows(doc)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for _, tolerance := range []int{2, 10} { // allowed error: 1/2 at first, then 1/10
				n, about := r.Remaining()
				if n != int64(rows-r.rows) {
					t.Errorf("%d rows left of %d, written %d", n, rows, r.rows)
				}
				want := len(out) / rows * int(n)
				if diff := int(about) - want; max(diff, -diff) > want/tolerance {
					t.Errorf("about %d bytes left of %d, written %d rows", about, want, r.rows)
				}
				_, _, _, _ = r.Next(nil, nil, 1000)
			}
		})
	}
}

// Close removes a large user's data from the encoder.
func TestRowsCloseReleasesMemory(t *testing.T) {
	t.Parallel()
	nested := bson.D{{Key: "text", Value: strings.Repeat("\x01", 1<<20)}}
	doc := marshal(t, bson.D{{Key: "_id", Value: "u"}, {Key: "attributes", Value: bson.D{{Key: "about", Value: nested}, {Key: "phone", Value: strings.Repeat("\xff", 1<<20)}}}})
	e := mustNew(testOptions(allGroups))
	r, err := e.Rows(doc)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Own()) < 6<<20 {
		t.Fatalf("%d bytes of cells", len(r.Own()))
	}
	r.Close()
	if kept := cap(e.json) + cap(e.valid) + cap(r.userCells); kept > 2*maxKeptScratch {
		t.Errorf("keeps %d bytes", kept)
	}
}
