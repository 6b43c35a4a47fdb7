package users

import (
	"errors"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

func TestEscapeAppID(t *testing.T) {
	t.Parallel()
	for id, key := range map[string]string{
		"quiz1": "quiz1", "newsletter.v2": "newsletter%2Ev2", ".": "%2E", "$set": "%24set", "a$b": "a$b", "%2E": "%252E",
		"$%24.$": "%24%2524%2E$", "": "",
	} {
		if got := EscapeAppID(id); got != key {
			t.Errorf("EscapeAppID(%q) = %q, want %q", id, got, key)
		}
		if got := UnescapeAppID(key); got != id {
			t.Errorf("UnescapeAppID(%q) = %q, want %q", key, got, id)
		}
	}
}

func FuzzAppIDs(f *testing.F) {
	for _, s := range []string{"newsletter.v2", "$a.%2e%", "%25"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		key := EscapeAppID(id)
		if strings.Contains(key, ".") || strings.HasPrefix(key, "$") {
			t.Errorf("%q cannot be a key", key)
		}
		if back := UnescapeAppID(key); back != id {
			t.Errorf("%q came back as %q", id, back)
		}
	})
}

func TestValidNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxNameBytes+1)
	for name, want := range map[string][2]bool{ // slug or system, app id
		"first_name": {true, true}, "CRM-1": {true, true}, "newsletter.v2": {false, true}, "": {}, "a b": {}, "ä": {},
		"a$": {}, "a\x00": {}, long: {}, long[1:]: {true, true},
	} {
		if got := [2]bool{ValidSlug(name), ValidAppID(name)}; got != want || ValidSystem(name) != want[0] {
			t.Errorf("%q: slug and app id %v, want %v", name, got, want)
		}
	}
	for id, want := range map[string]bool{"01HZX3MC44": true, "a b/ü@": true, "": false, "a\nb": false, "\x7f": false, "\xff": false} {
		if ValidID(id) != want {
			t.Errorf("ValidID(%q) = %v", id, !want)
		}
	}
}

func TestSchemaValidation(t *testing.T) {
	t.Parallel()
	good := Field{Slug: "plan", Label: "Plan", Type: Select, Options: []Option{{"a", "A"}, {"b", "B"}}}
	if err := (Schema{good, {Slug: "age", Label: "Age", Type: Number}}).Validate(); err != nil {
		t.Error(err)
	}
	tests := map[string]struct {
		schema Schema
		field  string
	}{
		"a slug with a dot":     {Schema{{Slug: "a.b", Label: "A", Type: Text}}, "slug"},
		"no label":              {Schema{{Slug: "a", Type: Text}}, "label"},
		"an unknown type":       {Schema{{Slug: "a", Label: "A", Type: "file"}}, "input-type"},
		"the same slug twice":   {Schema{good, good}, "schema[1].slug"},
		"the same option twice": {Schema{{Slug: "a", Label: "A", Type: Radio, Options: []Option{{"x", ""}, {"x", ""}}}}, "select-options[1]"},
		"a NUL in an option":    {Schema{{Slug: "a", Label: "A", Type: Radio, Options: []Option{{"x\x00", ""}}}}, "select-options[0]"},
		"too many fields":       {make(Schema, MaxFields+1), "schema"},
	}
	for name, tt := range tests {
		e, ok := errors.AsType[*errs.Error](tt.schema.Validate())
		if !ok || e.Code != errs.CodeInvalidRequest || e.Field != tt.field {
			t.Errorf("%s: %v", name, e)
		}
	}
}
