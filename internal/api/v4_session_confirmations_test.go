package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/jobs"
)

func controlFactorRequired(tenant string) jobs.ControlMessage {
	return jobs.ControlMessage{Kind: jobs.ControlFactorRequired, Tenant: tenant}
}

var testChallenge = &auth.FactorRequest{
	Challenge: "ch", Methods: []auth.FactorMethod{auth.MethodPasskey, auth.MethodTOTP}, Passkey: &auth.PasskeyRequest{PublicKey: map[string]any{"challenge": "x"}},
}

// setFactor sets the second factor of an admin: the code 123456 and the recovery code c1 are
// correct.
func (b *testServer) setFactor(token string) {
	b.auth.complete = func(a *auth.FactorAnswer) (auth.FactorProof, error) {
		proof := auth.FactorProof{Admin: b.auth.sessions[token]}
		switch {
		case a.Challenge != "ch":
			return auth.FactorProof{}, errs.Errorf(errs.CodeUnauthenticated, "This log-in is over.")
		case a.Code != "":
			proof.Method = auth.MethodTOTP
		case a.RecoveryCode != "":
			proof.Method = auth.MethodRecoveryCode
		default:
			proof.Method = auth.MethodPasskey
		}
		switch {
		case a.Code == "limit":
			return proof, errs.Errorf(errs.CodeRateLimited, "Too many codes were entered.")
		case a.Code == "123456" || a.RecoveryCode == "c1" || string(a.Passkey) == `{"id":"k"}`:
			return proof, nil
		default:
			return proof, errs.Invalid("code", "The code is wrong.")
		}
	}
}

func TestLoginWithASecondFactor(t *testing.T) {
	t.Parallel()
	const target = "/v4/logins/second-factor"
	b := setup(t)
	b.setFactor("exporter")
	b.auth.login = func(string, string, string) (string, error) {
		e := errs.Errorf(errs.CodeSecondFactorRequired, "Enter the second factor of your account to log in.")
		e.Details = map[string]any{"secondFactor": testChallenge}
		return "", e
	}
	a := b.call("", "POST", "/v3/admin/login", `{"identifiers":{"email_address":"exporter@example.com"},"validators":{"password":"right"}}`)
	a.expect(401, errs.CodeSecondFactorRequired, "")
	if a.json("secondFactor", "challenge") != "ch" || a.json("secondFactor", "passkey", "publicKey", "challenge") != "x" ||
		fmt.Sprint(a.json("secondFactor", "methods")) != "[passkey totp]" || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("%s", a.body)
	}
	if list := b.audit.ofKind(audit.SecondFactorAsked); len(list) != 2 || len(b.audit.records) != 2 || list[0].AdminID != "01exporter" {
		t.Errorf("recorded %+v", b.audit.records)
	}
	b.call("", "POST", target, `{"challenge":"ch","code":"1"}`).expect(400, errs.CodeInvalidRequest, "code")
	b.call("", "POST", target, `{"challenge":"other","code":"123456"}`).expect(401, errs.CodeUnauthenticated, "")
	b.call("", "POST", target, `{"code":"123456"}`).expect(400, errs.CodeInvalidRequest, "challenge")
	b.call("", "POST", target, `{"challenge":"ch","code":1}`).expect(400, errs.CodeInvalidRequest, "code")
	for range 3 {
		b.call("", "POST", target, `{"challenge":"ch","code":"limit"}`).expect(429, errs.CodeRateLimited, "")
		b.call("", "POST", target, `{"challenge":"ch","passkey":{}}`).expect(400, errs.CodeInvalidRequest, "code")
	}
	// A failure in each of two tenants. Failures without a rate limit are recorded once an hour:
	// twice if the hour changes during the test.
	if n := len(b.audit.ofKind(audit.SecondFactorFailed)); n < 2+4 || n > 2+8 {
		t.Errorf("%d failures are recorded", n)
	}
	for body, words := range map[string]string{
		`{"challenge":"ch","code":"123456"}`:      "with an authenticator app",
		`{"challenge":"ch","recoveryCode":"c1"}`:  "with a recovery code",
		`{"challenge":"ch","passkey":{"id":"k"}}`: "with a passkey",
	} {
		a := b.call("", "POST", target, body)
		a.expect(200, "", "")
		if !strings.Contains(a.Header.Get("Set-Cookie"), "egress_session=fresh") {
			t.Errorf("cookie %q", a.Header.Get("Set-Cookie"))
		}
		list := b.audit.ofKind(audit.SignedIn)
		if r := list[len(list)-1]; r.Words != words || r.Tenant != "orion" || r.AdminID != "01exporter" || r.Address == "" {
			t.Errorf("%+v", r)
		}
	}
	if n := len(b.audit.ofKind(audit.RecoveryCodeUsed)); n != 2 {
		t.Errorf("%d uses of a recovery code", n)
	}
	if strings.Contains(b.log.String(), "123456") {
		t.Error("the log has a code")
	}
}

func TestConfirmSession(t *testing.T) {
	t.Parallel()
	const target = "/v4/session/confirmations"

	t.Run("with the password alone", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.stale["owner"] = true
		b.auth.confirm = func(password, address string) (*auth.FactorRequest, error) {
			if password != "right" || address == "" {
				return nil, errs.Invalid("password", "The password is wrong.")
			}
			return nil, nil
		}
		const secret, body = "/v4/settings", `{"retentionSeconds":3600}`
		b.call("owner", "PUT", secret, body).expect(403, errs.CodeConfirmationRequired, "")
		b.call("owner", "POST", target, `{"password":"wrong"}`).expect(400, errs.CodeInvalidRequest, "password")
		b.call("owner", "POST", target, `{}`).expect(400, errs.CodeInvalidRequest, "password")
		b.call("owner", "PUT", secret, body).expect(403, errs.CodeConfirmationRequired, "")
		a := b.call("owner", "POST", target, `{"password":"right"}`)
		a.expect(200, "", "")
		until, err := time.Parse(time.RFC3339, a.json("confirmedUntil").(string))
		if err != nil || time.Until(until) < auth.ConfirmationLifetime-time.Minute || a.json("secondFactor") != nil {
			t.Errorf("%s", a.body)
		}
		b.call("owner", "PUT", secret, body).expect(200, "", "")
		failed, confirmed := b.audit.ofKind(audit.SignInFailed), b.audit.ofKind(audit.SessionConfirmed)
		if len(failed) != 1 || failed[0].Words != "confirming the session" || len(confirmed) != 1 || confirmed[0].AdminID != "01owner" {
			t.Errorf("recorded %+v, %+v", failed, confirmed)
		}
		b.call("", "POST", target, `{"password":"right"}`, "Authorization", signedBy("owner")).expect(403, errs.CodeForbidden, "")
	})

	t.Run("with the password and the second factor", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.setFactor("owner")
		b.auth.stale["owner"] = true
		b.auth.confirm = func(string, string) (*auth.FactorRequest, error) { return testChallenge, nil }
		a := b.call("owner", "POST", target, `{"password":"right"}`)
		a.expect(200, "", "")
		if a.json("confirmedUntil") != nil || a.json("secondFactor", "challenge") != "ch" {
			t.Errorf("%s", a.body)
		}
		b.call("owner", "PUT", "/v4/settings", `{"retentionSeconds":3600}`).expect(403, errs.CodeConfirmationRequired, "")
		b.call("owner", "POST", target+"/second-factor", `{"challenge":"ch","code":"2"}`).expect(400, errs.CodeInvalidRequest, "code")
		a = b.call("owner", "POST", target+"/second-factor", `{"challenge":"ch","recoveryCode":"c1"}`)
		a.expect(200, "", "")
		if a.json("confirmedUntil") == nil || !b.auth.proven["owner"] {
			t.Errorf("%s", a.body)
		}
		b.call("owner", "PUT", "/v4/settings", `{"retentionSeconds":3600}`).expect(200, "", "")
		if len(b.audit.ofKind(audit.RecoveryCodeUsed)) != 1 || len(b.audit.ofKind(audit.SecondFactorFailed)) != 1 || len(b.audit.ofKind(audit.SessionConfirmed)) != 1 {
			t.Errorf("recorded %+v", b.audit.records)
		}
	})
}
