package csv

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGoldenFiles(t *testing.T) {
	t.Parallel()
	noGrants := everything
	noGrants.Include.Grants = false
	for name, def := range map[string]export.Definition{
		"rfc4180.csv": everything, "spreadsheet.csv": spreadsheet(everything), "nogrants.csv": noGrants,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got, rows := file(t, testOptions(def), people(t, 25, 7))
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("differs from %s:\n%s", path, got)
			}
			records, err := stdcsv.NewReader(bytes.NewReader(got)).ReadAll()
			if err != nil || len(records) != rows+1 {
				t.Errorf("encoding/csv reads %d records, want %d: %v", len(records), rows+1, err)
			}
		})
	}
}

func TestRowPerGrantAndNobodyLost(t *testing.T) {
	t.Parallel()
	docs := []bson.Raw{
		marshal(t, bson.D{{Key: "_id", Value: "a"}}),
		marshal(t, bson.D{{Key: "_id", Value: "b"}, {Key: "grants", Value: bson.A{}}}),
		marshal(t, bson.D{{Key: "_id", Value: "c"}, {Key: "grants", Value: bson.A{bson.D{{Key: "grantId", Value: "1"}}, bson.D{}, nil}}}),
		marshal(t, bson.D{{Key: "_id", Value: "d"}, {Key: "grants", Value: nil}}),
	}
	_, out, rows := file(t, Options{Definition: everything, Columns: Columns(everything, nil, users.Registry{})}, docs)
	records, err := parse(out)
	if err != nil || rows != 5 {
		t.Fatalf("%d rows, error %v", rows, err)
	}
	var got []string
	for _, r := range records[1:] {
		got = append(got, r[0]+r[8])
	}
	if s := strings.Join(got, " "); s != "a b c1 c d" {
		t.Errorf("got %s", s)
	}
}

func TestWarningsNameWhatHasNoColumn(t *testing.T) {
	t.Parallel()
	doc := marshal(t, bson.D{
		{Key: "_id", Value: "a"}, {Key: "internal", Value: 1},
		{Key: "attributes", Value: bson.D{{Key: "secret", Value: "s"}, {Key: "nick", Value: "x"}, {Key: "none", Value: nil}, {Key: "country", Value: "GB"}}},
		{Key: "foreign_keys", Value: bson.D{{Key: "sap", Value: "x"}}},
		{Key: "extended_profiles", Value: bson.D{{Key: "a%2Eb", Value: "{}"}, {Key: "quiz", Value: "{}"}}},
		{Key: "grants", Value: bson.A{7, nil}},
	})
	_, out, _ := file(t, testOptions(everything), []bson.Raw{doc, doc})
	e, _, _ := file(t, testOptions(everything), []bson.Raw{doc, doc})
	all := warnings(e)
	var got []string
	for _, w := range all {
		if w.Code != CodeNoColumn || w.Count != 2 {
			t.Errorf("warning %+v", w)
		}
		got = append(got, w.Field)
	}
	if s := strings.Join(got, " "); s != "attributes.nick extended_profiles.a.b foreign_keys.sap grants" {
		t.Errorf("warnings of %s", s)
	}
	if m := all[0].Message; m != "attributes.nick has no column: 2 values are not in the file." {
		t.Errorf("message %q", m)
	}
	if bytes.Contains(out, []byte(",s,")) {
		t.Error("a password is in the file")
	}
}

func TestWarningsAreBounded(t *testing.T) {
	t.Parallel()
	const told = 50
	var attributes bson.D
	for i := range 1100 {
		attributes = append(attributes, bson.E{Key: strings.Repeat("é", 200) + string(rune('a'+i)), Value: 1})
	}
	doc := marshal(t, bson.D{{Key: "_id", Value: "a"}, {Key: "attributes", Value: attributes}})
	e, _, _ := file(t, testOptions(everything), []bson.Raw{doc})
	w := warnings(e)
	if len(w) != told+1 || w[told].Count != 1100-told {
		t.Errorf("%d warnings, the last of %d", len(w), w[len(w)-1].Count)
	}
	if len(w[0].Field) > maxMissedBytes+len("…") {
		t.Errorf("the name has %d bytes", len(w[0].Field))
	}
}

// Only the app ids that were asked for are missed: the rest was left out on purpose.
func TestProfilesAskedForByName(t *testing.T) {
	t.Parallel()
	def := everything
	def.Include.ExtendedProfiles = &export.Profiles{AppIDs: []string{"a.b"}}
	plain := marshal(t, bson.D{{Key: "_id", Value: "a"}, {Key: "extended_profiles", Value: bson.D{{Key: "a.b", Value: "1"}, {Key: "quiz", Value: "2"}}}})
	e, out, _ := file(t, Options{Definition: def, Columns: Columns(def, nil, users.Registry{})}, []bson.Raw{plain})
	if w := warnings(e); len(w) > 0 {
		t.Errorf("warnings %v", w)
	}
	if records, _ := parse(out); records[1][8] != "1" {
		t.Errorf("got %q: others store an app id with its dots", records[1])
	}
}

// Of two values under one name the first stands, and the other is told of. Null is none.
func TestSecondValueUnderOneName(t *testing.T) {
	t.Parallel()
	doc := marshal(t, bson.D{{Key: "_id", Value: "a"}, {Key: "extended_profiles", Value: bson.D{
		{Key: "app%2Eexample", Value: nil}, {Key: "app.example", Value: "1"}, {Key: "app%2Eexample", Value: "2"}, {Key: "app.example", Value: nil},
	}}})
	o := testOptions(everything)
	e, out, _ := file(t, o, []bson.Raw{doc})
	records, err := parse(out)
	if i := strings.Index(names(o.Columns), "extended_profiles.app.example"); err != nil || records[1][strings.Count(names(o.Columns)[:i], " ")] != "1" {
		t.Errorf("%q, %v", records, err)
	}
	if w := warnings(e); len(w) != 1 || w[0].Field != "extended_profiles.app.example" || w[0].Count != 1 {
		t.Errorf("warnings %+v", w)
	}
}

func TestAccountNamesAreFilledIn(t *testing.T) {
	t.Parallel()
	e := mustNew(Options{Definition: everything, Columns: Columns(everything, nil, users.Registry{})})
	add := func(block []byte, accounts ...string) []byte {
		grants := bson.A{}
		for _, a := range accounts {
			grants = append(grants, bson.D{{Key: "account_id", Value: a}})
		}
		block, _, err := e.Append(block, marshal(t, bson.D{{Key: "_id", Value: "u"}, {Key: "grants", Value: grants}}))
		if err != nil {
			t.Fatal(err)
		}
		return block
	}
	block := add(add(nil, "x", "y"), "x", "gone")
	half := len(add(nil, "x", "y"))
	e.Reset()
	block = add(add(block[:0], "x", "y"), "x", "gone")
	if ids := strings.Join(e.Unnamed(), " "); ids != "gone x y" {
		t.Fatalf("unnamed: %s", ids)
	}
	e.Name(e.Unnamed(), map[string]string{"x": `The "X"`, "y": "Y, Inc"})
	out := e.Fill(e.Fill(nil, block, 0, half), block, half, len(block))
	records, err := parse(out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records {
		got = append(got, r[17]+"="+r[18])
	}
	if s := strings.Join(got, " "); s != `x=The "X" y=Y, Inc x=The "X" gone=` {
		t.Errorf("got %s", s)
	}
	e.Reset()
	again := add(nil, "y", "gone")
	if e.Unnamed() != nil || !bytes.Contains(again, []byte(`y,"Y, Inc"`)) {
		t.Error("names that are known are asked for again")
	}
}

func TestOneEmptyColumnIsNoEmptyLine(t *testing.T) {
	t.Parallel()
	cols := Columns(export.Definition{}, nil, users.Registry{})[2:3]
	_, out, _ := file(t, Options{Columns: cols}, []bson.Raw{marshal(t, bson.D{{Key: "_id", Value: "a"}})})
	if want := "identifiers.email_address\r\n\"\"\r\n"; string(out) != want {
		t.Errorf("got %q", out)
	}
}

func TestColumnsOfAnotherVersionAreRefused(t *testing.T) {
	t.Parallel()
	cols := Columns(everything, nil, users.Registry{})
	last := len(cols) - 1
	for _, c := range []export.Column{
		{Name: "shoe_size", Source: export.FromUser, Key: "shoe_size"}, {Name: "grant.x", Source: export.FromGrant, Key: "x"},
		{Name: "x", Source: "x", Key: "x"}, cols[0],
	} {
		if _, err := New(Options{Definition: everything, Columns: append(cols[:last:last], c)}); err == nil {
			t.Errorf("%+v behind grants is accepted", c)
		}
	}
}

func TestMalformedDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	doc := people(t, 40, 11)[7]
	e := mustNew(testOptions(everything))
	for n := range doc {
		if out, rows, err := e.Append([]byte("kept"), doc[:n]); !errors.Is(err, ErrMalformed) || rows != 0 || string(out) != "kept" {
			t.Fatalf("cut to %d bytes: %q, %d rows, %v", n, out, rows, err)
		}
	}
	nested := bson.D{}
	for range maxDepth + 1 {
		nested = bson.D{{Key: "a", Value: nested}}
	}
	if _, _, err := e.Append(nil, marshal(t, bson.D{{Key: "attributes", Value: bson.D{{Key: "about", Value: nested}}}})); !errors.Is(err, ErrMalformed) {
		t.Errorf("too deep: %v", err)
	}
}

func TestOneUserIsBounded(t *testing.T) {
	t.Parallel()
	grants := bson.A{}
	for range 300 {
		grants = append(grants, bson.D{})
	}
	doc := marshal(t, bson.D{{Key: "attributes", Value: bson.D{{Key: "about", Value: strings.Repeat("x", 1<<20)}}}, {Key: "grants", Value: grants}})
	if _, _, err := mustNew(testOptions(everything)).Append(nil, doc); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
}

func marshal(t testing.TB, d bson.D) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// warnings tells what an encoder has missed.
func warnings(e *Encoder) []export.Warning {
	var m export.Missed
	Count(&m, e.Missed(nil))
	return Warnings(m)
}
