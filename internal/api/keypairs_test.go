package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

func TestKeyPairs(t *testing.T) {
	t.Parallel()
	const own = "/v3/admin/users/01exporter/keypairs"

	t.Run("are made with a secret that is shown once", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		a := b.call("exporter", "POST", own, `{"note":"nightly"}`)
		a.want(201, "", "")
		if a.json("access_key") != "AK0" || a.json("secret_key") != "s3cret-of-AK0" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s", a.body)
		}
		b.call("exporter", "POST", own, "").want(201, "", "") // as Zephr's clients do
		for _, target := range []string{own, "/v4/key-pairs"} {
			list := b.call("exporter", "GET", target, "")
			list.want(200, "", "")
			body := string(list.body)
			if strings.Contains(body, "s3cret") || strings.Index(body, "AK1") > strings.Index(body, "AK0") ||
				!strings.Contains(body, `"note":"nightly"`) || !strings.Contains(body, `"email":"exporter@example.com"`) || !strings.Contains(body, `"last_used":null`) {
				t.Errorf("%s: %s", target, body)
			}
		}
		if strings.Contains(b.log.String(), "s3cret") {
			t.Error("the secret is in the log")
		}
	})

	t.Run("are annotated and revoked", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("exporter", "POST", own, "").want(201, "", "")
		a := b.call("exporter", "PATCH", "/v4/key-pairs/AK0", `{"note":"weekly"}`)
		a.want(200, "", "")
		if a.json("note") != "weekly" || b.keys.pairs["AK0"].Note != "weekly" {
			t.Errorf("%s", a.body)
		}
		b.call("exporter", "PATCH", "/v4/key-pairs/AK0", `{"note":""}`).want(200, "", "")
		b.call("exporter", "DELETE", own+"/AK0", "").want(200, "", "")
		b.call("exporter", "DELETE", own+"/AK0", "").want(404, export.CodeNotFound, "")
		b.call("exporter", "PATCH", "/v4/key-pairs/AK0", `{"note":""}`).want(404, export.CodeNotFound, "")
	})

	t.Run("of others are for owners to look after", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "POST", own, "").want(201, "", "")
		b.call("owner", "POST", "/v3/admin/users/01owner/keypairs", "").want(201, "", "")
		if k := b.keys.pairs["AK0"]; k.AdminID != "01exporter" || k.CreatedBy != "01owner" {
			t.Errorf("%+v", k)
		}
		others := "/v3/admin/users/01owner/keypairs"
		b.call("exporter", "GET", others, "").want(403, export.CodeForbidden, "")
		b.call("exporter", "POST", others, "").want(403, export.CodeForbidden, "")
		b.call("exporter", "DELETE", others+"/AK1", "").want(403, export.CodeForbidden, "")
		b.call("exporter", "DELETE", own+"/AK1", "").want(404, export.CodeNotFound, "")
		b.call("exporter", "PATCH", "/v4/key-pairs/AK1", `{"note":"x"}`).want(404, export.CodeNotFound, "")
		if a := b.call("exporter", "GET", "/v4/key-pairs", ""); strings.Contains(string(a.body), "AK1") {
			t.Errorf("an exporter sees %s", a.body)
		}
		if a := b.call("owner", "GET", "/v4/key-pairs", ""); !strings.Contains(string(a.body), "AK0") || !strings.Contains(string(a.body), "AK1") {
			t.Errorf("an owner sees %s", a.body)
		}
		b.call("owner", "DELETE", own+"/AK0", "").want(200, "", "")
	})

	t.Run("name what is wrong", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("exporter", "POST", own, `{"note":1}`).want(400, export.CodeInvalid, "note")
		b.call("exporter", "POST", own, `{"notes":""}`).want(400, export.CodeInvalid, "notes")
		b.call("exporter", "POST", own, `{"note":"`+strings.Repeat("x", 501)+`"}`).want(400, export.CodeInvalid, "note")
		b.call("exporter", "POST", own, "").want(201, "", "")
		b.call("exporter", "PATCH", "/v4/key-pairs/AK0", `{}`).want(400, export.CodeInvalid, "note")
	})
}

func TestSignedRequests(t *testing.T) {
	t.Parallel()

	t.Run("are checked as they came over the wire", func(t *testing.T) {
		t.Parallel()
		for target, want := range map[string]auth.Target{
			"/v4/user-export-jobs/a%2fb%20c": {Path: "/v4/user-export-jobs/a%2fb%20c"},
			"/v4/features?search=a+b%20c&&":  {Path: "/v4/features", Query: "search=a+b%20c&&"},
			"/v4/features?a?b":               {Path: "/v4/features", Query: "a?b"},
		} {
			b := setup(t)
			b.jobs.job = func(string, string) (*export.Job, error) { return testJob("x"), nil }
			b.call("", "GET", target, "body", "Authorization", signedBy("viewer"))
			got := b.keys.asked
			if got.Method != http.MethodGet || got.Path != want.Path || got.Query != want.Query || string(got.Body) != "body" {
				t.Errorf("%s: %+v", target, got)
			}
		}
	})

	t.Run("may come in the form for proxies", func(t *testing.T) {
		t.Parallel()
		app := fiber.New()
		for uri, want := range map[string]auth.Target{
			"http://egress.example:8080/v4/a%20b?x=1": {Path: "/v4/a%20b", Query: "x=1"},
			"http://egress.example/":                  {Path: "/"},
		} {
			var request fasthttp.RequestCtx
			request.Request.Header.SetRequestURI(uri)
			c := app.AcquireCtx(&request)
			if got := target(c); got.Path != want.Path || got.Query != want.Query {
				t.Errorf("%s: %+v", uri, got)
			}
			app.ReleaseCtx(c)
		}
	})

	t.Run("come from the key pair, and not from its admin in the console", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var asked jobs.Request
		b.jobs.create = func(r jobs.Request) (*export.Job, bool, error) {
			asked = r
			return testJob("exporter"), false, nil
		}
		a := b.call("", "POST", "/v4/user-export-jobs", `{"include":{"attributes":true}}`, "Authorization", signedBy("exporter"))
		a.want(202, "", "")
		if asked.Requester.ID != "key:exporter" || asked.Requester.UserID != "01exporter" || asked.Origin != export.FromAPI || asked.Tenant != "meridian" {
			t.Errorf("%+v", asked)
		}
		if a.Header.Get("RateLimit-Policy") != `"key";q=10;w=60` || a.Header.Get("RateLimit") != `"key";r=9;t=60` {
			t.Errorf("headers %v", a.Header)
		}
	})

	t.Run("see the links of their own jobs only", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		job := testJob("01exporter")
		b.jobs.job = func(string, string) (*export.Job, error) { return job, nil }
		link := func() any {
			return b.call("", "GET", "/v4/user-export-jobs/x", "", "Authorization", signedBy("exporter")).json("downloadUrl")
		}
		if got := link(); got != nil {
			t.Errorf("the link of its admin's job: %v", got)
		}
		job.Requester.ID = "key:exporter"
		if got := link(); got == nil {
			t.Error("no link of its own job")
		}
	})

	t.Run("are good in one tenant", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		sign := []string{"Authorization", signedBy("exporter"), tenantHeader, "orion"}
		b.call("", "GET", "/v4/features", "", sign...).want(404, export.CodeNotFound, "")
		b.call("", "GET", "/v4/me", "", sign...).want(404, export.CodeNotFound, "")
		a := b.call("", "GET", "/v4/me", "", sign[:2]...)
		tenants, _ := a.json("tenants").([]any)
		if a.json("tenant") != "meridian" || len(tenants) != 1 {
			t.Errorf("%s", a.body)
		}
		sign[3] = "meridian"
		b.call("", "GET", "/v4/features", "", sign...).want(200, "", "")
	})

	t.Run("go before a cookie, and do not fall back to it", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "GET", "/v4/features", "", "Authorization", "ZEPHR-HMAC-SHA256 nonsense").want(401, export.CodeUnauthenticated, "")
		b.call("owner", "GET", "/v4/features", "", "Authorization", "Basic b3duZXI6eA==").want(200, "", "") // a proxy's
		b.call("", "GET", "/v4/features", "", "Authorization", "Bearer x").want(401, export.CodeUnauthenticated, "")
	})

	t.Run("that are too many are told when to go on", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.keys.limit = true
		a := b.call("", "GET", "/v4/features", "", "Authorization", signedBy("viewer"))
		a.want(429, export.CodeRateLimited, "")
		if a.Header.Get("Retry-After") != "60" || a.Header.Get("RateLimit") != `"key";r=0;t=60` {
			t.Errorf("headers %v", a.Header)
		}
	})

	t.Run("and all others come without a Content-Encoding", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		for _, token := range []string{"", "exporter"} {
			b.call(token, "POST", "/v4/user-export-counts", "\x1f\x8b", "Content-Encoding", "gzip").want(415, export.CodeUnsupported, "")
		}
		a := b.call("viewer", "GET", "/v4/features", "", "Content-Encoding", "Identity")
		a.want(200, "", "")
	})

	t.Run("open no socket", func(t *testing.T) {
		t.Parallel()
		setup(t).call("", "GET", "/ws", "", "Authorization", signedBy("owner")).want(403, export.CodeForbidden, "")
	})
}

// Roles that key pairs have are those of their admins: every row of the policy, asked with a signature.
func TestPolicyOfSignedRequests(t *testing.T) {
	t.Parallel()
	for key, row := range policy {
		b := setup(t)
		method, path, _ := strings.Cut(key, " ")
		for _, token := range []string{"unknown", "nobody", "viewer", "exporter", "owner"} {
			a := b.call("", method, pathOf(path, token), "{}", "Authorization", signedBy(token))
			refused := slices.Contains([]int{401, 403}, a.StatusCode)
			switch least := row.who.role(); {
			case row.who == anyone:
				if refused {
					t.Errorf("%s signed by %s: %d", key, token, a.StatusCode)
				}
			case row.sessionOnly:
				a.want(403, export.CodeForbidden, "")
			case token == "unknown" || token == "nobody":
				a.want(401, export.CodeUnauthenticated, "")
			case least != "" && !auth.Role(token).Includes(least):
				a.want(403, export.CodeForbidden, "")
			case a.StatusCode == http.StatusUnauthorized:
				t.Errorf("%s signed by %s: 401", key, token)
			}
		}
	}
}
