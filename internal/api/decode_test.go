package api

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// A fault has the same sentence in a definition as in any other body.
func TestBodyFaults(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deep := strings.Repeat("[", 33) + strings.Repeat("]", 33)
	for _, c := range []struct{ definition, field, body, bodyField, sentence string }{
		{``, "", ``, "", "The body is not valid JSON."},
		{`[]`, "", `null`, "", "The body must be an object."},
		{`{} {}`, "", `{} {}`, "", "The body has data after the JSON value."},
		{"{\"a\":\"\xff\"}", "", "{\"a\":\"\xff\"}", "", "The body is not valid UTF-8."},
		{`{"a":"\ud800"}`, "", `{"a":"\ud800"}`, "", "The body contains an unpaired surrogate, which is not a character."},
		{deep, "", deep, "", "The body is nested too deeply: at most 32 levels of arrays and objects."},
		{`{"include":{},"include":{}}`, "include", `{"search":"","search":""}`, "search", " appears twice."},
		{`{"file":{"x":1},"include":{"grants":true}}`, "file.x", `{"x":1}`, "x", " is unknown; valid members are "},
		{`{"include":{"grants":true},"users":{"search":1}}`, "users.search", `{"search":1}`, "search", " must be a string."},
		{`{"include":{"grants":true},"users":{"filter":[]}}`, "users.filter", `{"filter":[]}`, "filter", " must be an object."},
	} {
		a := b.call("exporter", "POST", "/v4/user-export-previews", c.definition)
		a.expect(400, errs.CodeInvalidRequest, c.field)
		wantSentence(t, a, c.field+c.sentence)
		a = b.call("exporter", "POST", "/v4/user-counts", c.body)
		a.expect(400, errs.CodeInvalidRequest, c.bodyField)
		wantSentence(t, a, c.bodyField+c.sentence)
	}
}

func wantSentence(t *testing.T, a response, want string) {
	t.Helper()
	if got, _ := a.json("detail").(string); !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
