package main

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/api"
	"github.com/egress-io/egress/internal/auth"
)

var routeParameters = regexp.MustCompile(`:[A-Za-z_]+`)

// Every route, asked by every role, for its own tenant, another one and one that does not exist, with every kind of
// credential: what comes back is what the policy says.
func TestAccess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, stderr, exit := runCommand(t, dir, nil, "seed", "--users", "5"); exit != 0 {
		t.Fatalf("seed: status %d\n%s", exit, stderr)
	}
	admin := func(args ...string) login {
		t.Helper()
		stdout, stderr, exit := runCommand(t, dir, nil, append([]string{"admin"}, args...)...)
		_, password, found := strings.Cut(stdout, "password:")
		if exit != 0 || !found {
			t.Fatalf("admin: status %d\n%s%s", exit, stdout, stderr)
		}
		return login{args[0], strings.TrimSpace(password)}
	}
	people := map[auth.Role]login{}
	for _, role := range []auth.Role{auth.Viewer, auth.Exporter, auth.Owner} {
		people[role] = admin(string(role)+"@example.com", "--role", string(role), "--tenant", "meridian")
	}
	operator := admin("operator@example.com", "--role", "owner")
	p := start(t, dir, []string{"EGRESS_LOG_LEVEL=error", "EGRESS_KEY_REQUESTS=100000"})
	first := p.signInAs(operator.email, operator.password)
	first.tenant = "meridian"

	type credential struct {
		name string
		good bool
		// put adds it to a request.
		put func(req *http.Request, target string)
	}
	cookie := func(c *client) func(*http.Request, string) {
		return func(req *http.Request, _ string) {
			for _, one := range c.http.Jar.Cookies(req.URL) {
				req.AddCookie(one)
			}
		}
	}
	signs := func(k keyPair) func(*http.Request, string) {
		return func(req *http.Request, target string) {
			req.Header.Set("Authorization", signature(k, req.Method, target, "", zephr))
		}
	}
	asked := 0
	for role, who := range people {
		session, ended := p.signInAs(who.email, who.password), p.signInAs(who.email, who.password)
		var me struct {
			UserID string `json:"user_id"`
		}
		session.call(http.MethodGet, "/v4/me", nil, &me)
		id, token := me.UserID, ended.http.Jar.Cookies(mustURL(t, p.url))
		if status := ended.call(http.MethodPost, "/v3/admin/logout", nil, nil); status != http.StatusOK {
			t.Fatalf("logout answers %d", status)
		}
		spent := func(req *http.Request, _ string) {
			for _, one := range token {
				req.AddCookie(one)
			}
		}
		issue := func() keyPair {
			var k keyPair
			if status := first.call(http.MethodPost, "/v3/admin/users/"+id+"/keypairs", nil, &k); status != http.StatusCreated {
				t.Fatalf("POST keypairs for a %s answers %d", role, status)
			}
			return k
		}
		good, revoked := issue(), issue()
		if status := first.call(http.MethodDelete, "/v3/admin/users/"+id+"/keypairs/"+revoked.AccessKey, nil, nil); status != http.StatusOK {
			t.Fatalf("DELETE keypairs answers %d", status)
		}
		credentials := []credential{
			{"none", false, func(*http.Request, string) {}},
			{"session", true, cookie(session)},
			{"ended session", false, spent},
			{"key pair", true, signs(good)},
			{"revoked key pair", false, signs(revoked)},
			{"key pair with another secret", false, signs(keyPair{good.AccessKey, "x"})},
		}
		for _, r := range api.Policy() {
			if r.Path == "/v3/admin/logout" {
				continue // it would end what the others are asked with
			}
			target := r.Path
			if !strings.HasPrefix(target, "/v4/admins/") { // nor may their role change: there it is about nobody
				target = strings.Replace(target, ":user_id", id, 1)
			}
			target = routeParameters.ReplaceAllString(target, "x")
			for _, tenant := range []string{"meridian", "orion", "vega", ""} {
				for _, c := range credentials {
					req, err := http.NewRequestWithContext(t.Context(), r.Method, p.url+target, http.NoBody)
					if err != nil {
						t.Fatal(err)
					}
					if tenant != "" {
						req.Header.Set("Egress-Tenant", tenant)
					}
					if r.Path == "/ws" && tenant != "" { // which no header can name
						req.URL.RawQuery = "tenant=" + tenant
					}
					c.put(req, target)
					if req.URL.RawQuery != "" && strings.HasPrefix(c.name, "key") {
						continue // sessions only, and signed without the query
					}
					res, err := http.DefaultClient.Do(req)
					if err != nil {
						t.Fatal(err)
					}
					_ = res.Body.Close()
					asked++
					signed := strings.Contains(c.name, "key pair")
					if got, want := outcome(res.StatusCode), expected(r, role, tenant, c.good, signed); got != want && !slices.Contains(alsoRight(r, want), got) {
						t.Errorf("%s %s as %s in %q with %s: %d, want %s", r.Method, r.Path, role, tenant, c.name, res.StatusCode, want)
					}
				}
			}
		}
	}
	t.Logf("%d requests", asked)
}

// expected is what the policy says of a request.
func expected(r api.Route, role auth.Role, tenant string, good, signed bool) string {
	switch {
	case r.Public:
		return "let in"
	case signed && r.SessionOnly:
		return "forbidden" // whoever it is: nothing is looked at
	case !good:
		return "unauthenticated"
	case r.Least == "" && (tenant == "" || tenant == "meridian"):
		return "let in"
	case tenant != "" && tenant != "meridian":
		return "not found"
	case !role.Includes(r.Least):
		return "forbidden"
	default:
		return "let in"
	}
}

// outcome is what a status says of access. What is let in may fail in other ways.
func outcome(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "unauthenticated"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotFound:
		return "not found"
	default:
		return "let in"
	}
}

// alsoRight are outcomes that the route's own handler gives to who is let in: there is no x, or a login without a body.
func alsoRight(r api.Route, want string) []string {
	if want != "let in" {
		return nil
	}
	if strings.Contains(r.Path, ":") {
		return []string{"not found"}
	}
	return nil
}

func mustURL(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
