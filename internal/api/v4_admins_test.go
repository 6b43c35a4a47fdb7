package api

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

func TestAdmins(t *testing.T) {
	t.Parallel()

	t.Run("are invited with a link that is returned once", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(o *Options) { o.PublicURL = "https://egress.example.com" })
		a := b.call("owner", "POST", "/v4/admins", `{"email":"noor@example.com","role":"exporter"}`)
		a.expect(201, "", "")
		if a.json("link") != "https://egress.example.com/invitation#token-of-inv-noor" || a.json("mailed") != false ||
			a.json("invitation", "role") != "exporter" || a.json("invitation", "expired") != false {
			t.Errorf("%s", a.body)
		}
		known := b.call("owner", "POST", "/v4/admins", `{"email":"nobody@example.com","role":"exporter"}`) // this address has an account
		for _, member := range []string{"link", "invitation"} {
			if (known.json(member) == nil) != (a.json(member) == nil) || len(known.json("invitation").(map[string]any)) != len(a.json("invitation").(map[string]any)) {
				t.Errorf("an account shows: %s, %s", known.body, a.body)
			}
		}
		list := b.call("owner", "GET", "/v4/admins", "")
		list.expect(200, "", "")
		if body := string(list.body); strings.Contains(body, "token-of") || len(list.json("invitations").([]any)) != 2 || len(list.json("results").([]any)) != 3 {
			t.Errorf("%s", body)
		}
		if r := b.audit.ofKind(audit.AdminInvited); len(r) != 2 || r[0].Words != "noor@example.com as exporter" {
			t.Errorf("%+v", r)
		}
		b.call("owner", "POST", "/v4/admins", `{"email":"noor@example.com","role":"viewer"}`).expect(409, errs.CodeExists, "email")
		b.call("owner", "POST", "/v4/admins/invitations/inv-noor/links", "").expect(201, "", "")
		b.call("owner", "POST", "/v4/admins/invitations/none/links", "").expect(404, errs.CodeNotFound, "")
		b.call("owner", "DELETE", "/v4/admins/invitations/inv-noor", "").expect(200, "", "")
		b.call("owner", "DELETE", "/v4/admins/invitations/inv-noor", "").expect(404, errs.CodeNotFound, "")
		b.call("", "POST", "/v4/invitations", `{"token":"token-of-inv-noor"}`).expect(404, errs.CodeNotFound, "")
		if strings.Contains(b.log.String(), "token-of") || strings.Contains(b.log.String(), "noor@") {
			t.Error("the program's log knows more than it may")
		}
	})

	t.Run("are invited by mail, and the inviter never sees the link", func(t *testing.T) {
		t.Parallel()
		mail := &fakeMail{}
		b := setup(t, func(o *Options) { o.PublicURL, o.Mail = "https://egress.example.com", mail })
		a := b.call("owner", "POST", "/v4/admins", `{"email":"noor@example.com","role":"exporter"}`)
		a.expect(201, "", "")
		if a.json("link") != nil || a.json("mailed") != true || strings.Contains(string(a.body), "token-of") {
			t.Errorf("%s", a.body)
		}
		if len(mail.invitations) != 1 || mail.invitations[0].Link != "https://egress.example.com/invitation#token-of-inv-noor" ||
			mail.invitations[0].InvitedBy != "owner@example.com" || mail.invitations[0].Tenant.ID != "meridian" {
			t.Errorf("%+v", mail.invitations)
		}
		mail.err = errDown
		b.call("owner", "POST", "/v4/admins/invitations/inv-noor/links", "").expect(503, errs.CodeUnavailable, "")
	})

	t.Run("change roles and are removed", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		a := b.call("owner", "PATCH", "/v4/admins/01exporter", `{"role":"viewer"}`)
		a.expect(200, "", "")
		if a.json("role") != "viewer" {
			t.Errorf("%s", a.body)
		}
		b.call("owner", "DELETE", "/v4/admins/01exporter", "").expect(200, "", "")
		b.call("owner", "DELETE", "/v4/admins/01exporter", "").expect(404, errs.CodeNotFound, "")
		b.call("exporter", "GET", "/v4/features", "", tenantHeader, "meridian").expect(404, errs.CodeNotFound, "")
		if r := b.audit.ofKind(audit.RoleChanged); len(r) != 1 || r[0].Words != "exporter@example.com from exporter to viewer" {
			t.Errorf("%+v", r)
		}
		if r := b.audit.ofKind(audit.AdminRemoved); len(r) != 1 || r[0].Subject != "01exporter" {
			t.Errorf("%+v", r)
		}
	})

	t.Run("lose their key pairs, and with the last tenant their sessions", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.keys.pairs["AK1"] = auth.KeyPair{AccessKey: "AK1", Tenant: "meridian", AdminID: "01exporter"}
		b.keys.pairs["AK2"] = auth.KeyPair{AccessKey: "AK2", Tenant: "orion", AdminID: "01exporter"}
		b.call("owner", "DELETE", "/v4/admins/01exporter", "").expect(200, "", "")
		if _, there := b.keys.pairs["AK1"]; there || len(b.keys.pairs) != 1 {
			t.Errorf("%v", b.keys.pairs)
		}
		b.call("exporter", "GET", "/v4/me", "").expect(200, "", "") // orion remains
		b.call("owner", "DELETE", "/v4/admins/01viewer", "").expect(200, "", "")
		b.call("viewer", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
	})

	t.Run("accept with a password", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "POST", "/v4/admins", `{"email":"noor@example.com","role":"exporter"}`).expect(201, "", "")
		a := b.call("", "POST", "/v4/invitations", `{"token":"token-of-inv-noor"}`)
		a.expect(200, "", "")
		if a.json("email") != "noor@example.com" || a.json("tenant") != "Meridian Press" || a.json("role") != "exporter" || a.json("name") != "noor" {
			t.Errorf("%s", a.body)
		}
		b.call("", "POST", "/v4/invitations", `{"token":"x"}`).expect(404, errs.CodeNotFound, "")
		a = b.call("", "POST", "/v4/invitations/acceptances", `{"token":"token-of-inv-noor","name":"Noor","password":"open sesame"}`)
		a.expect(200, "", "")
		if cookies := strings.Join(a.Header.Values("Set-Cookie"), "\n"); !strings.Contains(cookies, "egress_session=") || !strings.Contains(cookies, "HttpOnly") {
			t.Errorf("%v", a.Header)
		}
		if r := b.audit.ofKind(audit.InvitationTaken); len(r) != 1 || r[0].Email != "noor@example.com" || r[0].Tenant != "meridian" {
			t.Errorf("%+v", r)
		}
		b.call("", "POST", "/v4/invitations/acceptances", `{"token":"token-of-inv-noor","password":"open sesame"}`).expect(404, errs.CodeNotFound, "")
	})

	t.Run("accept with the account of a session, without former key pairs", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.keys.pairs["AK1"] = auth.KeyPair{AccessKey: "AK1", Tenant: "meridian", AdminID: "01nobody"}
		b.call("owner", "POST", "/v4/admins", `{"email":"nobody@example.com","role":"viewer"}`).expect(201, "", "")
		b.call("viewer", "POST", "/v4/account/invitations", `{"token":"token-of-inv-nobody"}`).expect(403, errs.CodeForbidden, "")
		b.auth.sessions["nobody"].Roles = map[string]auth.Role{}
		a := b.call("nobody", "POST", "/v4/account/invitations", `{"token":"token-of-inv-nobody"}`)
		a.expect(200, "", "")
		if a.json("tenant") != "meridian" || a.json("role") != "viewer" || len(b.keys.pairs) != 0 {
			t.Errorf("%s, %v", a.body, b.keys.pairs)
		}
		b.call("nobody", "POST", "/v4/account/invitations", `{"token":"token-of-inv-nobody"}`).expect(404, errs.CodeNotFound, "")
		b.call("", "POST", "/v4/account/invitations", `{"token":"x"}`).expect(401, errs.CodeUnauthenticated, "")
	})

	for name, c := range map[string]struct{ method, target, body, field string }{
		"an invitation requires an address":      {"POST", "/v4/admins", `{"role":"viewer"}`, "email"},
		"an invitation requires a role":          {"POST", "/v4/admins", `{"email":"a@example.com"}`, "role"},
		"a role is one of three":                 {"PATCH", "/v4/admins/01exporter", `{"role":"root"}`, "role"},
		"a role is a string":                     {"PATCH", "/v4/admins/01exporter", `{"role":1}`, "role"},
		"an acceptance requires a password":      {"POST", "/v4/invitations/acceptances", `{"token":"x"}`, "password"},
		"an acceptance requires a token":         {"POST", "/v4/invitations/acceptances", `{"password":"open sesame mountain"}`, "token"},
		"an acceptance accepts no role":          {"POST", "/v4/invitations/acceptances", `{"token":"x","password":"y","role":"owner"}`, "role"},
		"showing an invitation requires a token": {"POST", "/v4/invitations", `{}`, "token"},
		"an address has a maximum length":        {"POST", "/v4/admins", `{"email":"` + strings.Repeat("a", 400) + `@example.com","role":"viewer"}`, "email"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			setup(t).call("owner", c.method, c.target, c.body).expect(400, errs.CodeInvalidRequest, c.field)
		})
	}
}
