package csv

import (
	"math/rand/v2"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestQuotesOnlyWhereNeeded(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                  "",
		"plain":             "plain",
		"a b":               "a b",
		"a,b":               `"a,b"`,
		`"`:                 `""""`,
		`say "hi"`:          `"say ""hi"""`,
		"\r":                "\"\r\"",
		"\n":                "\"\n\"",
		" a":                `" a"`,
		"a ":                `"a "`,
		" ":                 `" "`,
		"tab\tand \x00 too": "tab\tand \x00 too",
		"long enough for words of eight, with a comma": `"long enough for words of eight, with a comma"`,
		"\tcontrol characters in a word of eight":      "\tcontrol characters in a word of eight",
		`\.`:      `\.`,
		"é\u2028": "é\u2028",
	} {
		if got := string((&Encoder{}).text(nil, []byte(s))); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}

// Scanning eight bytes at a time equals looking at each byte, at every offset.
func TestScan(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for range 200_000 {
		s := make([]byte, r.IntN(40))
		for i := range s {
			s[i] = byte(32 + r.IntN(95))
			if strings.IndexByte(",\";|", s[i]) >= 0 {
				s[i] = 'x'
			}
		}
		for range r.IntN(3) {
			if len(s) > 0 {
				s[r.IntN(len(s))] = byte(r.IntN(256))
			}
		}
		special, ascii := scanSpecial(s)
		if special != strings.ContainsAny(string(s), ",\"\r\n") {
			t.Fatalf("%q: special is %v", s, special)
		}
		if high := strings.IndexFunc(string(s), func(r rune) bool { return r > 0x7F }) >= 0; ascii && high {
			t.Fatalf("%q counts as ASCII", s)
		}
		separated, ascii := scanSeparators(s)
		if separated != strings.ContainsAny(string(s), ",;|\t\"\r\n") {
			t.Fatalf("%q: separated is %v", s, separated)
		}
		if high := strings.IndexFunc(string(s), func(r rune) bool { return r > 0x7F }) >= 0; !separated && ascii == high {
			t.Fatalf("%q: ASCII is %v", s, ascii)
		}
	}
}

// Damaged documents never make the encoder panic or write part of a row.
func TestDamagedDocuments(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 50, 17)
	r := rand.New(rand.NewPCG(3, 3))
	e := mustNew(testOptions(allGroups))
	for range 50_000 {
		doc := append(bson.Raw(nil), docs[r.IntN(len(docs))]...)
		for range 1 + r.IntN(4) {
			doc[r.IntN(len(doc))] = byte(r.IntN(256))
		}
		row, rows, err := e.Append(nil, doc)
		if err != nil {
			continue
		}
		row = e.FillNames(nil, row, 0, len(row))
		e.Reset()
		if records, err := parse(row); err != nil || len(records) != rows {
			t.Fatalf("%d rows in %q: %v", rows, row, err)
		}
	}
}
