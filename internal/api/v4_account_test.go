package api

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/jobs"
)

// endedSessions returns the ids of the ended sessions that other servers were notified of.
func (b *testServer) endedSessions() (ids []string) {
	for {
		select {
		case m := <-b.feed.told:
			if m.Kind == jobs.ControlSessionEnded {
				ids = append(ids, m.SessionID)
			}
		default:
			return ids
		}
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.keys.pairs["AK1"] = auth.KeyPair{AccessKey: "AK1", Tenant: "orion", AdminID: "01exporter"}
	a := b.call("exporter", "GET", "/v4/account", "")
	a.expect(200, "", "")
	if a.json("email") != "exporter@example.com" || a.json("keyPairs") != 1.0 || a.json("secondFactor", "totp") != nil {
		t.Errorf("%s", a.body)
	}
	a = b.call("exporter", "PATCH", "/v4/account", `{"name":"Amelia Stone"}`)
	a.expect(200, "", "")
	if a.json("name") != "Amelia Stone" || len(b.audit.ofKind(audit.AccountChanged)) != 2 { // one in each tenant
		t.Errorf("%s, %+v", a.body, b.audit.ofKind(audit.AccountChanged))
	}
	b.call("exporter", "PATCH", "/v4/account", `{}`).expect(400, errs.CodeInvalidRequest, "name")
	b.call("", "GET", "/v4/account", "").expect(401, errs.CodeUnauthenticated, "")
	b.call("", "GET", "/v4/account", "", "Authorization", signedBy("exporter")).expect(403, errs.CodeForbidden, "")
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.auth.add("elsewhere", b.auth.sessions["exporter"])
	b.keys.pairs["AK1"] = auth.KeyPair{AccessKey: "AK1", Tenant: "orion", AdminID: "01exporter"}
	const target = "/v4/account/password"
	b.call("exporter", "PUT", target, `{"currentPassword":"wrong","newPassword":"x"}`).expect(400, errs.CodeInvalidRequest, "currentPassword")
	b.call("exporter", "PUT", target, `{"currentPassword":"right"}`).expect(400, errs.CodeInvalidRequest, "newPassword")
	b.call("exporter", "PUT", target, `{"currentPassword":"right","newPassword":"x","revokeKeyPairs":1}`).expect(400, errs.CodeInvalidRequest, "revokeKeyPairs")
	b.factors.have.TOTP = &auth.TOTP{}
	b.auth.stale["exporter"] = true
	b.call("exporter", "PUT", target, `{"currentPassword":"right","newPassword":"x"}`).expect(403, errs.CodeConfirmationRequired, "")
	b.factors.have.TOTP = nil
	a := b.call("exporter", "PUT", target, `{"currentPassword":"right","newPassword":"x"}`)
	a.expect(200, "", "")
	if cookies := strings.Join(a.Header.Values("Set-Cookie"), "\n"); !strings.Contains(cookies, "egress_session=fresh") {
		t.Errorf("%s", cookies)
	}
	if got := b.endedSessions(); len(got) < 2 || len(b.keys.pairs) != 1 || len(b.audit.ofKind(audit.PasswordChanged)) != 2 {
		t.Errorf("ended %v, pairs %v", got, b.keys.pairs)
	}
	b.call("exporter", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
	b.call("elsewhere", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
	b.call("fresh", "PUT", target, `{"currentPassword":"right","newPassword":"x","revokeKeyPairs":true}`).expect(200, "", "")
	if len(b.keys.pairs) != 0 {
		t.Errorf("pairs %v", b.keys.pairs)
	}
}

func TestAccountSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.auth.add("elsewhere", b.auth.sessions["exporter"])
	a := b.call("exporter", "GET", "/v4/account/sessions", "")
	a.expect(200, "", "")
	list := a.json("results").([]any)
	if len(list) != 2 || list[0].(map[string]any)["current"] != false || list[1].(map[string]any)["current"] != true || strings.Contains(string(a.body), `"elsewhere"`) {
		t.Errorf("%s", a.body)
	}
	b.call("exporter", "DELETE", "/v4/account/sessions/public-owner", "").expect(404, errs.CodeNotFound, "")
	b.call("exporter", "DELETE", "/v4/account/sessions/public-elsewhere", "").expect(200, "", "")
	if got := b.endedSessions(); len(got) != 1 || got[0] != "elsewhere" {
		t.Errorf("%v", got)
	}
	b.call("elsewhere", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")

	b.keys.pairs["AK1"] = auth.KeyPair{AccessKey: "AK1", Tenant: "orion", AdminID: "01exporter"}
	b.call("exporter", "DELETE", "/v4/account/sessions?keyPairs=yes", "").expect(400, errs.CodeInvalidRequest, "keyPairs")
	b.call("exporter", "DELETE", "/v4/account/sessions?keyPairs=true", "").expect(200, "", "")
	b.call("exporter", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
	if len(b.keys.pairs) != 0 || len(b.audit.ofKind(audit.SessionsEnded)) != 4 {
		t.Errorf("%v, %+v", b.keys.pairs, b.audit.ofKind(audit.SessionsEnded))
	}
}

func TestMemberSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("owner", "GET", "/v4/admins/01exporter/sessions", "")
	a.expect(200, "", "")
	if list := a.json("results").([]any); len(list) != 1 {
		t.Errorf("%s", a.body)
	}
	b.call("owner", "GET", "/v4/admins/01nobody/sessions", "").expect(404, errs.CodeNotFound, "")
	b.call("owner", "DELETE", "/v4/admins/01nobody/sessions", "").expect(404, errs.CodeNotFound, "")
	b.call("exporter", "GET", "/v4/admins/01owner/sessions", "", tenantHeader, "meridian").expect(403, errs.CodeForbidden, "")
	b.call("owner", "DELETE", "/v4/admins/01viewer/sessions/public-viewer", "").expect(200, "", "")
	b.call("viewer", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
	b.call("owner", "DELETE", "/v4/admins/01exporter/sessions", "").expect(200, "", "")
	b.call("exporter", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
	if got := b.endedSessions(); len(got) != 2 || len(b.audit.ofKind(audit.SessionsEnded)) != 2 {
		t.Errorf("%v", got)
	}
}

func TestPasswordResets(t *testing.T) {
	t.Parallel()

	t.Run("require a mail server", func(t *testing.T) {
		t.Parallel()
		setup(t).call("", "POST", "/v4/password-resets", `{"email":"exporter@example.com"}`).expect(409, errs.CodeMailNotConfigured, "")
	})

	t.Run("return the same for every address, and end sessions and key pairs", func(t *testing.T) {
		t.Parallel()
		mail := &fakeMail{}
		b := setup(t, func(o *Options) { o.Mail, o.PublicURL = mail, "https://egress.example.com" })
		b.keys.pairs["AK1"] = auth.KeyPair{AccessKey: "AK1", Tenant: "orion", AdminID: "01exporter"}
		unknown := b.call("", "POST", "/v4/password-resets", `{"email":"stranger@example.com"}`)
		unknown.expect(202, "", "")
		known := b.call("", "POST", "/v4/password-resets", `{"email":"exporter@example.com"}`)
		known.expect(202, "", "")
		if string(unknown.body) != string(known.body) || len(mail.resets) != 1 || mail.resets[0].Links[0].Link != "https://egress.example.com/reset#reset-of-exporter" {
			t.Errorf("%s, %s, %+v", unknown.body, known.body, mail.resets)
		}
		a := b.call("", "POST", "/v4/password-resets/checks", `{"token":"reset-of-exporter"}`)
		a.expect(200, "", "")
		if a.json("email") != "exporter@example.com" || a.json("keyPairs") != 1.0 || len(a.json("tenants").([]any)) != 2 {
			t.Errorf("%s", a.body)
		}
		b.call("", "POST", "/v4/password-resets/checks", `{"token":"x"}`).expect(404, errs.CodeNotFound, "")
		b.call("", "PUT", "/v4/password-resets", `{"token":"x","password":"y"}`).expect(404, errs.CodeNotFound, "")
		a = b.call("", "PUT", "/v4/password-resets", `{"token":"reset-of-exporter","password":"y"}`)
		a.expect(200, "", "")
		if a.Header.Get("Set-Cookie") != "" || len(b.keys.pairs) != 0 || len(b.endedSessions()) != 1 || len(b.audit.ofKind(audit.PasswordReset)) != 2 {
			t.Errorf("%v, %v", a.Header, b.keys.pairs)
		}
		b.call("exporter", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
	})

	t.Run("keep key pairs on request", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(o *Options) { o.Mail = &fakeMail{} })
		b.keys.pairs["AK1"] = auth.KeyPair{AccessKey: "AK1", Tenant: "orion", AdminID: "01exporter"}
		b.call("", "POST", "/v4/password-resets", `{"email":"exporter@example.com"}`).expect(202, "", "")
		b.call("", "PUT", "/v4/password-resets", `{"token":"reset-of-exporter","password":"y","keepKeyPairs":true}`).expect(200, "", "")
		if len(b.keys.pairs) != 1 {
			t.Errorf("%v", b.keys.pairs)
		}
	})
}

// Changes that outlast a stolen session require a recent confirmation.
func TestConfirmedSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.auth.stale["owner"] = true
	n := 0
	for _, r := range Policy() {
		if !policy[r.Method+" "+r.Path].confirmed {
			continue
		}
		n++
		if !r.SessionOnly {
			t.Errorf("%s %s takes key pairs", r.Method, r.Path)
		}
		b.call("owner", r.Method, r.Path, `{}`, tenantHeader, "meridian").expect(403, errs.CodeConfirmationRequired, "")
	}
	if n < 12 {
		t.Errorf("%d routes", n)
	}
	b.call("owner", "GET", "/v4/admins", "").expect(200, "", "")
}
