package decode_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

// readBody reads a body as a handler does, with each accessor.
func readBody(body []byte) error {
	o, err := decode.ParseObject(body, "", "name", "note", "on", "wide", "size", "user", "list", "keys")
	if err != nil {
		return err
	}
	_, nameErr := o.Get("name").RequiredText(export.MaxValueBytes)
	_, noteErr := o.Get("note").Text(export.MaxValueBytes)
	_, onErr := o.Get("on").OptionalFlag()
	err = errors.Join(nameErr, noteErr, onErr)
	if v := o.Get("wide"); !v.Missing() {
		_, wideErr := v.Flag()
		err = errors.Join(err, wideErr)
	}
	if v := o.Get("size"); !v.Missing() {
		_, sizeErr := v.Integer(-1, 10)
		err = errors.Join(err, sizeErr)
	}
	if v := o.Get("user"); !v.Missing() {
		_, userErr := v.Object("id")
		err = errors.Join(err, userErr)
	}
	if v := o.Get("list"); !v.Missing() {
		_, listErr := v.Array()
		err = errors.Join(err, listErr)
	}
	if v := o.Get("keys"); !v.Missing() {
		keys, keysErr := v.Map()
		err = errors.Join(err, keysErr)
		for _, key := range keys.All() {
			_, keyErr := key.Scalar()
			err = errors.Join(err, keyErr)
		}
	}
	return err
}

// Each fault has one sentence, in a definition and in any other body.
func TestFaults(t *testing.T) {
	t.Parallel()
	if err := readBody([]byte(`{"name":"a","on":true,"wide":false,"size":-1,"user":{"id":1},"list":[],"keys":{"a":1}}`)); err != nil {
		t.Fatal(err)
	}
	deep := strings.Repeat("[", 32) + strings.Repeat("]", 32)
	long := `"` + strings.Repeat("x", export.MaxValueBytes+1) + `"`
	rule := func(s string) string { return `{"include":{"grants":true},"users":{"filter":` + s + `}}` }
	for _, c := range []struct{ fault, message, definition, definitionField, body, bodyField string }{
		{"empty", "is not valid JSON", ``, "", ``, ""},
		{"not JSON", "is not valid JSON", `{"include":`, "", `{"name":`, ""},
		{"trailing data", "has data after the JSON value", `{"include":{"grants":true}} {}`, "", `{"name":"a"} {}`, ""},
		{"invalid UTF-8", "is not valid UTF-8", "{\"users\":{\"userStoreId\":\"\xff\"}}", "", "{\"name\":\"\xff\"}", ""},
		{"half a surrogate pair", "contains an unpaired surrogate, which is not a character", `{"users":{"userStoreId":"\ud800"}}`, "", `{"name":"\udc00"}`, ""},
		{"too deep", "is nested too deeply: at most 32 levels of arrays and objects", `{"include":` + deep + `}`, "", `{"list":` + deep + `}`, ""},
		{"body of another type", "must be an object", `[]`, "", `"a"`, ""},
		{"body null", "must be an object", `null`, "", ` null `, ""},
		{"member no object", "must be an object", `{"include":[]}`, "include", `{"name":"a","user":true}`, "user"},
		{"member no array", "must be an array", `{"include":{"extendedProfiles":{"appIds":{}}}}`, "include.extendedProfiles.appIds", `{"name":"a","list":1}`, "list"},
		{"member twice", "appears twice", `{"include":{"grants":true,"grants":true}}`, "include.grants", `{"name":"a","name":"a"}`, "name"},
		{"escaped member twice", "appears twice", `{"include":{},"\u0069nclude":{}}`, "include", `{"name":"a","user":{"id":1,"\u0069d":2}}`, "user.id"},
		{"missing member", "is missing", `{}`, "include", `{}`, "name"},
		{"null for a required member", "is missing", `{"include":null}`, "include", `{"name":null}`, "name"},
		{"no string", "must be a string", `{"include":{"grants":true},"users":{"search":1}}`, "users.search", `{"name":1}`, "name"},
		{"empty string", "must not be empty", `{"include":{"grants":true},"users":{"userStoreId":""}}`, "users.userStoreId", `{"name":""}`, "name"},
		{"long string", "must have at most 4096 bytes", rule(`{"field":"a","operator":"is","value":` + long + `}`), "users.filter.value", `{"name":` + long + `}`, "name"},
		{"no boolean", "must be true or false", `{"include":{"grants":1}}`, "include.grants", `{"name":"a","on":"true"}`, "on"},
		{"no scalar", "must be a string, a number, a boolean or null", rule(`{"field":"a","operator":"is","value":[]}`), "users.filter.value", `{"name":"a","keys":{"a":{}}}`, "keys.a"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			_, err := decode.Definition([]byte(c.definition))
			wantFault(t, err, c.definitionField, c.message)
			wantFault(t, readBody([]byte(c.body)), c.bodyField, c.message)
		})
	}
	t.Run("unknown member", func(t *testing.T) {
		t.Parallel()
		_, err := decode.Definition([]byte(`{"include":{"Grants":true}}`))
		wantFault(t, err, "include.Grants", "is unknown; valid members are attributes, extendedProfiles, foreignKeys, grants")
		wantFault(t, readBody([]byte(`{"name":"a","user":{"ID":1}}`)), "user.ID", "is unknown; valid members are id")
		_, err = decode.ParseObject([]byte(`{"x":1}`), "attributes", strings.Split("abcdefghijklm", "")...)
		wantFault(t, err, "attributes.x", "is unknown")
	})
	t.Run("no whole number", func(t *testing.T) {
		t.Parallel()
		for _, size := range []string{`11`, `-2`, `1.0`, `1e0`, `"1"`, `9223372036854775808`, `[1]`} {
			wantFault(t, readBody([]byte(`{"name":"a","size":`+size+`}`)), "size", "must be a whole number from -1 to 10")
		}
		wantFault(t, readBody([]byte(`{"name":"a","size":null}`)), "size", "is missing")
	})
	t.Run("null for a required boolean", func(t *testing.T) {
		t.Parallel()
		wantFault(t, readBody([]byte(`{"name":"a","wide":null}`)), "wide", "is missing")
	})
}

func wantFault(t *testing.T, err error, field, message string) {
	t.Helper()
	wantInvalid(t, err, field)
	if e, _ := errors.AsType[*errs.Error](err); e.Message != message {
		t.Errorf("%q, want %q", e.Message, message)
	}
}
