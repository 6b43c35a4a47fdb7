package fieldjson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/fieldjson"
)

// every has every documented member, in an order of its own.
const every = `{"stat-direction":"descending","slug":"plan","visibility":"PUBLIC","context":"reader","label":"Plan <b>\u00e9",
	"internal-description":null,"public-description":"Who \/ what","required":true,"validation-expression":"^[a-z]+$","input-type":"select",
	"select-options":"[{\"value\":\"a\",\"label\":\"A\"}]","range-start":0.0,"range-end":1E+2,"range-step":"5","decision-point":false,
	"publicly-writable":true,"form-use":null,"unit":"\u20ac","unit-position":"leading","value-precision":2,"later":{"b":[1.50,{}],"a":1e400}}`

func compact(t testing.TB, body string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(body)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	f, notes, err := fieldjson.Decode([]byte(every), "plan")
	if err != nil {
		t.Fatal(err)
	}
	want := users.Field{
		Slug: "plan", Label: "Plan <b>é", Type: users.Select, Options: []users.Option{{Value: "a", Label: "A"}},
		Constraints: users.Constraints{Required: true, Expression: "^[a-z]+$"}, Document: compact(t, every),
	}
	if !reflect.DeepEqual(f, want) || fmt.Sprint(notes) != "[Egress keeps these members but does not know them: later.]" {
		t.Errorf("%+v, %q", f, notes)
	}
	if got := string(fieldjson.Append(nil, f)); got != compact(t, every) {
		t.Errorf("%s", got)
	}
}

func TestDecodeOptions(t *testing.T) {
	t.Parallel()
	one := "[{a A}]"
	for options, want := range map[string]string{
		`null`: "[]", `""`: "[]", `"null"`: "[]", `"[]"`: "[]", `[]`: "[]", `[{"value":"a","label":"A"}]`: one,
		`"[{\"value\":\"a\",\"label\":\"A\"}]"`: one, `[{"label":"A","value":"a","more":1}]`: one, `[{"value":"a"}]`: "[{a }]",
	} {
		f, _, err := fieldjson.Decode([]byte(`{"input-type":"select","select-options":`+options+`}`), "x")
		if err != nil || fmt.Sprint(f.Options) != want || f.Label != "x" || f.Document != `{"slug":"x","input-type":"select","select-options":`+options+`}` {
			t.Errorf("%s: %+v, %v", options, f, err)
		}
	}
}

func TestDecodeNamesInvalidMember(t *testing.T) {
	t.Parallel()
	const start = `{"input-type":"select",`
	many := make([]string, fieldjson.MaxMembers)
	for i := range many {
		many[i] = fmt.Sprintf(`"m%d":1`, i)
	}
	for body, field := range map[string]string{
		`[]`: "", `{`: "", `{}`: "input-type", `{"input-type":null}`: "input-type", `{"input-type":"file"}`: "input-type", start + `"slug":"b"}`: "slug",
		start + `"slug":null}`: "slug", start + `"label":1}`: "label", start + `"label":"a","label":"b"}`: "label", start + `"visibility":true}`: "visibility",
		start + `"required":"yes"}`: "required", start + `"form-use":1}`: "form-use", start + `"range-start":"x"}`: "range-start", start + `"range-end":true}`: "range-end",
		start + `"range-step":[]}`: "range-step", start + `"unit-position":"middle"}`: "unit-position", start + `"stat-direction":"up"}`: "stat-direction",
		start + `"validation-expression":1}`: "validation-expression", start + `"select-options":{}}`: "select-options", start + `"select-options":"x"}`: "select-options",
		start + `"select-options":"{}"}`: "select-options", start + `"select-options":["a"]}`: "select-options[0]", start + `"select-options":[{"value":1}]}`: "select-options[0].value",
		start + `"select-options":"[{\"label\":1}]"}`: "select-options[0].label", start + `"select-options":[{"value":"a"},{"value":"a"}]}`: "select-options[1]",
		start + strings.Join(many, ",") + `}`:                               "",
		start + `"more":"` + strings.Repeat("x", fieldjson.MaxBytes) + `"}`: "",
	} {
		_, _, err := fieldjson.Decode([]byte(body), "a")
		e, _ := err.(*errs.Error) //nolint:errorlint // Decode does not wrap its errors
		if e == nil || e.Code != errs.CodeInvalidRequest || e.Field != field || len(e.Message) > 300 {
			t.Errorf("%.80s: %v, want %q", body, err, field)
		}
	}
}

func TestAppendUndeclaredField(t *testing.T) {
	t.Parallel()
	schema := users.Schema{
		{Slug: "a", Label: "<\"A\">", Type: users.Text, Inferred: true},
		{Slug: "b", Label: "B", Type: users.Radio, Options: []users.Option{{Value: "1", Label: "One"}, {Value: "2", Label: "Two"}}},
	}
	want := `[{"slug":"a","label":"<\"A\">","input-type":"text"},` +
		`{"slug":"b","label":"B","input-type":"radio","select-options":[{"value":"1","label":"One"},{"value":"2","label":"Two"}]}]`
	if got := string(fieldjson.AppendList(nil, schema)); got != want {
		t.Errorf("%s", got)
	}
	for _, f := range schema {
		again, _, err := fieldjson.Decode(fieldjson.Append(nil, f), f.Slug)
		if err != nil || string(fieldjson.Append(nil, again)) != string(fieldjson.Append(nil, f)) {
			t.Errorf("%s: %+v, %v", f.Slug, again, err)
		}
	}
	if got := string(fieldjson.AppendList(nil, nil)); got != "[]" {
		t.Errorf("no fields: %s", got)
	}
}

// TestRoundTrip writes objects of any members, in any order and with any white space, and reads
// them back.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	strs := rapid.SampledFrom([]string{`""`, `"a"`, `"<&> \u2028"`, `"\u00e9\/\n"`, `"é😀"`, `"\ud83d\ude00"`, `"null"`, `null`, `"^(?!x)"`, `"(a"`})
	flags := rapid.SampledFrom([]string{"true", "false", "null"})
	numbers := rapid.SampledFrom([]string{"0", "-0", "0.0", "1.50", "1e2", "1E-400", "12345678901234567890", `"5"`, `""`, "null"})
	values := map[string]*rapid.Generator[string]{
		"label": rapid.SampledFrom([]string{`"Label"`, `"<L\u00e9>"`, `null`, `""`}), "visibility": strs, "context": strs, "internal-description": strs, "public-description": strs,
		"validation-expression": strs, "unit": strs, "required": flags, "decision-point": flags, "publicly-writable": flags, "form-use": flags,
		"range-start": numbers, "range-end": numbers, "range-step": numbers, "value-precision": numbers,
		"unit-position": rapid.SampledFrom([]string{`"leading"`, `"trailing"`, `null`, `""`}), "stat-direction": rapid.SampledFrom([]string{`"ascending"`, `null`}),
		"select-options": rapid.SampledFrom([]string{`null`, `"null"`, `""`, `[]`, `[ {"value":"a" , "label":"A"} ]`, `"[ {\"value\":\"a\",\"label\":\"A\"} ]"`}),
		"new-member":     rapid.SampledFrom([]string{`1.0`, `{"z": [ 1 ], "a":{ }}`, `"x"`, `[null]`}), "\\u0061": strs,
	}
	names := slices.Sorted(maps.Keys(values))
	space := rapid.SampledFrom([]string{"", " ", "\n\t", "\r\n "})
	rapid.Check(t, func(rt *rapid.T) {
		members := []string{`"input-type":"` + string(rapid.SampledFrom(users.InputTypes).Draw(rt, "type")) + `"`}
		hasSlug := rapid.Bool().Draw(rt, "slug")
		if hasSlug {
			members = append(members, `"slug":"s-1"`)
		}
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID[string]).Draw(rt, "names") {
			members = append(members, `"`+name+`"`+space.Draw(rt, "space")+":"+space.Draw(rt, "space")+values[name].Draw(rt, name))
		}
		members = rapid.Permutation(members).Draw(rt, "members")
		gap := space.Draw(rt, "gap")
		body := gap + "{" + strings.Join(members, gap+","+gap) + "}" + gap
		want := compact(t, body)
		if !hasSlug {
			want = `{"slug":"s-1",` + want[1:]
		}
		f, _, err := fieldjson.Decode([]byte(body), "s-1")
		if err != nil {
			rt.Fatalf("%s: %v", body, err)
		}
		if got := string(fieldjson.Append(nil, f)); got != want {
			rt.Fatalf("%s, want %s", got, want)
		}
		again, _, err := fieldjson.Decode(fieldjson.Append(nil, f), "s-1")
		if err != nil || !reflect.DeepEqual(again, f) {
			rt.Fatalf("read again: %+v, want %+v: %v", again, f, err)
		}
	})
}

// FuzzDecode checks that every body gives an error with a code, or a field that reads back equal.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(every))
	f.Add([]byte(`{"input-type":"number","range-start":1e5,"range-end":"2","select-options":"null"}`))
	f.Add([]byte(`{"input-type":"text","validation-expression":"(?=a)(x{1000})*"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		field, _, err := fieldjson.Decode(body, "plan")
		if err != nil {
			if errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		written := fieldjson.Append(nil, field)
		if got := strings.Replace(string(written), `"slug":"plan",`, "", 1); got != strings.Replace(compact(t, string(body)), `"slug":"plan",`, "", 1) {
			t.Errorf("%q became %s", body, written)
		}
		again, _, err := fieldjson.Decode(written, "plan")
		if err != nil || !reflect.DeepEqual(again, field) {
			t.Errorf("%s read again: %+v, want %+v: %v", written, again, field, err)
		}
	})
}
