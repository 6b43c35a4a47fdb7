package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// schemaStore keeps one schema, as Records and as Directory.
type schemaStore struct {
	fakeRecords
	fakeDirectory

	fields users.Schema
}

func (s *schemaStore) Schema(context.Context, string) (users.Schema, error) {
	return slices.Clone(s.fields), nil
}

func (s *schemaStore) PutSchema(_ context.Context, _ string, fields users.Schema) error {
	for _, f := range fields {
		s.fields = append(slices.DeleteFunc(s.fields, func(old users.Field) bool { return old.Slug == f.Slug }), f)
	}
	slices.SortFunc(s.fields, func(a, b users.Field) int { return a.Order - b.Order })
	return nil
}

// setupSchema returns a server whose schema has the given fields, by slug.
func setupSchema(t *testing.T, fields ...string) (*testServer, *schemaStore) {
	t.Helper()
	s := &schemaStore{}
	b := setup(t, func(o *Options) { o.Records, o.Directory, o.PublicURL = s, s, "http://egress.example.com:8080" })
	for i := 0; i < len(fields); i += 2 {
		b.call("owner", "PUT", "/v3/schema/users/"+fields[i], fields[i+1]).expect(201, "", "")
	}
	return b, s
}

// documentedField has every member that Zephr documents, in its order.
const documentedField = `{"slug":"slug1","visibility":"PUBLIC","context":"slug1","label":"Test","internal-description":"For testing",` +
	`"public-description":"Some info","required":true,"validation-expression":"test","input-type":"text","select-options":"null","range-start":0,` +
	`"range-end":100,"range-step":5,"decision-point":true,"publicly-writable":true,"form-use":true,"unit":"unit","unit-position":"leading",` +
	`"value-precision":0,"stat-direction":"ascending"}`

func TestSchemaIsCopiedUnchanged(t *testing.T) {
	t.Parallel()
	b, _ := setupSchema(t)
	sent := map[string]string{ // by slug
		"slug1": documentedField,
		"plan": `{"input-type":"select","label":"<Plan> & \u00e9 😀","slug":"plan","select-options":[{"value":"a","label":"A","order":1.0},{"label":"B","value":"b"}],` +
			`"range-start":null,"range-end":1.50,"validation-expression":null,"unit":"","later":{"b":[1e40,0.10],"a":{}}}`,
		"text-options": `{"slug":"text-options","label":"T","input-type":"radio","select-options":"[{\"value\": \"a\", \"label\": \"A\"}]"}`,
	}
	order := []string{"slug1", "plan", "text-options"}
	want := make([]string, len(order))
	for i, slug := range order {
		a := b.call("owner", "PUT", "/v3/schema/users/"+slug, "  "+strings.Replace(sent[slug], `,"`, ",\n\t\"", 3)+"\n")
		a.expect(201, "", "")
		if uri := a.json("uri"); uri != "http://egress.example.com:8080/v3/schema/users/"+slug {
			t.Errorf("%v", uri)
		}
		want[i] = sent[slug]
	}
	for range 2 { // what was read is written again
		list := b.call("viewer", "GET", "/v3/schema/users", "")
		if got := string(list.body); got != "["+strings.Join(want, ",")+"]" {
			t.Errorf("the list is\n%s", got)
		}
		var fields []json.RawMessage
		if err := json.Unmarshal(list.body, &fields); err != nil {
			t.Fatal(err)
		}
		for i, slug := range order {
			if got := string(b.call("viewer", "GET", "/v3/schema/users/"+slug, "").body); got != sent[slug] {
				t.Errorf("%s is\n%s", slug, got)
			}
			b.call("owner", "PUT", "/v3/schema/users/"+slug, string(fields[i])).expect(200, "", "")
		}
	}

	b = setup(t) // without a public URL
	if uri := b.call("owner", "PUT", "/v3/schema/users/a", `{"label":"A","input-type":"text"}`).json("uri"); uri != "/v3/schema/users/a" {
		t.Errorf("%v", uri)
	}
}

func TestSchemaSaysWhatIsNotEnforced(t *testing.T) {
	t.Parallel()
	b, _ := setupSchema(t)
	for body, note := range map[string]string{
		`{"input-type":"text","validation-expression":"^(?=.*\\d).+$"}`:       "validation-expression is kept but not enforced",
		`{"input-type":"number","range-start":0,"range-end":0}`:               "The range is kept but not enforced",
		`{"input-type":"text","requried":true,"slug":"a","context":"\u0000"}`: "does not know them: requried.",
	} {
		a := b.call("owner", "PUT", "/v3/schema/users/a", body)
		if message, _ := a.json("message").(string); a.StatusCode > 201 || !strings.Contains(message, note) {
			t.Errorf("%s: %d %s", body, a.StatusCode, a.body)
		}
	}
	if a := b.call("owner", "PUT", "/v3/schema/users/a", `{"input-type":"text"}`); a.json("message") != "The field of the user schema was replaced." {
		t.Errorf("%s", a.body)
	}
}

func TestSchemaConstraintsOfWrites(t *testing.T) {
	t.Parallel()
	b, s := setupSchema(t,
		"plan", `{"label":"Plan","input-type":"text","required":true}`, "pin", `{"label":"PIN","input-type":"password","required":true}`,
		"zip", `{"label":"Zip","input-type":"text","validation-expression":"^\\d{5}$"}`,
		"age", `{"label":"Age","input-type":"number","range-start":18,"range-end":"120","range-step":null}`,
		"old", `{"label":"Old","input-type":"text","validation-expression":"(?<!a)b"}`,
	)
	const create, attributes = "/v3/users", "/v3/users/u1/attributes"
	user := func(attributes string) string {
		return fmt.Sprintf(`{"identifiers":{"username":"a"},"user_store_id":"uk"%s}`, attributes)
	}
	for _, c := range []struct{ method, target, body, field, problem string }{
		{"POST", create, user(``), "attributes.plan", "required"},
		{"POST", create, user(`,"attributes":null`), "attributes.plan", "required"},
		{"POST", create, user(`,"attributes":{"plan":""}`), "attributes.plan", "required"},
		{"POST", create, user(`,"attributes":{"plan":"a","zip":"1234"}`), "attributes.zip", "validation-expression"},
		{"PUT", attributes, `{"zip":"12345"}`, "plan", "required"},
		{"PUT", attributes, `{"plan":null}`, "plan", "required"},
		{"PUT", attributes, `null`, "", "must be an object"},
		{"PATCH", attributes, `{"plan":null}`, "plan", "required"},
		{"PATCH", attributes, `{"plan":""}`, "plan", "required"},
		{"PATCH", attributes, `{"zip":"x12345"}`, "zip", "validation-expression"},
		{"PATCH", attributes, `{"age":17}`, "age", "at least 18"},
		{"PATCH", attributes, `{"age":"121"}`, "age", "at most 120"},
	} {
		a := b.call("owner", c.method, c.target, c.body)
		a.expect(400, errs.CodeInvalidRequest, c.field)
		if !strings.Contains(string(a.body), c.problem) || len(s.asked) > 0 {
			t.Errorf("%s %s: %s, %q", c.method, c.body, a.body, s.asked)
		}
	}
	for _, c := range []struct{ method, target, body string }{
		{"POST", create, user(`,"attributes":{"plan":"a","zip":12345,"age":18.5,"old":"ab"}`)}, {"PUT", attributes, `{"plan":"a"}`},
		{"PATCH", attributes, `{"age":null,"zip":""}`}, {"PATCH", attributes, `{"plan":"b"}`},
	} {
		if a := b.call("owner", c.method, c.target, c.body); a.StatusCode > 201 {
			t.Errorf("%s %s: %d %s", c.method, c.body, a.StatusCode, a.body)
		}
	}
}
