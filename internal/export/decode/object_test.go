package decode_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

func TestObjectKeepsContent(t *testing.T) {
	t.Parallel()
	const number = "-12345678901234567890.50e+2"
	body := []byte(" {\"a\" :\t" + number + " , \"b\":[ {\"x\" : \"]}\\\"\" , \"y\":[]}\n, null ,\"\\\\\"],\r\n\"c\":null,\"d\": \"\\ud83d\\ude00\" } ")
	o, err := decode.ParseObject(body, "", "a", "b", "c", "d", "e")
	if err != nil {
		t.Fatal(err)
	}
	if o.Len() != 4 || !o.Has("c") || o.Has("e") || !o.Get("c").IsNull() || o.Get("c").Missing() || !o.Get("e").Missing() {
		t.Errorf("%d members", o.Len())
	}
	for name, want := range map[string]string{"a": number, "b": "[ {\"x\" : \"]}\\\"\" , \"y\":[]}\n, null ,\"\\\\\"]", "c": "", "d": `"\ud83d\ude00"`, "e": ""} {
		if got := o.Get(name).Raw(); string(got) != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if v, err := o.Get("a").Scalar(); err != nil || v != export.Number(number) {
		t.Errorf("%v, %v", v, err)
	}
	items, err := o.Get("b").Array()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for item := range items {
		got = append(got, item.Path()+" "+string(item.Raw()))
	}
	if want := []string{`b[0] {"x" : "]}\"" , "y":[]}`, "b[1] ", `b[2] "\\"`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	raw := o.Get("d").Raw()
	clear(body)
	if string(raw) != `"\ud83d\ude00"` {
		t.Error("Raw shares the memory of the body")
	}
}

// Repeated members are refused in objects of any size.
func TestObjectOfManyMembers(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"m%d":%d,`, i, i)
		}
		v, err := decode.Parse([]byte("{"+strings.TrimSuffix(b.String(), ",")+"}"), "")
		if err != nil {
			t.Fatal(err)
		}
		if o, err := v.Map(); err != nil || o.Len() != n {
			t.Errorf("%d members: %v", n, err)
		}
		for i := range n {
			v, err := decode.Parse([]byte("{"+b.String()+fmt.Sprintf(`"m%d":0}`, i)), "")
			if err != nil {
				t.Fatal(err)
			}
			_, err = v.Map()
			wantFault(t, err, fmt.Sprintf("m%d", i), "appears twice")
		}
	}
}

func TestCompact(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	got, err := decode.Compact([]byte(" { \"a\" : [ 1.0 , \"\\ud800 <\" ],\n\"a\":" + deep + "}"))
	if want := `{"a":[1.0,"\ud800 <"],"a":` + deep + `}`; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	for body, message := range map[string]string{"": "is not valid JSON", "{": "is not valid JSON", "\"\xff\"": "is not valid UTF-8", "1 2": "has data after the JSON value"} {
		_, err := decode.Compact([]byte(body))
		wantFault(t, err, "", message)
	}
}

// FuzzParseObject checks that a body gives an error with its code, or the same members as
// encoding/json.
func FuzzParseObject(f *testing.F) {
	f.Add([]byte(fullDefinition))
	f.Add([]byte(`{"a":[1,{"b":"\"]"}] , "\u0062":"\ud83d\ude00","c":-1e5}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(`{} {}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := decode.Parse(body, "")
		var o decode.Object
		if err == nil {
			o, err = v.Map()
		}
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(body, &want)
		if err != nil {
			if errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Fatalf("error without its code: %v", err)
			}
			return
		}
		if wantErr != nil || o.Len() != len(want) {
			t.Fatalf("%d members; want %d, %v", o.Len(), len(want), wantErr)
		}
		for name, value := range o.All() {
			if value.IsNull() != (string(want[name]) == "null") || !value.IsNull() && !bytes.Equal(value.Raw(), want[name]) {
				t.Fatalf("%q is %q, want %q", name, value.Raw(), want[name])
			}
			walk(t, value)
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(want)), func(name string) bool { return !o.Has(name) }) {
			return
		}
		t.Fatalf("a member of %q is missing", body)
	})
}

// walk reads a value with all that it contains, and compares it with encoding/json.
func walk(t *testing.T, v decode.Value) {
	t.Helper()
	if items, err := v.Array(); err == nil {
		var want []json.RawMessage
		if err := json.Unmarshal(v.Raw(), &want); err != nil {
			t.Fatal(err)
		}
		n := 0
		for item := range items {
			if !item.IsNull() && !bytes.Equal(item.Raw(), want[n]) {
				t.Fatalf("%s is %q, want %q", item.Path(), item.Raw(), want[n])
			}
			walk(t, item)
			n++
		}
		if n != len(want) {
			t.Fatalf("%s has %d elements, want %d", v.Path(), n, len(want))
		}
		return
	}
	if o, err := v.Map(); err == nil {
		for _, value := range o.All() {
			walk(t, value)
		}
		return
	}
	s, err := v.Scalar()
	if e, ok := errors.AsType[*errs.Error](err); ok {
		if e.Message != "must be a string, a number, a boolean or null" { // an object with a repeated member
			t.Fatal(err)
		}
		return
	}
	var want export.Value
	if !v.IsNull() {
		if err := want.UnmarshalJSON(v.Raw()); err != nil {
			t.Fatal(err)
		}
	}
	if s != want {
		t.Fatalf("%s is %v, want %v", v.Path(), s, want)
	}
}
