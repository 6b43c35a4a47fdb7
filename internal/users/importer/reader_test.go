package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
)

func TestItemLineIsWhereItStarts(t *testing.T) {
	t.Parallel()
	text := "\n[\n{\"a\":\n1},{\"b\":\r\n[1,\n2]}\n,\n\n[ {\"c\":\"\\n\"} ] ]\n{\"results\": [[\n{\"d\":1}], []\n]}\n\n{\n\"e\": 1\n}"
	want := map[int64]string{3: `{"a":1}`, 4: `{"b":[1,2]}`, 9: `{"c":"\n"}`, 11: `{"d":1}`, 14: `{"e":1}`}
	n := 0
	err := newReader(bytes.NewReader([]byte(text)), "users").forEach(func(it item) error {
		n++
		if got := string(it.raw); got != want[it.line] {
			t.Errorf("line %d holds %s, want %s", it.line, got, want[it.line])
		}
		return nil
	})
	if err != nil || n != len(want) {
		t.Errorf("%d items, error %v", n, err)
	}
}

func TestReadErrorsAreNotSyntaxErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[{"a":1`, `{"a":1}` + "\n" + `{"b"`, `[{"a":"`, ` `} {
		broken := errors.New("bad sector")
		err := newReader(io.MultiReader(bytes.NewReader([]byte(text)), failingReader{broken}), "users").forEach(func(item) error { return nil })
		if !errors.Is(err, broken) || errs.CodeOf(err) == errs.CodeInvalidRequest {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// FuzzReader checks that no input panics, that every item is a JSON object in valid UTF-8 with a
// plausible line number, and that the parser returns a user who can be stored or a reason.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		`[{"user":{"user_id":"a","attributes":{"n":1}},"grants":{"results":[{"grantId":"g"}]}}]`, `{"results":[[{"user_id":"a"}]],"meta":{}}`,
		"{\"user_id\":\"a\"}\n{\"user_id\":\"b\",\"profiles\":{\"x\":{\"\\ud800\":[]}}}\n", "[1,\"a\",[[[[[{}]]]]]]", `{"a":1 2}`, `{"user":{"user_id":"\ud83d\ude00"}}`,
		`{"_id":{"$oid":"60f6d845caa1861dcf1631ae"},"attributes":{"a b":{"$binary":{"base64":"","subType":"04"}},"é":[{"$date":{"$numberLong":"1"}},{}]}}`,
		`{"user_id":"a","attributes":{"x":{"$timestamp":{"t":1,"i":2}},"y":{"$regex":"a","$options":"i"}},"foreign_keys":{"ü":{"$numberLong":"1"}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := newInference(nil, true)
		collect := func(visit func(item) error) error { return newReader(bytes.NewReader(data), "users").forEach(visit) }
		err := collect(func(it item) error {
			if it.line < 1 || it.line > int64(bytes.Count(data, []byte("\n")))+1 {
				t.Errorf("line %d", it.line)
			}
			if it.raw == nil {
				if it.reason == "" {
					t.Error("refused without a reason")
				}
				return nil
			}
			if !json.Valid(it.raw) || !utf8.Valid(it.raw) || it.raw[0] != '{' {
				t.Errorf("item %q", it.raw)
			}
			return in.addItem(it.raw)
		})
		if err != nil {
			if errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Errorf("error %v", err)
			}
			return
		}
		schema := in.newFields(nil)
		if err := schema.Validate(); err != nil {
			t.Errorf("schema %+v: %v", schema, err)
		}
		p := newParser(schema, "default")
		if err := collect(func(it item) error {
			rec, _, err := p.encodeItem(it)
			if err == nil && rec.user.ID == "" {
				t.Error("a user without id")
			}
			if err != nil && errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Errorf("error %v", err)
			}
			return nil
		}); err != nil {
			t.Errorf("the second pass failed: %v", err)
		}
	})
}
