package api

import (
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	open := func(policyRow) fiber.Handler { return func(c *fiber.Ctx) error { return c.Next() } }
	handler := func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusOK) }
	for name, c := range map[string]struct {
		policy map[string]policyRow
		routes []string
		want   string
	}{
		"agree":                     {map[string]policyRow{"GET /a": {who: viewers}}, []string{"GET /a"}, ""},
		"a route without a row":     {map[string]policyRow{"GET /a": {who: viewers}}, []string{"GET /a", "POST /a"}, "route POST /a has no row"},
		"a row without a route":     {map[string]policyRow{"GET /a": {who: viewers}, "GET /b": {}}, []string{"GET /a"}, "row GET /b has no route"},
		"a route that occurs twice": {map[string]policyRow{"GET /a": {who: viewers}}, []string{"GET /a", "GET /a"}, "GET /a occurs twice"},
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

// TestPolicy calls every route as every kind of caller. Authorization comes before any handler: if
// a handler runs by mistake, its unset fake panics and the status is 500.
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
				a.expect(fiber.StatusUnauthorized, errs.CodeUnauthenticated, "")
			case least == "":
				if a.StatusCode == fiber.StatusUnauthorized || a.StatusCode == fiber.StatusForbidden || a.StatusCode == fiber.StatusInternalServerError {
					t.Errorf("%s as %q: %d", key, token, a.StatusCode)
				}
			case role == "":
				a.expect(fiber.StatusNotFound, errs.CodeNotFound, "")
			case !role.Includes(least):
				a.expect(fiber.StatusForbidden, errs.CodeForbidden, "")
			default:
				if a.StatusCode == fiber.StatusUnauthorized || a.StatusCode == fiber.StatusForbidden {
					t.Errorf("%s as %q: %d", key, token, a.StatusCode)
				}
			}
		}
	}
}

var pathParameters = regexp.MustCompile(`:[A-Za-z_]+`)

// pathOf returns a path of a route with values for its parameters. An admin's id is that of the
// session.
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
