package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

const gbFilter = `{"combinator":"and","rules":[{"field":"attributes.country","operator":"is","value":"GB"}]}`

func TestSavedFilters(t *testing.T) {
	t.Parallel()
	const target = "/v4/saved-filters"
	create := func(b *testServer, token, name string) string {
		a := b.call(token, "POST", target, `{"name":"`+name+`","filter":`+gbFilter+`}`)
		a.expect(201, "", "")
		id, _ := a.json("id").(string)
		if a.Header.Get("Location") != target+"/"+id {
			b.t.Errorf("Location %q", a.Header.Get("Location"))
		}
		return id
	}

	t.Run("are for every member, and their creator and owners change them", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.add("second", &auth.Admin{ID: "01second", Email: "second@example.com", Roles: map[string]auth.Role{"meridian": auth.Exporter}})
		id := create(b, "exporter", "Lapsed GB")
		for token, editable := range map[string]bool{"viewer": false, "second": false, "exporter": true, "owner": true} {
			a := b.call(token, "GET", target+"/"+id, "")
			a.expect(200, "", "")
			if a.json("name") != "Lapsed GB" || a.json("createdBy") != "exporter@example.com" || a.json("editable") != editable || a.json("filter", "combinator") != "and" {
				t.Errorf("%s: %s", token, a.body)
			}
		}
		b.call("viewer", "POST", target, `{"name":"x","filter":`+gbFilter+`}`).expect(403, errs.CodeForbidden, "")
		for _, token := range []string{"viewer", "second"} {
			b.call(token, "PATCH", target+"/"+id, `{"name":"Mine"}`).expect(403, errs.CodeForbidden, "")
			b.call(token, "DELETE", target+"/"+id, "").expect(403, errs.CodeForbidden, "")
		}
		if a := b.call("exporter", "PATCH", target+"/"+id, `{"name":" Lapsed "}`); a.json("name") != "Lapsed" {
			t.Errorf("%s", a.body)
		}
		b.call("owner", "PATCH", target+"/"+id, `{"filter":{"field":"email_verified","operator":"checked"}}`).expect(200, "", "")
		b.call("owner", "DELETE", target+"/"+id, "").expect(200, "", "")
		b.call("owner", "DELETE", target+"/"+id, "").expect(404, errs.CodeNotFound, "")

		var lines []string
		for _, r := range b.audit.records {
			if r.Subject == id {
				lines = append(lines, string(r.Kind)+": "+r.Words)
			}
		}
		want := []string{
			string(audit.SavedFilterCreated) + ": Lapsed GB", string(audit.SavedFilterChanged) + ": Lapsed GB → Lapsed",
			string(audit.SavedFilterChanged) + ": Lapsed; new conditions", string(audit.SavedFilterDeleted) + ": Lapsed",
		}
		if strings.Join(lines, "\n") != strings.Join(want, "\n") {
			t.Errorf("audit records:\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	})

	t.Run("are sorted by name, and belong to their tenant", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.sessions["owner"].Roles["orion"] = auth.Owner
		create(b, "owner", "b")
		create(b, "owner", "C")
		id := create(b, "owner", "A")
		a := b.call("viewer", "GET", target, "")
		var names []string
		for _, f := range a.json("results").([]any) {
			names = append(names, f.(map[string]any)["name"].(string))
		}
		if strings.Join(names, "") != "AbC" {
			t.Errorf("%v", names)
		}
		b.call("owner", "GET", target+"/"+id, "", "Egress-Tenant", "orion").expect(404, errs.CodeNotFound, "")
		b.call("owner", "DELETE", target+"/"+id, "", "Egress-Tenant", "orion").expect(404, errs.CodeNotFound, "")
	})

	t.Run("name the invalid field", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		id := create(b, "owner", "Taken")
		create(b, "owner", "Other")
		for body, field := range map[string]string{
			`{"filter":` + gbFilter + `}`:                                          "name",
			`{"name":"  ","filter":` + gbFilter + `}`:                              "name",
			`{"name":"a\u0000","filter":` + gbFilter + `}`:                         "",
			`{"name":"a\tb","filter":` + gbFilter + `}`:                            "name",
			`{"name":"` + strings.Repeat("é", 81) + `","filter":` + gbFilter + `}`: "name",
			`{"name":"x"}`:                                         "filter",
			`{"name":"x","filter":{"field":"a"}}`:                  "filter.operator",
			`{"name":"x","filter":` + gbFilter + `,"shared":true}`: "shared",
		} {
			a := b.call("owner", "POST", target, body)
			if a.StatusCode != http.StatusBadRequest || field != "" && a.json("field") != field {
				t.Errorf("%s: %d %s, want field %q", body, a.StatusCode, a.body, field)
			}
		}
		b.call("owner", "PATCH", target+"/"+id, `{}`).expect(400, errs.CodeInvalidRequest, "name")
		b.call("owner", "POST", target, `{"name":"TAKEN","filter":`+gbFilter+`}`).expect(409, errs.CodeExists, "name")
		b.call("owner", "PATCH", target+"/"+id, `{"name":"other"}`).expect(409, errs.CodeExists, "name")
	})
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	const target = "/v4/preferences"
	b := setup(t)
	a := b.call("exporter", "GET", target, "")
	a.expect(200, "", "")
	if a.json("export") != nil || a.json("userColumns") != nil {
		t.Errorf("%s", a.body)
	}
	b.call("exporter", "PATCH", target, `{"export":{"include":{"attributes":true},"stateEvents":{},"file":{"dialect":"spreadsheet"}}}`).expect(200, "", "")
	b.call("exporter", "PATCH", target, `{"userColumns":["email","attributes.country"]}`).expect(200, "", "")
	a = b.call("exporter", "GET", target, "")
	if a.json("export", "file", "dialect") != "spreadsheet" || len(a.json("userColumns").([]any)) != 2 {
		t.Errorf("%s", a.body)
	}
	if columns := b.call("exporter", "GET", "/v4/user-schema", "").json("userColumns"); len(columns.([]any)) != 2 {
		t.Errorf("the schema has the columns %v", columns)
	}
	if columns := b.call("owner", "GET", "/v4/user-schema", "").json("userColumns"); columns != nil {
		t.Errorf("the schema has another admin's columns %v", columns)
	}
	for _, other := range []response{b.call("owner", "GET", target, ""), b.call("exporter", "GET", target, "", "Egress-Tenant", "orion")} {
		if other.json("export") != nil || other.json("userColumns") != nil {
			t.Errorf("another admin or tenant: %s", other.body)
		}
	}
	for body, field := range map[string]string{
		`{}`: "export",
		`{"export":{"include":{"attributes":true},"users":{"search":"hart"}}}`:                     "export.users",
		`{"export":{"include":{"attributes":true},"users":{"userStoreId":"uk"}}}`:                  "export.users",
		`{"export":{"include":{"attributes":true},"stateEvents":{"from":"2026-01-01T00:00:00Z"}}}`: "export.stateEvents",
		`{"export":{"include":{"attributes":"yes"}}}`:                                              "export.include.attributes",
		`{"userColumns":[]}`:                "userColumns",
		`{"userColumns":["email","email"]}`: "userColumns",
		`{"userColumns":[1]}`:               "userColumns[0]",
		`{"theme":"dark"}`:                  "theme",
	} {
		b.call("exporter", "PATCH", target, body).expect(400, errs.CodeInvalidRequest, field)
	}
	b.call("exporter", "PATCH", target, `{"export":null,"userColumns":null}`).expect(200, "", "")
	if a := b.call("exporter", "GET", target, ""); a.json("export") != nil || a.json("userColumns") != nil {
		t.Errorf("not forgotten: %s", a.body)
	}
}
