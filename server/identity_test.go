package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/api"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/mail/mailtest"
)

const (
	attackersPassword = "seven quiet lanterns 9"
	victimsPassword   = "plain violet harbour 41"
)

// tenants returns the ids of the tenants of a session.
func (c *client) tenants() (ids []string) {
	c.t.Helper()
	var me struct{ Tenants []struct{ ID string } }
	if status := c.call(http.MethodGet, "/v4/me", nil, &me); status != http.StatusOK {
		c.t.Fatalf("GET /v4/me answers %d", status)
	}
	for _, t := range me.Tenants {
		ids = append(ids, t.ID)
	}
	return ids
}

// invite invites an address to the client's tenant and returns the token of the link, or "" if the
// response has no link.
func (c *client) invite(email, role string) string {
	c.t.Helper()
	var v struct{ Link *string }
	if status := c.call(http.MethodPost, "/v4/admins", map[string]string{"email": email, "role": role}, &v); status != http.StatusCreated {
		c.t.Fatalf("POST /v4/admins answers %d", status)
	}
	if v.Link == nil {
		return ""
	}
	_, token, _ := strings.Cut(*v.Link, "#")
	return token
}

// stranger is a client without a session.
func (p *process) stranger() *client {
	return &client{t: p.t, url: p.url, http: &http.Client{Timeout: time.Minute}}
}

// accept accepts an invitation with a password, and logs in with it.
func (p *process) accept(token, email, password string) *client {
	p.t.Helper()
	body := map[string]string{"token": token, "password": password}
	if status, b := p.stranger().raw(http.MethodPost, "/v4/invitations/acceptances", body); status != http.StatusOK {
		p.t.Fatalf("the acceptance answers %d %s", status, b)
	}
	return p.logInAs(email, password)
}

// The owner of a tenant can neither take over an admin of another tenant nor keep revoked access.
func TestIdentityIsVerifiedPerTenant(t *testing.T) {
	t.Parallel()
	dir := seeded(t, fewUsers)
	owner := func(email, tenant string) login {
		stdout, stderr, exit := runCommand(t, dir, nil, "admin", email, "--role", "owner", "--tenant", tenant)
		_, password, found := strings.Cut(stdout, "password:")
		if exit != 0 || !found {
			t.Fatalf("admin: status %d\n%s%s", exit, stdout, stderr)
		}
		return login{email: email, password: strings.TrimSpace(password)}
	}
	m, n := owner("m@example.com", "meridian"), owner("n@example.com", "northgate")
	p := start(t, dir, nil)
	mine, theirs := p.logInAs(n.email, n.password), p.logInAs(m.email, m.password)

	const victim = "noor@example.com"
	good := theirs.invite(victim, "owner")
	attacker := p.accept(mine.invite(victim, "viewer"), victim, attackersPassword)
	if got := attacker.tenants(); !slices.Equal(got, []string{"northgate"}) {
		t.Fatalf("while the invitation is pending, the attacker's password opens %v", got)
	}
	person := p.accept(good, victim, victimsPassword)
	if got := person.tenants(); !slices.Equal(got, []string{"meridian"}) {
		t.Errorf("the person's password opens %v", got)
	}
	if got := p.logInAs(victim, attackersPassword).tenants(); !slices.Equal(got, []string{"northgate"}) {
		t.Errorf("after the acceptance, the attacker's password opens %v", got)
	}
	if status := attacker.call(http.MethodGet, "/v4/admins", nil, nil, "Egress-Tenant", "meridian"); status != http.StatusNotFound {
		t.Errorf("the attacker reads the other tenant's members: %d", status)
	}

	// A new invitation does not restore the former rights of a member.
	pair := person.issue("nightly")
	var me struct {
		UserID string `json:"user_id"`
	}
	person.call(http.MethodGet, "/v4/me", nil, &me)
	if status := theirs.call(http.MethodDelete, "/v4/admins/"+me.UserID, nil, nil); status != http.StatusOK {
		t.Fatalf("the removal answers %d", status)
	}
	if status := person.call(http.MethodGet, "/v4/me", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("the session of a removed member answers %d", status)
	}
	again := p.logInAs(victim, victimsPassword)
	body := map[string]string{"token": theirs.invite(victim, "exporter")}
	if status, b := again.raw(http.MethodPost, "/v4/account/invitations", body); status != http.StatusOK {
		t.Fatalf("joining again answers %d %s", status, b)
	}
	if status, _ := signedByGo(t, p.url, pair, http.MethodGet, "/v4/me", "", zephr); status != http.StatusUnauthorized {
		t.Errorf("the key pair of before answers %d", status)
	}

	// The operator's reset ends every session and key pair.
	pair = again.issue("nightly")
	p.stop()
	stdout, stderr, exit := runCommand(t, dir, nil, "admin", "reset", victim)
	if exit != 2 || !strings.Contains(stderr, "--tenant") {
		t.Errorf("a reset that could mean two accounts: status %d\n%s%s", exit, stdout, stderr)
	}
	stdout, stderr, exit = runCommand(t, dir, nil, "admin", "reset", victim, "--tenant", "meridian")
	_, password, found := strings.Cut(stdout, "password:")
	if exit != 0 || !found || !strings.Contains(stdout, "1 key pairs") {
		t.Fatalf("reset: status %d\n%s%s", exit, stdout, stderr)
	}
	password, _, _ = strings.Cut(strings.TrimSpace(password), "\n")
	p = start(t, dir, nil)
	again.url = p.url
	if status := again.call(http.MethodGet, "/v4/me", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("a session from before the reset answers %d", status)
	}
	if status, _ := signedByGo(t, p.url, pair, http.MethodGet, "/v4/me", "", zephr); status != http.StatusUnauthorized {
		t.Errorf("a key pair from before the reset answers %d", status)
	}
	if got := p.logInAs(victim, strings.TrimSpace(password)).tenants(); !slices.Equal(got, []string{"meridian"}) {
		t.Errorf("the operator's password opens %v", got)
	}
}

// expectNoRouteAccepts checks that no route accepts the token of a link in place of a session.
func (p *process) expectNoRouteAccepts(token string) {
	p.t.Helper()
	for _, r := range api.Policy() {
		if r.Public {
			continue
		}
		req, err := http.NewRequestWithContext(p.t.Context(), r.Method, p.url+routeParameters.ReplaceAllString(r.Path, "x"), http.NoBody)
		if err != nil {
			p.t.Fatal(err)
		}
		req.Header.Set("Egress-Tenant", "meridian")
		req.Header.Set("Sec-Fetch-Site", "none")
		req.AddCookie(&http.Cookie{Name: auth.CookieName, Value: token})
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			p.t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			p.t.Errorf("%s %s with the token of a link answers %d", r.Method, r.Path, res.StatusCode)
		}
	}
}

var linkInMail = regexp.MustCompile(`http://\S+/(invitation|reset)#(\S+)`)

// With a mail server, links are sent to the address and appear nowhere else.
func TestLinksAreSentByMail(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{})
	dir := seeded(t, fewUsers)
	p := start(t, dir, []string{
		"EGRESS_MAIL_FROM=Egress <egress@example.com>", fmt.Sprintf("EGRESS_SMTP_URL=smtp://127.0.0.1:%d", server.Port),
	})
	owner := p.logIn()
	first := filepath.Join(dir, "data", "first-admin")
	if token := owner.invite("noor@example.com", "exporter"); token != "" {
		t.Errorf("the inviter sees the link")
	}
	mail := server.Next(t, time.Minute)
	found := linkInMail.FindStringSubmatch(mail.Text)
	if mail.To != "noor@example.com" || found == nil || found[1] != "invitation" || !strings.Contains(mail.HTML, found[0]) {
		t.Fatalf("to %s:\n%s", mail.To, mail.Text)
	}
	p.expectNoRouteAccepts(found[2])
	noor := p.accept(found[2], "noor@example.com", victimsPassword)

	var answers []string
	for _, email := range []string{"nobody@example.com", "noor@example.com"} {
		status, body := p.stranger().raw(http.MethodPost, "/v4/password-resets", map[string]string{"email": email})
		answers = append(answers, fmt.Sprint(status, string(body)))
	}
	if answers[0] != answers[1] || !strings.HasPrefix(answers[0], "202") {
		t.Errorf("an account shows: %v", answers)
	}
	mail = server.Next(t, time.Minute)
	found = linkInMail.FindStringSubmatch(mail.Text)
	if mail.To != "noor@example.com" || found == nil || found[1] != "reset" {
		t.Fatalf("to %s:\n%s", mail.To, mail.Text)
	}
	p.expectNoRouteAccepts(found[2])
	reset := map[string]string{"token": found[2], "password": attackersPassword}
	for _, want := range []int{http.StatusOK, http.StatusNotFound} {
		if status, body := p.stranger().raw(http.MethodPut, "/v4/password-resets", reset); status != want {
			t.Errorf("the reset answers %d, want %d: %s", status, want, body)
		}
	}
	if status := noor.call(http.MethodGet, "/v4/me", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("a session from before the reset answers %d", status)
	}
	p.logInAs("noor@example.com", attackersPassword)

	// The data directory holds the first admin's password until it is changed.
	email, password := p.login()
	if content, err := os.ReadFile(first); err != nil || !strings.Contains(string(content), password) {
		t.Errorf("the password is not kept for the next start: %q, %v", content, err)
	}
	change := map[string]string{"currentPassword": password, "newPassword": victimsPassword}
	if status, body := owner.raw(http.MethodPut, "/v4/account/password", change); status != http.StatusOK {
		t.Fatalf("the change answers %d %s", status, body)
	}
	if _, err := os.Stat(first); !os.IsNotExist(err) {
		t.Error("the first admin's old password is kept")
	}
	p.stop()
	p = start(t, dir, nil)
	if out := p.out.String(); strings.Contains(out, "password:") {
		t.Errorf("the terminal shows a login that is not valid:\n%s", out)
	}
	p.logInAs(email, victimsPassword)
}
