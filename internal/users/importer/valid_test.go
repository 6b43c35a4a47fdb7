package importer

import (
	"encoding/json"
	"strings"
	"testing"
)

var jsonTexts = []string{
	`{}`, `[]`, ` {"a" : [ 1 , -0.5e+3, "b\u00e9\n\/" ] , "c" : null } `, `[true,false,null]`, `"\""`, `0`, `-0`, `1E5`, "\t[\r\n]", `{"a":{"a":{}}}`,
	``, ` `, `{`, `}`, `[1,]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `[,1]`, `{1:2}`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `+1`, `0x1`, `truee`, `tru`, `nul`,
	`"`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\x00\"", "\"\x7f\"", "\x00", "1\x00", "[1 2]", `{"a":1 "b":2}`, `[}`, `{]`, `1 1`, `"a""b"`, `{} {}`, `-01`, `1ee5`,
	"\"\xff\"", "\xef\xbb\xbf{}", `[1]x`, "\v1",
}

func TestValidJSON(t *testing.T) {
	t.Parallel()
	for _, text := range jsonTexts {
		if got, want := validJSON([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for _, depth := range []int{maxNesting, maxNesting + 1} {
		for _, text := range []string{
			strings.Repeat("[", depth) + strings.Repeat("]", depth), strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth),
		} {
			if got, want := validJSON([]byte(text)), json.Valid([]byte(text)); got != want || want != (depth == maxNesting) {
				t.Errorf("depth %d: %v, want %v", depth, got, want)
			}
		}
	}
}

func FuzzValidJSON(f *testing.F) {
	for _, text := range jsonTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, want := validJSON(text), json.Valid(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	})
}
