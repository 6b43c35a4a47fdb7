package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/api"
	"github.com/egress-io/egress/internal/auth"
)

// appCode returns the code of an authenticator app at a time.
func appCode(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&0xf:])&0x7fffffff%1_000_000)
}

// stranger returns a client without a session.
func stranger(p *process) *client {
	jar, _ := cookiejar.New(nil) // without options it does not fail
	return &client{t: p.t, url: p.url, http: &http.Client{Jar: jar, Timeout: time.Minute}}
}

// testRequiredFactor enrols a second factor in one of two sessions of an owner, makes the tenant
// northgate require it, and calls each route of the tenant. The session without a second factor and
// the challenge of a log-in are refused; the session with a second factor and a key pair are
// allowed.
func testRequiredFactor(t *testing.T, p *process, owner login) {
	t.Helper()
	without, with := p.logInAs(owner.email, owner.password), p.logInAs(owner.email, owner.password)
	var setup struct{ Secret string }
	var added struct{ RecoveryCodes []string }
	if status := with.call(http.MethodPost, "/v4/account/totp", nil, &setup); status != http.StatusOK {
		t.Fatalf("POST totp answers %d", status)
	}
	code := map[string]string{"code": appCode(t, setup.Secret, time.Now())}
	if status := with.call(http.MethodPut, "/v4/account/totp", code, &added); status != http.StatusOK || len(added.RecoveryCodes) != 10 {
		t.Fatalf("PUT totp answers %d with %d recovery codes", status, len(added.RecoveryCodes))
	}
	require := map[string]bool{"secondFactorRequired": true}
	if status := without.call(http.MethodPut, "/v4/settings", require, nil); status != http.StatusForbidden {
		t.Fatalf("PUT settings without a second factor answers %d", status)
	}
	if status := with.call(http.MethodPut, "/v4/settings", require, nil); status != http.StatusOK {
		t.Fatalf("PUT settings answers %d", status)
	}
	var me struct {
		UserID string `json:"user_id"`
	}
	with.call(http.MethodGet, "/v4/me", nil, &me)
	var k keyPair
	if status := with.call(http.MethodPost, "/v3/admin/users/"+me.UserID+"/keypairs", nil, &k); status != http.StatusCreated {
		t.Fatalf("POST keypairs answers %d", status)
	}

	fresh := stranger(p)
	var problem struct {
		Code         string
		SecondFactor struct{ Challenge string }
	}
	credentials := map[string]any{
		"identifiers": map[string]string{"email_address": owner.email}, "validators": map[string]string{"password": owner.password},
	}
	if status := fresh.call(http.MethodPost, "/v3/admin/login", credentials, &problem); status != http.StatusUnauthorized || problem.Code != "second_factor_required" {
		t.Fatalf("the password alone: %d, %q", status, problem.Code)
	}
	ask := func(r api.Route, put func(*http.Request, string)) string {
		target := routeParameters.ReplaceAllString(r.Path, "x")
		req, err := http.NewRequestWithContext(t.Context(), r.Method, p.url+target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "none")
		put(req, target)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return outcome(res.StatusCode)
	}
	cookies := func(c *client) func(*http.Request, string) {
		return func(req *http.Request, _ string) {
			for _, one := range c.http.Jar.Cookies(req.URL) {
				req.AddCookie(one)
			}
		}
	}
	for _, r := range api.Policy() {
		if r.Public || r.Least == "" || strings.HasPrefix(r.Path, "/v4/admins/") {
			continue
		}
		challenge := func(req *http.Request, _ string) {
			req.AddCookie(&http.Cookie{Name: auth.CookieName, Value: problem.SecondFactor.Challenge})
		}
		signs := func(req *http.Request, target string) {
			req.Header.Set("Authorization", signature(k, req.Method, target, "", zephr))
		}
		for name, c := range map[string]struct {
			put  func(*http.Request, string)
			want string
		}{
			"a session without it":     {cookies(without), "forbidden"},
			"a session with it":        {cookies(with), "let in"},
			"the challenge":            {challenge, "unauthenticated"},
			"a key pair, not affected": {signs, "let in"},
		} {
			if name == "a key pair, not affected" && r.SessionOnly {
				continue
			}
			if got := ask(r, c.put); got != c.want && (c.want != "let in" || got == "unauthenticated" || got == "forbidden" && !strings.Contains(r.Path, ":")) {
				t.Errorf("%s %s with %s: %s, want %s", r.Method, r.Path, name, got, c.want)
			}
		}
	}
	if status := without.call(http.MethodGet, "/v4/me", nil, nil); status != http.StatusOK {
		t.Errorf("GET /v4/me without it: %d", status)
	}

	// A recovery code completes the challenge once.
	answer := map[string]string{"challenge": problem.SecondFactor.Challenge, "recoveryCode": strings.ToUpper(added.RecoveryCodes[4])}
	if status := fresh.call(http.MethodPost, "/v4/logins/second-factor", answer, nil); status != http.StatusOK {
		t.Fatalf("POST second-factor answers %d", status)
	}
	if status := fresh.call(http.MethodGet, "/v4/features", nil, nil); status != http.StatusOK {
		t.Errorf("GET features with the new session answers %d", status)
	}
	if status := stranger(p).call(http.MethodPost, "/v4/logins/second-factor", answer, nil); status != http.StatusUnauthorized {
		t.Errorf("the challenge again: %d", status)
	}
}
