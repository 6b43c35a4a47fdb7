package api

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
)

func TestAdmins(t *testing.T) {
	t.Parallel()

	t.Run("are invited with a link that is shown once", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(d *Deps) { d.PublicURL = "https://egress.example.com" })
		a := b.call("owner", "POST", "/v4/admins", `{"email":"noor@example.com","role":"exporter"}`)
		a.want(201, "", "")
		if a.json("link") != "https://egress.example.com/invitation#token-of-01noor" || a.json("admin", "role") != "exporter" || a.json("admin", "invited") != true {
			t.Errorf("%s", a.body)
		}
		list := b.call("owner", "GET", "/v4/admins", "")
		list.want(200, "", "")
		if body := string(list.body); strings.Contains(body, "token-of") || !strings.Contains(body, "noor@example.com") {
			t.Errorf("%s", body)
		}
		if r := b.audit.of(audit.AdminInvited); len(r) != 1 || r[0].Words != "noor@example.com as exporter" {
			t.Errorf("%+v", r)
		}
		b.call("owner", "POST", "/v4/admins", `{"email":"noor@example.com","role":"viewer"}`).want(409, export.CodeExists, "email")
		b.call("owner", "POST", "/v4/admins/01noor/invitations", "").want(201, "", "")
		b.call("owner", "POST", "/v4/admins/01none/invitations", "").want(404, export.CodeNotFound, "")
		if strings.Contains(b.log.String(), "token-of") || strings.Contains(b.log.String(), "noor@") {
			t.Error("the program's log knows more than it may")
		}
	})

	t.Run("change and go", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		a := b.call("owner", "PATCH", "/v4/admins/01exporter", `{"role":"viewer"}`)
		a.want(200, "", "")
		if a.json("role") != "viewer" {
			t.Errorf("%s", a.body)
		}
		b.call("owner", "DELETE", "/v4/admins/01exporter", "").want(200, "", "")
		b.call("owner", "DELETE", "/v4/admins/01exporter", "").want(404, export.CodeNotFound, "")
		b.call("exporter", "GET", "/v4/features", "", tenantHeader, "meridian").want(404, export.CodeNotFound, "")
		if r := b.audit.of(audit.RoleChanged); len(r) != 1 || r[0].Words != "exporter@example.com from exporter to viewer" {
			t.Errorf("%+v", r)
		}
		if r := b.audit.of(audit.AdminRemoved); len(r) != 1 || r[0].Subject != "01exporter" {
			t.Errorf("%+v", r)
		}
	})

	t.Run("choose a password behind the link", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "POST", "/v4/admins", `{"email":"noor@example.com","role":"exporter"}`).want(201, "", "")
		a := b.call("", "POST", "/v4/invitations", `{"token":"token-of-01noor"}`)
		a.want(200, "", "")
		if a.json("email") != "noor@example.com" || a.json("tenant") != "Meridian Press" {
			t.Errorf("%s", a.body)
		}
		b.call("", "POST", "/v4/invitations", `{"token":"x"}`).want(404, export.CodeNotFound, "")
		a = b.call("", "POST", "/v4/invitations/acceptances", `{"token":"token-of-01noor","name":"Noor","password":"open sesame"}`)
		a.want(200, "", "")
		if !strings.Contains(a.Header.Get("Set-Cookie"), "egress_session=") || !strings.Contains(a.Header.Get("Set-Cookie"), "HttpOnly") {
			t.Errorf("%v", a.Header)
		}
		if r := b.audit.of(audit.InvitationTaken); len(r) != 1 || r[0].Email != "noor@example.com" || r[0].Tenant != "meridian" {
			t.Errorf("%+v", r)
		}
		b.call("", "POST", "/v4/invitations/acceptances", `{"token":"token-of-01noor","password":"open sesame"}`).want(404, export.CodeNotFound, "")
	})

	for name, c := range map[string]struct{ method, target, body, field string }{
		"an invitation wants an address":  {"POST", "/v4/admins", `{"role":"viewer"}`, "email"},
		"an invitation wants a role":      {"POST", "/v4/admins", `{"email":"a@example.com"}`, "role"},
		"a role is one of three":          {"PATCH", "/v4/admins/01exporter", `{"role":"root"}`, "role"},
		"a role is text":                  {"PATCH", "/v4/admins/01exporter", `{"role":1}`, "role"},
		"an acceptance wants a password":  {"POST", "/v4/invitations/acceptances", `{"token":"x"}`, "password"},
		"an acceptance wants a token":     {"POST", "/v4/invitations/acceptances", `{"password":"open sesame"}`, "token"},
		"an acceptance takes no role":     {"POST", "/v4/invitations/acceptances", `{"token":"x","password":"y","role":"owner"}`, "role"},
		"a look at one wants a token":     {"POST", "/v4/invitations", `{}`, "token"},
		"an address of reasonable length": {"POST", "/v4/admins", `{"email":"` + strings.Repeat("a", 400) + `@example.com","role":"viewer"}`, "email"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			setup(t).call("owner", c.method, c.target, c.body).want(400, export.CodeInvalid, c.field)
		})
	}
}
