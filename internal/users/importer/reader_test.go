package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/export"
)

func TestLinesAreThoseOnWhichItemsStart(t *testing.T) {
	t.Parallel()
	text := "\n[\n{\"a\":\n1},{\"b\":\r\n[1,\n2]}\n,\n\n[ {\"c\":\"\\n\"} ] ]\n{\"results\": [[\n{\"d\":1}], []\n]}\n\n{\n\"e\": 1\n}"
	want := map[int64]string{3: `{"a":1}`, 4: `{"b":[1,2]}`, 9: `{"c":"\n"}`, 11: `{"d":1}`, 14: `{"e":1}`}
	n := 0
	err := newReader(bytes.NewReader([]byte(text)), "users").each(func(it item) error {
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

func TestFileErrorsAreNotTheContents(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[{"a":1`, `{"a":1}` + "\n" + `{"b"`, `[{"a":"`, ` `} {
		broken := errors.New("bad sector")
		err := newReader(io.MultiReader(bytes.NewReader([]byte(text)), failing{broken}), "users").each(func(item) error { return nil })
		if !errors.Is(err, broken) || export.CodeOf(err) == export.CodeInvalid {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzReader checks that no input panics, that every item is a JSON object in valid UTF-8 with a line that fits, and
// that the parser answers each with a user who can be stored or a reason.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		`[{"user":{"user_id":"a","attributes":{"n":1}},"grants":{"results":[{"grantId":"g"}]}}]`, `{"results":[[{"user_id":"a"}]],"meta":{}}`,
		"{\"user_id\":\"a\"}\n{\"user_id\":\"b\",\"profiles\":{\"x\":{\"\\ud800\":[]}}}\n", "[1,\"a\",[[[[[{}]]]]]]", `{"a":1 2}`, `{"user":{"user_id":"\ud83d\ude00"}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := newInference(nil)
		collect := func(visit func(item) error) error { return newReader(bytes.NewReader(data), "users").each(visit) }
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
			return in.look(it.raw)
		})
		if err != nil {
			if export.CodeOf(err) != export.CodeInvalid {
				t.Errorf("error %v", err)
			}
			return
		}
		p := newParser(in.fields(nil), "default")
		if err := collect(func(it item) error {
			rec, _, err := p.encode(it)
			if err == nil && rec.user.ID == "" {
				t.Error("a user without id")
			}
			if err != nil && export.CodeOf(err) != export.CodeInvalid {
				t.Errorf("error %v", err)
			}
			return nil
		}); err != nil {
			t.Errorf("the second reading failed: %v", err)
		}
	})
}
