package api

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

func TestSecondFactors(t *testing.T) {
	t.Parallel()
	const totp, passkeys = "/v4/account/totp", "/v4/account/passkeys"

	t.Run("are set up, and recorded in every tenant of the account", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		a := b.call("exporter", "POST", totp, "")
		a.expect(200, "", "")
		if a.json("secret") != "SECRET" || a.json("uri") != "otpauth://totp/Egress:01exporter" {
			t.Errorf("%s", a.body)
		}
		b.call("exporter", "PUT", totp, `{"code":"1"}`).expect(400, errs.CodeInvalidRequest, "code")
		a = b.call("exporter", "PUT", totp, `{"code":"123456"}`)
		a.expect(200, "", "")
		if a.json("secondFactor", "totp") != "2026-11-28T08:00:00.000Z" || a.json("secondFactor", "recoveryCodes") != 2.0 || len(a.json("recoveryCodes").([]any)) != 2 {
			t.Errorf("%s", a.body)
		}
		if options := b.call("exporter", "POST", passkeys+"/options", ""); options.json("publicKey", "challenge") != "x" {
			t.Errorf("%s", options.body)
		}
		a = b.call("exporter", "POST", passkeys, `{"name":"Laptop","credential":{"id":"x"}}`)
		a.expect(201, "", "")
		if len(a.json("recoveryCodes").([]any)) != 0 || len(a.json("secondFactor", "passkeys").([]any)) != 1 {
			t.Errorf("%s", a.body)
		}
		if kept := string(b.factors.have.Passkeys[0].CredentialID); kept != `{"id":"x"}` {
			t.Errorf("the credential came as %s", kept)
		}
		if a := b.call("exporter", "PATCH", passkeys+"/01K", `{"name":"Desk"}`); a.json("name") != "Desk" || a.json("id") != "01K" {
			t.Errorf("%s", a.body)
		}
		b.call("exporter", "DELETE", passkeys+"/01K", "").expect(200, "", "")
		b.call("exporter", "DELETE", totp, "").expect(200, "", "")
		b.call("exporter", "POST", "/v4/account/recovery-codes", "").expect(200, "", "")
		for kind, words := range map[audit.Kind][]string{
			audit.SecondFactorAdded:   {"an authenticator app", "the passkey Laptop"},
			audit.SecondFactorRemoved: {"the passkey Key", "an authenticator app"},
			audit.RecoveryCodesMade:   {""},
		} {
			list := b.audit.ofKind(kind)
			if len(list) != 2*len(words) {
				t.Errorf("%s: %+v", kind, list)
				continue
			}
			for i, w := range words {
				if list[2*i].Words != w || list[2*i].Tenant != "meridian" || list[2*i+1].Tenant != "orion" || list[2*i].Email != "exporter@example.com" {
					t.Errorf("%s: %+v", kind, list[2*i])
				}
			}
		}
		for _, secret := range []string{"SECRET", "c1", "c3"} {
			if strings.Contains(b.log.String(), secret) {
				t.Errorf("the log has %s", secret)
			}
		}
	})

	t.Run("are changed in a confirmed session", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.stale["viewer"] = true
		for _, route := range []string{
			"POST " + totp, "PUT " + totp, "DELETE " + totp, "POST " + passkeys, "POST " + passkeys + "/options",
			"DELETE " + passkeys + "/x", "POST /v4/account/recovery-codes",
		} {
			method, target, _ := strings.Cut(route, " ")
			b.call("viewer", method, target, "{}").expect(403, errs.CodeConfirmationRequired, "")
			b.call("", method, target, "{}", "Authorization", signedBy("viewer")).expect(403, errs.CodeForbidden, "")
		}
		b.call("viewer", "PATCH", passkeys+"/x", `{"name":"Desk"}`).expect(200, "", "") // a name needs no confirmation
	})

	t.Run("name the invalid member", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("viewer", "PUT", totp, `{}`).expect(400, errs.CodeInvalidRequest, "code")
		b.call("viewer", "POST", passkeys, `{"name":"x"}`).expect(400, errs.CodeInvalidRequest, "credential")
		b.call("viewer", "POST", passkeys, `{"credential":{}}`).expect(400, errs.CodeInvalidRequest, "name")
		b.call("viewer", "PATCH", passkeys+"/x", `{"name":""}`).expect(400, errs.CodeInvalidRequest, "name")
		b.factors.err = errs.Errorf(errs.CodeExists, "This is your last second factor.")
		b.call("viewer", "DELETE", totp, "").expect(409, errs.CodeExists, "")
		b.call("viewer", "DELETE", passkeys+"/x", "").expect(409, errs.CodeExists, "")
		b.factors.err = errs.Errorf(errs.CodeUnsupported, "Browsers make no passkeys here.")
		b.call("viewer", "POST", passkeys+"/options", "").expect(501, errs.CodeUnsupported, "")
		if len(b.audit.records) != 0 {
			t.Errorf("recorded %+v", b.audit.records)
		}
	})
}

func TestSecondFactorSetting(t *testing.T) {
	t.Parallel()
	const target, on = "/v4/settings", `{"secondFactorRequired":true}`

	t.Run("is enabled only by an owner with a second factor", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "PUT", target, `{"secondFactorRequired":true,"retentionSeconds":3600}`).expect(403, errs.CodeForbidden, "secondFactorRequired")
		if len(b.auth.retention) != 0 || b.auth.required["meridian"] {
			t.Errorf("kept %v, required %v", b.auth.retention, b.auth.required)
		}
		b.call("owner", "PUT", target, `{"secondFactorRequired":false}`).expect(200, "", "")
		b.auth.proven["owner"] = true
		if a := b.call("owner", "PUT", target, on); a.json("secondFactorRequired") != true {
			t.Errorf("%s", a.body)
		}
		if list := b.audit.ofKind(audit.SettingsChanged); !strings.HasSuffix(list[len(list)-1].Words, "second factor required: true") {
			t.Errorf("%+v", list)
		}
		b.call("owner", "PUT", target, `{"secondFactorRequired":"yes"}`).expect(400, errs.CodeInvalidRequest, "secondFactorRequired")
		if a := b.call("owner", "PUT", target, `{"secondFactorRequired":false}`); a.json("secondFactorRequired") != false {
			t.Errorf("%s", a.body)
		}
	})

	t.Run("refuses sessions without one, but not key pairs", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.required["meridian"] = true
		b.call("exporter", "GET", "/v4/features", "").expect(403, errs.CodeSecondFactorMissing, "")
		b.call("exporter", "GET", "/v4/features", "", tenantHeader, "orion").expect(200, "", "")
		b.call("", "GET", "/v4/features", "", "Authorization", signedBy("exporter")).expect(200, "", "")
		a := b.call("exporter", "GET", "/v4/me", "", tenantHeader, "meridian")
		a.expect(200, "", "")
		tenants := a.json("tenants").([]any)
		if a.json("tenant") != "meridian" || tenants[0].(map[string]any)["secondFactorMissing"] != true || tenants[1].(map[string]any)["secondFactorMissing"] != false {
			t.Errorf("%s", a.body)
		}
		a = b.call("", "GET", "/v4/me", "", "Authorization", signedBy("exporter"))
		if a.json("tenants").([]any)[0].(map[string]any)["secondFactorMissing"] != false {
			t.Errorf("a key pair: %s", a.body)
		}
		b.call("owner", "GET", "/v4/me", "", tenantHeader, "orion").expect(404, errs.CodeNotFound, "")
		b.auth.proven["exporter"] = true
		b.call("exporter", "GET", "/v4/features", "").expect(200, "", "")
	})

	for name, act := range map[string]func(*liveServer){
		"here": func(l *liveServer) { l.call("owner", "PUT", target, on).expect(200, "", "") },
		"by a control message": func(l *liveServer) {
			l.listener.Control(controlFactorRequired("meridian"))
		},
	} {
		t.Run("closes the sockets of sessions without one: "+name, func(t *testing.T) {
			t.Parallel()
			l := startLive(t)
			l.auth.proven["owner"] = true
			without, elsewhere, with := l.open("exporter", ""), l.open("exporter", "?tenant=orion"), l.open("owner", "")
			act(l)
			without.expectClose(4004, "role_changed")
			if name == "here" {
				if m := <-l.feed.told; m != controlFactorRequired("meridian") {
					t.Errorf("control message %+v", m)
				}
			}
			l.listener.Resubscribed()
			for who, left := range map[string]*client{"another tenant": elsewhere, "with a second factor": with} {
				if m := left.next(); m.Type != "snapshot" {
					t.Errorf("%s hears %+v", who, m)
				}
			}
		})
	}

	t.Run("ends streams", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		s := &permissions{auth: b.auth, keys: b.keys}
		still := s.stillAuthorized(&caller{admin: b.auth.sessions["exporter"], tenant: allTenants[0], session: &auth.Session{ID: "exporter"}})
		if !still(t.Context()) {
			t.Error("a stream ended early")
		}
		b.auth.required["meridian"] = true
		if still(t.Context()) {
			t.Error("the stream goes on")
		}
	})
}
