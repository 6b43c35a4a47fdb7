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

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGoldenFiles(t *testing.T) {
	t.Parallel()
	noGrants := allGroups
	noGrants.Include.Grants = false
	for name, def := range map[string]export.Definition{
		"rfc4180.csv": allGroups, "spreadsheet.csv": spreadsheet(allGroups), "nogrants.csv": noGrants,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got, rows := encodeFile(t, testOptions(def), makeUsers(t, 25, 7))
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

func TestAppendWritesOneRowPerGrant(t *testing.T) {
	t.Parallel()
	docs := []bson.Raw{
		marshal(t, bson.D{{Key: "_id", Value: "a"}}),
		marshal(t, bson.D{{Key: "_id", Value: "b"}, {Key: "grants", Value: bson.A{}}}),
		marshal(t, bson.D{{Key: "_id", Value: "c"}, {Key: "grants", Value: bson.A{bson.D{{Key: "grantId", Value: "1"}}, bson.D{}, nil}}}),
		marshal(t, bson.D{{Key: "_id", Value: "d"}, {Key: "grants", Value: nil}}),
	}
	_, out, rows := encodeFile(t, Options{Definition: allGroups, Columns: Columns(allGroups, nil, users.Registry{})}, docs)
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

func TestWarningsForValuesWithoutColumn(t *testing.T) {
	t.Parallel()
	doc := marshal(t, bson.D{
		{Key: "_id", Value: "a"}, {Key: "internal", Value: 1},
		{Key: "attributes", Value: bson.D{{Key: "secret", Value: "s"}, {Key: "nick", Value: "x"}, {Key: "none", Value: nil}, {Key: "country", Value: "GB"}}},
		{Key: "foreign_keys", Value: bson.D{{Key: "sap", Value: "x"}}},
		{Key: "extended_profiles", Value: bson.D{{Key: "a%2Eb", Value: "{}"}, {Key: "quiz", Value: "{}"}}},
		{Key: "grants", Value: bson.A{7, nil}},
	})
	_, out, _ := encodeFile(t, testOptions(allGroups), []bson.Raw{doc, doc})
	e, _, _ := encodeFile(t, testOptions(allGroups), []bson.Raw{doc, doc})
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
	const maxWarnings = 50
	var attributes bson.D
	for i := range 1100 {
		attributes = append(attributes, bson.E{Key: strings.Repeat("é", 200) + string(rune('a'+i)), Value: 1})
	}
	doc := marshal(t, bson.D{{Key: "_id", Value: "a"}, {Key: "attributes", Value: attributes}})
	e, _, _ := encodeFile(t, testOptions(allGroups), []bson.Raw{doc})
	w := warnings(e)
	if len(w) != maxWarnings+1 || w[maxWarnings].Count != 1100-maxWarnings {
		t.Errorf("%d warnings, the last of %d", len(w), w[len(w)-1].Count)
	}
	if len(w[0].Field) > maxShownBytes+len("…") {
		t.Errorf("the name has %d bytes", len(w[0].Field))
	}
}

// Only requested app ids count as misses; the others are left out on purpose.
func TestColumnsForNamedProfiles(t *testing.T) {
	t.Parallel()
	def := allGroups
	def.Include.ExtendedProfiles = &export.Profiles{AppIDs: []string{"a.b"}}
	plain := marshal(t, bson.D{{Key: "_id", Value: "a"}, {Key: "extended_profiles", Value: bson.D{{Key: "a.b", Value: "1"}, {Key: "quiz", Value: "2"}}}})
	e, out, _ := encodeFile(t, Options{Definition: def, Columns: Columns(def, nil, users.Registry{})}, []bson.Raw{plain})
	if w := warnings(e); len(w) > 0 {
		t.Errorf("warnings %v", w)
	}
	if records, _ := parse(out); records[1][8] != "1" {
		t.Errorf("got %q: others store an app id with its dots", records[1])
	}
}

// The first value under a name is exported, and a second one counts as a miss. Null does not count.
func TestDuplicateNameCountsAsMiss(t *testing.T) {
	t.Parallel()
	doc := marshal(t, bson.D{{Key: "_id", Value: "a"}, {Key: "extended_profiles", Value: bson.D{
		{Key: "app%2Eexample", Value: nil}, {Key: "app.example", Value: "1"}, {Key: "app%2Eexample", Value: "2"}, {Key: "app.example", Value: nil},
	}}})
	o := testOptions(allGroups)
	e, out, _ := encodeFile(t, o, []bson.Raw{doc})
	records, err := parse(out)
	if i := strings.Index(names(o.Columns), "extended_profiles.app.example"); err != nil || records[1][strings.Count(names(o.Columns)[:i], " ")] != "1" {
		t.Errorf("%q, %v", records, err)
	}
	if w := warnings(e); len(w) != 1 || w[0].Field != "extended_profiles.app.example" || w[0].Count != 1 {
		t.Errorf("warnings %+v", w)
	}
}

func TestFillNames(t *testing.T) {
	t.Parallel()
	e := mustNew(Options{Definition: allGroups, Columns: Columns(allGroups, nil, users.Registry{})})
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
	if ids := strings.Join(e.UnknownAccounts(), " "); ids != "gone x y" {
		t.Fatalf("unnamed: %s", ids)
	}
	e.SetNames(e.UnknownAccounts(), map[string]string{"x": `The "X"`, "y": "Y, Inc"})
	out := e.FillNames(e.FillNames(nil, block, 0, half), block, half, len(block))
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
	second := add(nil, "y", "gone")
	if e.UnknownAccounts() != nil || !bytes.Contains(second, []byte(`y,"Y, Inc"`)) {
		t.Error("known names are looked up again")
	}
}

func TestSingleEmptyCellIsQuoted(t *testing.T) {
	t.Parallel()
	cols := Columns(export.Definition{}, nil, users.Registry{})[2:3]
	_, out, _ := encodeFile(t, Options{Columns: cols}, []bson.Raw{marshal(t, bson.D{{Key: "_id", Value: "a"}})})
	if want := "identifiers.email_address\r\n\"\"\r\n"; string(out) != want {
		t.Errorf("got %q", out)
	}
}

func TestNewRejectsUnknownColumns(t *testing.T) {
	t.Parallel()
	cols := Columns(allGroups, nil, users.Registry{})
	last := len(cols) - 1
	for _, c := range []export.Column{
		{Name: "shoe_size", Source: export.FromUser, Key: "shoe_size"}, {Name: "grant.x", Source: export.FromGrant, Key: "x"},
		{Name: "x", Source: "x", Key: "x"}, cols[0],
	} {
		if _, err := New(Options{Definition: allGroups, Columns: append(cols[:last:last], c)}); err == nil {
			t.Errorf("%+v after grants is accepted", c)
		}
	}
}

func TestAppendRejectsMalformedDocuments(t *testing.T) {
	t.Parallel()
	doc := makeUsers(t, 40, 11)[7]
	e := mustNew(testOptions(allGroups))
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

func marshal(t testing.TB, d bson.D) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// warnings returns the warnings for an encoder's misses.
func warnings(e *Encoder) []export.Warning {
	var m export.Missed
	AddMisses(&m, e.Missed(nil))
	return Warnings(m)
}
