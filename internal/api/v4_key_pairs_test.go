package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/users"
)

func TestKeyPairs(t *testing.T) {
	t.Parallel()
	const own = "/v3/admin/users/01exporter/keypairs"

	t.Run("are created with a secret that is returned once", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		a := b.call("exporter", "POST", own, `{"note":"nightly"}`)
		a.expect(201, "", "")
		if a.json("access_key") != "AK0" || a.json("secret_key") != "s3cret-of-AK0" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s", a.body)
		}
		b.call("exporter", "POST", own, "").expect(201, "", "") // without a body, as Zephr's clients send it
		for _, target := range []string{own, "/v4/key-pairs"} {
			list := b.call("exporter", "GET", target, "")
			list.expect(200, "", "")
			body := string(list.body)
			if strings.Contains(body, "s3cret") || strings.Index(body, "AK1") > strings.Index(body, "AK0") ||
				!strings.Contains(body, `"note":"nightly"`) || !strings.Contains(body, `"email":"exporter@example.com"`) || strings.Contains(body, "null") == (target == own) {
				t.Errorf("%s: %s", target, body)
			}
		}
		if strings.Contains(b.log.String(), "s3cret") {
			t.Error("the secret is in the log")
		}
	})

	t.Run("are listed in Zephr's form", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("exporter", "POST", own, "").expect(201, "", "")
		pair := b.keys.pairs["AK0"]
		const start = `[{"access_key":"AK0","created":"2026-01-31T08:30:00Z","created_by":"01exporter"`
		pair.Created = time.Date(2026, 1, 31, 8, 30, 0, 0, time.UTC)
		b.keys.pairs["AK0"] = pair
		if got := strings.TrimSpace(string(b.call("exporter", "GET", own, "").body)); got != start+`,"email":"exporter@example.com","note":"","user_id":"01exporter"}]` {
			t.Errorf("a new pair: %s", got)
		}
		pair.LastUsed, pair.RequestsPerMinute, pair.Note = pair.Created.Add(time.Second+time.Millisecond), 600, "nightly"
		b.keys.pairs["AK0"] = pair
		if got := strings.TrimSpace(string(b.call("exporter", "GET", own, "").body)); got != start+
			`,"email":"exporter@example.com","last_used":"2026-01-31T08:30:01.001Z","note":"nightly","requests_per_minute":600,"user_id":"01exporter"}]` {
			t.Errorf("a used pair: %s", got)
		}
	})

	t.Run("are annotated and revoked", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("exporter", "POST", own, "").expect(201, "", "")
		a := b.call("exporter", "PATCH", "/v4/key-pairs/AK0", `{"note":"weekly"}`)
		a.expect(200, "", "")
		if a.json("note") != "weekly" || b.keys.pairs["AK0"].Note != "weekly" {
			t.Errorf("%s", a.body)
		}
		b.call("exporter", "PATCH", "/v4/key-pairs/AK0", `{"note":""}`).expect(200, "", "")
		b.call("exporter", "DELETE", own+"/AK0", "").expect(200, "", "")
		b.call("exporter", "DELETE", own+"/AK0", "").expect(404, errs.CodeNotFound, "")
		b.call("exporter", "PATCH", "/v4/key-pairs/AK0", `{"note":""}`).expect(404, errs.CodeNotFound, "")
	})

	t.Run("are created for oneself, in a session", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "POST", own, "").expect(403, errs.CodeForbidden, "")
		b.call("", "POST", own, "", "Authorization", signedBy("exporter")).expect(403, errs.CodeForbidden, "")
		if len(b.keys.pairs) != 0 {
			t.Errorf("%+v", b.keys.pairs)
		}
	})

	t.Run("of others can be listed and revoked by owners", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("exporter", "POST", own, "").expect(201, "", "")
		b.call("owner", "POST", "/v3/admin/users/01owner/keypairs", "").expect(201, "", "")
		others := "/v3/admin/users/01owner/keypairs"
		b.call("exporter", "GET", others, "").expect(403, errs.CodeForbidden, "")
		b.call("exporter", "POST", others, "").expect(403, errs.CodeForbidden, "")
		b.call("exporter", "DELETE", others+"/AK1", "").expect(403, errs.CodeForbidden, "")
		b.call("exporter", "DELETE", own+"/AK1", "").expect(404, errs.CodeNotFound, "")
		b.call("exporter", "PATCH", "/v4/key-pairs/AK1", `{"note":"x"}`).expect(404, errs.CodeNotFound, "")
		if a := b.call("exporter", "GET", "/v4/key-pairs", ""); strings.Contains(string(a.body), "AK1") {
			t.Errorf("an exporter sees %s", a.body)
		}
		if a := b.call("owner", "GET", "/v4/key-pairs", ""); !strings.Contains(string(a.body), "AK0") || !strings.Contains(string(a.body), "AK1") {
			t.Errorf("an owner sees %s", a.body)
		}
		b.call("owner", "DELETE", own+"/AK0", "").expect(200, "", "")
	})

	t.Run("name the invalid member", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("exporter", "POST", own, `{"note":1}`).expect(400, errs.CodeInvalidRequest, "note")
		b.call("exporter", "POST", own, `{"notes":""}`).expect(400, errs.CodeInvalidRequest, "notes")
		b.call("exporter", "POST", own, `{"note":"`+strings.Repeat("x", 501)+`"}`).expect(400, errs.CodeInvalidRequest, "note")
		b.call("exporter", "POST", own, "").expect(201, "", "")
		b.call("exporter", "PATCH", "/v4/key-pairs/AK0", `{}`).expect(400, errs.CodeInvalidRequest, "note")
	})
}

func TestSignedRequests(t *testing.T) {
	t.Parallel()

	t.Run("are verified as sent", func(t *testing.T) {
		t.Parallel()
		for target, want := range map[string]auth.Target{
			"/v4/user-export-jobs/a%2fb%20c": {Path: "/v4/user-export-jobs/a%2fb%20c"},
			"/v4/users?search=a+b%20c&&":     {Path: "/v4/users", Query: "search=a+b%20c&&"},
			"/v4/users?search=a?b":           {Path: "/v4/users", Query: "search=a?b"},
		} {
			b := setup(t)
			b.jobs.job = func(string, string) (*export.Job, error) { return testJob("x"), nil }
			b.call("", "GET", target, "", "Authorization", signedBy("viewer"))
			got := b.keys.asked
			if got.Method != http.MethodGet || got.Path != want.Path || got.Query != want.Query {
				t.Errorf("%s: %+v", target, got)
			}
		}
		b := setup(t)
		b.call("", "PUT", "/v4/features/x", "body", "Authorization", signedBy("owner"))
		if got := b.keys.asked; got.Method != http.MethodPut || got.Path != "/v4/features/x" || string(got.Body) != "body" {
			t.Errorf("%+v", got)
		}
	})

	t.Run("may have an absolute request target", func(t *testing.T) {
		t.Parallel()
		app := fiber.New()
		for uri, want := range map[string]auth.Target{
			"http://egress.example:8080/v4/a%20b?x=1": {Path: "/v4/a%20b", Query: "x=1"},
			"http://egress.example/":                  {Path: "/"},
		} {
			var request fasthttp.RequestCtx
			request.Request.Header.SetRequestURI(uri)
			c := app.AcquireCtx(&request)
			if got := signatureTarget(c); got.Path != want.Path || got.Query != want.Query {
				t.Errorf("%s: %+v", uri, got)
			}
			app.ReleaseCtx(c)
		}
	})

	t.Run("have the key pair as requester, not its admin", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var asked jobs.Request
		b.jobs.create = func(r jobs.Request) (*export.Job, bool, error) {
			asked = r
			return testJob("exporter"), false, nil
		}
		a := b.call("", "POST", "/v4/user-export-jobs", `{"include":{"attributes":true}}`, "Authorization", signedBy("exporter"))
		a.expect(202, "", "")
		if asked.Requester.ID != "key:exporter" || asked.Requester.UserID != "01exporter" || asked.Origin != export.FromAPI || asked.Tenant != "meridian" {
			t.Errorf("%+v", asked)
		}
		if a.Header.Get("RateLimit-Policy") != `"key";q=10;w=60` || a.Header.Get("RateLimit") != `"key";r=9;t=60` {
			t.Errorf("headers %v", a.Header)
		}
	})

	t.Run("get links of their own jobs only", func(t *testing.T) {
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

	t.Run("are valid in one tenant", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		sign := []string{"Authorization", signedBy("exporter"), tenantHeader, "orion"}
		b.call("", "GET", "/v4/features", "", sign...).expect(404, errs.CodeNotFound, "")
		b.call("", "GET", "/v4/me", "", sign...).expect(404, errs.CodeNotFound, "")
		a := b.call("", "GET", "/v4/me", "", sign[:2]...)
		tenants, _ := a.json("tenants").([]any)
		if a.json("tenant") != "meridian" || len(tenants) != 1 {
			t.Errorf("%s", a.body)
		}
		sign[3] = "meridian"
		b.call("", "GET", "/v4/features", "", sign...).expect(200, "", "")
	})

	t.Run("take precedence over a cookie, and do not fall back to it", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "GET", "/v4/features", "", "Authorization", "ZEPHR-HMAC-SHA256 nonsense").expect(401, errs.CodeUnauthenticated, "")
		b.call("owner", "GET", "/v4/features", "", "Authorization", "Basic b3duZXI6eA==").expect(200, "", "") // added by a proxy
		b.call("", "GET", "/v4/features", "", "Authorization", "Bearer x").expect(401, errs.CodeUnauthenticated, "")
	})

	t.Run("over the limit return Retry-After", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.keys.limit = true
		a := b.call("", "GET", "/v4/features", "", "Authorization", signedBy("viewer"))
		a.expect(429, errs.CodeRateLimited, "")
		if a.Header.Get("Retry-After") != "60" || a.Header.Get("RateLimit") != `"key";r=0;t=60` {
			t.Errorf("headers %v", a.Header)
		}
	})

	t.Run("and all others must not have a Content-Encoding", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		for _, token := range []string{"", "exporter"} {
			b.call(token, "POST", "/v4/user-export-counts", "\x1f\x8b", "Content-Encoding", "gzip").expect(415, errs.CodeUnsupported, "")
		}
		a := b.call("viewer", "GET", "/v4/features", "", "Content-Encoding", "Identity")
		a.expect(200, "", "")
	})

	t.Run("are refused if their signature is valid for another request too", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			method, target, body, field string
			status                      int
		}{
			{"GET", "/v4/features?limit=1", "", "limit", 400},
			{"GET", "/v4/users?limit=1&limits=2", "", "limits", 400},
			{"GET", "/v4/users?%6cimit=1", "", "", 200},
			{"GET", "/v4/users?%=1", "", "%", 400},
			{"GET", "/v3/users?foreign_key.crm=1&foreign_key.a-B_9=2", "", "", 200},
			{"GET", "/v3/users?foreign_key.=1", "", "foreign_key.", 400},
			{"GET", "/v3/users?foreign_key.a.b=1", "", "foreign_key.a.b", 400},
			{"GET", "/v3/users/?search=a=b&page", "", "", 200},
			{"GET", "/v3/users/?search", "", "", 400},
			{"GET", "/v3/users?search", "", "", 200},
			{"GET", "/v3/users/search", "", "", 404},
			{"GET", "/v3/users/search=a", "", "", 400},
			{"GET", "/v3/users/%73earch=a/", "", "", 400},
			{"GET", "/v3/users/dTE=", "", "", 404},
			{"DELETE", "/v3/users/u1?2", "", "2", 400},
			{"DELETE", "/v3/users/u1?", "", "", 200},
			{"DELETE", "/v3/users/u1", "{}", "", 400},
			{"GET", "/v4/features", "x", "", 400},
			{"HEAD", "/v4/features", "x", "", 400},
			{"PUT", "/v3/users/u1/foreign-key/update/crm", "a\x00b", "", 400},
			{"PUT", "/v3/users/u1/foreign-key/update/crm", "a\x80b", "", 400},
			{"PUT", "/v3/users/u1/foreign-key/update/crm", "é", "", 200},
		} {
			b, _ := setupRecords(t)
			b.users.list = usersNobody
			a := b.call("", c.method, c.target, c.body, "Authorization", signedBy("owner"))
			if code := map[int]errs.Code{400: errs.CodeInvalidRequest, 404: errs.CodeNotFound}[c.status]; c.method != "HEAD" {
				a.expect(c.status, code, c.field)
			}
			if refused := b.keys.asked.Method == ""; refused != (c.status == 400) {
				t.Errorf("%s %s: refused before the signature is looked at: %v", c.method, c.target, refused)
			}
			if log := b.log.String(); c.status == 400 && !strings.Contains(log, "a signed request was refused") {
				t.Errorf("%s %s: the log says %s", c.method, c.target, log)
			}
		}
		b := setup(t)
		for _, uri := range []string{"/v4/features#x", "/v4/fe\x80tures", "/v4/users/\x80", "v4/features", "/v4/users?search=\x80", "x//h/v4/features", "/v4/users?limit=1#2"} {
			a := b.sendRaw("GET " + uri + " HTTP/1.1\r\nHost: egress.example\r\nConnection: close\r\nAuthorization: " + signedBy("owner") + "\r\n\r\n")
			if a.StatusCode < 400 || b.keys.asked.Method != "" {
				t.Errorf("%q: %d, asked %+v", uri, a.StatusCode, b.keys.asked)
			}
		}
		b.call("owner", "GET", "/v4/features?limit=1", "").expect(200, "", "") // sessions are not affected
		b.call("owner", "DELETE", "/v3/users/u1?2", "{}").expect(200, "", "")
	})

	t.Run("open no socket", func(t *testing.T) {
		t.Parallel()
		setup(t).call("", "GET", "/ws", "", "Authorization", signedBy("owner")).expect(403, errs.CodeForbidden, "")
	})
}

func usersNobody(context.Context, string, users.Query, string, int) (users.Page, error) {
	return users.Page{}, nil
}

// A key pair has the role of its admin: calls every policy row with a signature.
func TestPolicyForSignedRequests(t *testing.T) {
	t.Parallel()
	for key, row := range policy {
		b := setup(t)
		method, path, _ := strings.Cut(key, " ")
		for _, token := range []string{"unknown", "nobody", "viewer", "exporter", "owner"} {
			body := "{}"
			if method == http.MethodGet || method == http.MethodDelete {
				body = ""
			}
			target := pathOf(path, token)
			a := b.call("", method, target, body, "Authorization", signedBy(token))
			if m := b.call("", method, target, body, messageBy(t, token, method, target, body)...); m.StatusCode != a.StatusCode {
				t.Errorf("%s signed by %s: %d, and by HTTP Message Signatures %d", key, token, a.StatusCode, m.StatusCode)
			}
			refused := slices.Contains([]int{401, 403}, a.StatusCode)
			switch least := row.who.role(); {
			case row.who == anyone:
				if refused {
					t.Errorf("%s signed by %s: %d", key, token, a.StatusCode)
				}
			case row.sessionOnly:
				a.expect(403, errs.CodeForbidden, "")
			case token == "unknown" || token == "nobody":
				a.expect(401, errs.CodeUnauthenticated, "")
			case least != "" && !auth.Role(token).Includes(least):
				a.expect(403, errs.CodeForbidden, "")
			case a.StatusCode == http.StatusUnauthorized:
				t.Errorf("%s signed by %s: 401", key, token)
			}
		}
	}
}
