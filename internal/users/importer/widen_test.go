package importer

import (
	"maps"
	"testing"

	"github.com/egress-io/egress/internal/users"
)

// Each case has the value in a first file, the value in a second file, the resulting type, and the
// values of both users.
func TestFieldsWidenToTheNarrowestType(t *testing.T) {
	t.Parallel()
	day := *mustTime("2026-01-31T00:00:00Z")
	for name, tt := range map[string]struct {
		first, second string
		to            users.InputType
		values        map[string]any
	}{
		"a code":                  {`10115`, `"02138"`, users.Text, map[string]any{"a": "10115", "b": "02138"}},
		"a number as text":        {`10115`, `"10116"`, users.Number, map[string]any{"a": int64(10115), "b": int64(10116)}},
		"a trailing zero":         {`1.5`, `"1.50"`, users.Text, map[string]any{"a": "1.5", "b": "1.50"}},
		"a number with exponent":  {`1e3`, `"x"`, users.Text, map[string]any{"a": "1000", "b": "x"}},
		"a large number":          {`100000000000000000000`, `"x"`, users.Text, map[string]any{"a": "100000000000000000000", "b": "x"}},
		"too many digits":         {`1`, `12345678901234567890`, users.Text, map[string]any{"a": "1", "b": "12345678901234567890"}},
		"a number and a boolean":  {`1`, `true`, users.Text, map[string]any{"a": "1", "b": "true"}},
		"a checkbox and a word":   {`true`, `"yes"`, users.Text, map[string]any{"a": "true", "b": "yes"}},
		"a checkbox as text":      {`true`, `"false"`, users.Checkbox, map[string]any{"a": true, "b": false}},
		"a date and a time":       {`"2026-01-31"`, `"2026-01-31T08:30:00Z"`, users.DateTime, map[string]any{"a": day, "b": *mustTime("2026-01-31T08:30:00Z")}},
		"a date and a Unix time":  {`"2026-01-31"`, `1700000000`, users.DateTime, map[string]any{"a": day, "b": *mustTime("2023-11-14T22:13:20Z")}},
		"a date and a midnight":   {`"2026-01-31"`, `"2026-01-31 00:00:00"`, users.Date, map[string]any{"a": day, "b": day}},
		"a date and a word":       {`"2026-01-31"`, `"soon"`, users.Text, map[string]any{"a": "2026-01-31", "b": "soon"}},
		"a date and a zero date":  {`"2026-01-31"`, `"0000-00-00"`, users.Date, map[string]any{"a": day, "b": nil}},
		"a time and a date":       {`"2026-01-31 08:30:00+00"`, `"2026-01-31"`, users.DateTime, map[string]any{"a": *mustTime("2026-01-31T08:30:00Z"), "b": day}},
		"a time and a word":       {`"2026-01-31 08:30:00+00"`, `"soon"`, users.Text, map[string]any{"a": "2026-01-31T08:30:00.000Z", "b": "soon"}},
		"a number and a list":     {`1`, `[1, {"a" : "b"}]`, users.Text, map[string]any{"a": "1", "b": `[1,{"a":"b"}]`}},
		"a number and nothing":    {`1`, `""`, users.Number, map[string]any{"a": int64(1), "b": nil}},
		"text and a number":       {`"a"`, `0.10`, users.Text, map[string]any{"a": "a", "b": "0.10"}},
		"a list and an object":    {`[]`, `{"$x":null}`, users.Text, map[string]any{"a": "[]", "b": `{"$x":null}`}},
		"numbers of MongoDB":      {`{"$numberLong":"5"}`, `{"$numberDecimal":"1.50"}`, users.Number, map[string]any{"a": int64(5), "b": 1.5}},
		"a number and infinity":   {`1`, `{"$numberDouble":"Infinity"}`, users.Text, map[string]any{"a": "1", "b": "Infinity"}},
		"an old birth date":       {`"1850-05-04"`, `"1850-05-05"`, users.Date, map[string]any{"a": *mustTime("1850-05-04T00:00:00Z"), "b": *mustTime("1850-05-05T00:00:00Z")}},
		"a telephone number":      {`"1700000000"`, `"2026-01-31"`, users.Text, map[string]any{"a": "1700000000", "b": "2026-01-31"}},
		"dates and times at once": {`"2026-01-31"},"grants":[]}` + "\n" + `{"user_id":"c","attributes":{"f":"2026-01-31 08:30"`, `null`, users.DateTime, map[string]any{"a": day, "b": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemoryWriter()
			_, refused := mustImport(t, m, `{"user_id":"a","attributes":{"f":`+tt.first+`}}`, Options{})
			before, _ := m.schema.Field("f")
			rep, more := mustImport(t, m, `{"user_id":"b","attributes":{"f":`+tt.second+`}}`, Options{})
			f, _ := m.schema.Field("f")
			if f.Type != tt.to || len(refused)+len(more) > 0 || !f.Inferred || f.Order != before.Order {
				t.Errorf("the field is %+v, refused %+v %+v", f, refused, more)
			}
			if got := map[string]any{"a": m.users["a"].Attributes["f"], "b": m.users["b"].Attributes["f"]}; !maps.Equal(got, tt.values) {
				t.Errorf("values %#v, want %#v", got, tt.values)
			}
			if (len(rep.Widened) == 1) != (before.Type != tt.to) {
				t.Errorf("%s became %s, the report has %+v", before.Type, tt.to, rep.Widened)
			}
			if len(rep.Widened) == 1 && (rep.Widened[0].From != before.Type || rep.Widened[0].To != tt.to || rep.Widened[0].Slug != "f") {
				t.Errorf("widened %+v", rep.Widened)
			}
		})
	}
}

// The type that an admin declared changes only with ExtendSchema.
func TestExtendSchemaWidensDeclaredFields(t *testing.T) {
	t.Parallel()
	declared := users.Field{Slug: "zip", Label: "Postcode", Type: users.Number}
	text := `{"user_id":"a","attributes":{"zip":"02138"}}` + "\n" + `{"user_id":"b","attributes":{"zip":"10115"}}`
	m := newMemoryWriter(declared)
	rep, refusals := mustImport(t, m, text, Options{})
	if f, _ := m.schema.Field("zip"); f.Type != users.Number || len(refusals) != 1 || refusals[0].Field != "attributes.zip" || rep.Created != 2 || len(rep.Widened) > 0 {
		t.Errorf("field %+v, report %+v, refused %+v", f, rep, refusals)
	}
	rep, refusals = mustImport(t, m, text, Options{ExtendSchema: true})
	f, _ := m.schema.Field("zip")
	if f.Type != users.Text || f.Label != "Postcode" || f.Inferred || len(refusals) > 0 || len(rep.Widened) != 1 || rep.Widened[0].Converted != 1 {
		t.Errorf("field %+v, report %+v, refused %+v", f, rep, refusals)
	}
	if got := m.users["a"].Attributes["zip"]; got != "02138" {
		t.Errorf("zip %v", got)
	}
	if got := m.users["b"].Attributes["zip"]; got != "10115" {
		t.Errorf("zip %v", got)
	}
}

// A file that Stop rejects changes no field.
func TestStopWidensNothing(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	mustImport(t, m, `{"user_id":"a","attributes":{"f":1}}`, Options{})
	_, err := Run(testContext(t), m, "t", Bytes([]byte(`{"user_id":"b","registered":"soon","attributes":{"f":"x","g":1}}`)), Options{OnError: Stop})
	if f, _ := m.schema.Field("f"); err == nil || f.Type != users.Number || len(m.schema) != 1 || len(m.users) != 1 {
		t.Errorf("error %v, schema %+v", err, m.schema)
	}
}
