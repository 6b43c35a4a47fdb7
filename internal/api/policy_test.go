package api

import (
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	open := func(access) fiber.Handler { return func(c *fiber.Ctx) error { return c.Next() } }
	handler := func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusOK) }
	for name, c := range map[string]struct {
		policy map[string]access
		routes []string
		want   string
	}{
		"agree":                     {map[string]access{"GET /a": {who: viewers}}, []string{"GET /a"}, ""},
		"a route without a row":     {map[string]access{"GET /a": {who: viewers}}, []string{"GET /a", "POST /a"}, "route POST /a has no row"},
		"a row without a route":     {map[string]access{"GET /a": {who: viewers}, "GET /b": {}}, []string{"GET /a"}, "row GET /b has no route"},
		"a route that stands twice": {map[string]access{"GET /a": {who: viewers}}, []string{"GET /a", "GET /a"}, "GET /a stands twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoutes(fiber.New(), c.policy, open)
			for _, route := range c.routes {
				method, path, _ := strings.Cut(route, " ")
				r.add(method, path, handler)
			}
			err := r.check()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("check: %v, want %q", err, c.want)
			}
		})
	}
}

// TestPolicy asks every route as everyone. The guard decides before any handler, so that a fake which would be called
// where it must not be panics, and the status is 500.
func TestPolicy(t *testing.T) {
	t.Parallel()
	roles := map[string]auth.Role{"": "", "nobody": "", "viewer": auth.Viewer, "exporter": auth.Exporter, "owner": auth.Owner}
	for key, row := range policy {
		b := setup(t)
		method, path, _ := strings.Cut(key, " ")
		for token, role := range roles {
			a := b.call(token, method, pathOf(path, token), "{}")
			least := row.who.role()
			switch {
			case row.who == anyone:
				if a.StatusCode == fiber.StatusUnauthorized || a.StatusCode == fiber.StatusForbidden {
					t.Errorf("%s as %q: %d", key, token, a.StatusCode)
				}
			case token == "":
				a.want(fiber.StatusUnauthorized, export.CodeUnauthenticated, "")
			case least == "":
				a.want(fiber.StatusOK, "", "")
			case role == "":
				a.want(fiber.StatusNotFound, export.CodeNotFound, "")
			case !role.Includes(least):
				a.want(fiber.StatusForbidden, export.CodeForbidden, "")
			default:
				if a.StatusCode == fiber.StatusUnauthorized || a.StatusCode == fiber.StatusForbidden {
					t.Errorf("%s as %q: %d", key, token, a.StatusCode)
				}
			}
		}
	}
}

var pathParameters = regexp.MustCompile(`:[A-Za-z_]+`)

// pathOf is a path of a route, with something for its parameters: where it is an admin, the one of a session.
func pathOf(route, token string) string {
	return pathParameters.ReplaceAllString(strings.Replace(route, ":user_id", "01"+token, 1), "x")
}

func TestTenantOfARequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		tenant, method, target string
		status                 int
	}{
		"the first without a header":       {"", "PUT", "/v4/features/x", 403},
		"the one that the header names":    {"orion", "GET", "/v4/features", 200},
		"the role is that of the tenant":   {"orion", "POST", "/v4/user-export-jobs", 403},
		"one that does not exist":          {"vega", "GET", "/v4/features", 404},
		"one that does not exist, for me":  {"vega", "GET", "/v4/me", 404},
		"the query does not name a tenant": {"", "GET", "/v4/features?tenant=vega", 200},
	} {
		var headers []string
		if c.tenant != "" {
			headers = []string{tenantHeader, c.tenant}
		}
		if a := b.call("exporter", c.method, c.target, "", headers...); a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", name, a.StatusCode, c.status, a.body)
		}
	}
	closed := b.call("owner", "GET", "/v4/features", "", tenantHeader, "orion")
	missing := b.call("owner", "GET", "/v4/features", "", tenantHeader, "vega")
	if closed.json("detail") != missing.json("detail") || closed.StatusCode != missing.StatusCode {
		t.Errorf("the answers tell a closed tenant from a missing one: %s and %s", closed.body, missing.body)
	}
}
