package main

import (
	"maps"
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

// Each route answers each role as the policy says: for its own tenant, for another tenant and for a
// tenant that does not exist, with each kind of credential.
func TestAccess(t *testing.T) {
	t.Parallel()
	dir := seeded(t, fewUsers)
	admin := func(args ...string) login {
		t.Helper()
		stdout, stderr, exit := runCommand(t, dir, nil, append([]string{"admin"}, args...)...)
		_, password, found := strings.Cut(stdout, "password:")
		if exit != 0 || !found {
			t.Fatalf("admin: status %d\n%s%s", exit, stdout, stderr)
		}
		return login{email: args[0], password: strings.TrimSpace(password)}
	}
	people := map[auth.Role]login{}
	for _, role := range []auth.Role{auth.Viewer, auth.Exporter, auth.Owner} {
		people[role] = admin(string(role)+"@example.com", "--role", string(role), "--tenant", "meridian")
	}
	careful := admin("careful@example.com", "--role", "owner", "--tenant", "northgate")
	operator := admin("operator@example.com", "--role", "owner")
	p := start(t, dir, []string{"EGRESS_LOG_LEVEL=error", "EGRESS_KEY_REQUESTS=100000"})
	first := p.logInAs(operator.email, operator.password)
	first.tenant = "meridian"

	type credential struct {
		name string
		good bool
		// put adds the credential to a request.
		put func(req *http.Request, target string)
	}
	cookie := func(c *client) func(*http.Request, string) {
		return func(req *http.Request, _ string) {
			for _, one := range c.http.Jar.Cookies(req.URL) {
				req.AddCookie(one)
			}
			req.Header.Set("Sec-Fetch-Site", "none")
		}
	}
	signs := func(k keyPair) func(*http.Request, string) {
		return func(req *http.Request, target string) {
			req.Header.Set("Authorization", signature(k, req.Method, target, "", zephr))
		}
	}
	signsMessage := func(k keyPair) func(*http.Request, string) {
		return func(req *http.Request, target string) {
			maps.Copy(req.Header, messageSignature(k, req.Method, target, ""))
		}
	}
	asked := 0
	for role, who := range people {
		session, ended := p.logInAs(who.email, who.password), p.logInAs(who.email, who.password)
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
			req.Header.Set("Sec-Fetch-Site", "none")
		}
		issue := func() keyPair {
			var k keyPair
			if role == auth.Viewer { // who makes none: the pair is from the time before the role was changed
				setRole(first, id, auth.Exporter)
				defer setRole(first, id, auth.Viewer)
			}
			if status := session.call(http.MethodPost, "/v3/admin/users/"+id+"/keypairs", nil, &k); status != http.StatusCreated {
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
			{"key pair by RFC 9421", true, signsMessage(good)},
			{"revoked key pair by RFC 9421", false, signsMessage(revoked)},
			{"key pair by RFC 9421 with another secret", false, signsMessage(keyPair{good.AccessKey, "x"})},
		}
		for _, r := range api.Policy() {
			if r.Path == "/v3/admin/logout" || r.Method == http.MethodDelete && r.Path == "/v4/account/sessions" {
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
					if got, want := outcome(res.StatusCode), expected(r, role, tenant, c.good, signed); got != want && !slices.Contains(allowedOutcomes(r, want), got) {
						t.Errorf("%s %s as %s in %q with %s: %d, want %s", r.Method, r.Path, role, tenant, c.name, res.StatusCode, want)
					}
				}
			}
		}
	}
	t.Logf("%d requests", asked)
	t.Run("a tenant that requires a second factor", func(t *testing.T) {
		testRequiredFactor(t, p, careful)
	})
}

// setRole changes the role of an admin in meridian.
func setRole(owner *client, id string, role auth.Role) {
	owner.t.Helper()
	if status := owner.call(http.MethodPatch, "/v4/admins/"+id, map[string]any{"role": role}, nil); status != http.StatusOK {
		owner.t.Fatalf("the role is not changed: %d", status)
	}
}

// expected returns the outcome that the policy prescribes for a request.
func expected(r api.Route, role auth.Role, tenant string, good, signed bool) string {
	switch {
	case r.Public:
		return "let in"
	case signed && r.SessionOnly:
		return "forbidden" // for each caller: the handler checks nothing else
	case !good:
		return "unauthenticated"
	case r.Least == "" && (tenant == "" || tenant == "meridian" || r.Path != "/v4/me"):
		return "let in" // whatever the tenant: it is about the account
	case tenant != "" && tenant != "meridian":
		return "not found"
	case !role.Includes(r.Least):
		return "forbidden"
	default:
		return "let in"
	}
}

// outcome returns the access decision that a status shows. An allowed request may fail otherwise.
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

// allowedOutcomes returns the outcomes that the handler of a route may give to an allowed caller:
// the object does not exist, or a login has no body.
func allowedOutcomes(r api.Route, want string) []string {
	if want != "let in" {
		return nil
	}
	if strings.Contains(r.Path, ":") || strings.HasPrefix(r.Path, "/v4/account/") {
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
