package api

import (
	"context"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

const credentials = `{"identifiers":{"email_address":"amelia@example.com"},"validators":{"password":"secret-word"}}`

func TestLogin(t *testing.T) {
	t.Parallel()

	t.Run("sets the cookie", func(t *testing.T) {
		t.Parallel()
		for public, secure := range map[string]bool{"": false, "http://localhost:8080": false, "https://egress.example.com": true} {
			b := setup(t, func(d *Deps) { d.PublicURL = public })
			b.auth.login = func(email, password, address string) (string, error) {
				if email != "amelia@example.com" || password != "secret-word" || address != "0.0.0.0" {
					t.Errorf("Login(%q, %q, %q)", email, password, address)
				}
				return "tok", nil
			}
			a := b.call("", "POST", "/v3/admin/login", credentials)
			a.want(200, "", "")
			cookie := a.Header.Get("Set-Cookie")
			for _, part := range []string{"egress_session=tok;", "; path=/", "; HttpOnly", "; SameSite=Lax", "; expires="} {
				if !strings.Contains(cookie, part) {
					t.Errorf("%q: %q has no %q", public, cookie, part)
				}
			}
			if strings.Contains(strings.ToLower(cookie), "; secure") != secure || a.json("cookie") != "egress_session=tok" {
				t.Errorf("%q: %q, %s", public, cookie, a.body)
			}
			if log := b.log.String(); strings.Contains(log, "amelia") || strings.Contains(log, "secret-word") || strings.Contains(log, "tok") {
				t.Error("the log tells who signed in, or how")
			}
		}
	})

	t.Run("ends the session that the browser had", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.login = func(string, string, string) (string, error) { return "owner", nil }
		b.call("viewer", "POST", "/v3/admin/login", credentials).want(200, "", "")
		b.call("viewer", "GET", "/v4/me", "").want(401, export.CodeUnauthenticated, "")
		b.call("owner", "GET", "/v4/me", "").want(200, "", "")
		select {
		case m := <-b.feed.told:
			if m.Kind != jobs.ControlSessionEnded || m.SessionID != "viewer" {
				t.Errorf("%+v", m)
			}
		default:
			t.Error("other servers are not told")
		}
		b.auth.login = func(string, string, string) (string, error) {
			return "", export.Errorf(export.CodeUnauthenticated, "The e-mail address or the password is wrong.")
		}
		b.call("owner", "POST", "/v3/admin/login", credentials).want(401, export.CodeUnauthenticated, "")
		b.call("owner", "GET", "/v4/me", "").want(200, "", "") // who failed to sign in stays who they were
	})

	t.Run("names the member that is wrong", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		for body, field := range map[string]string{
			`{"validators":{"password":"p"}}`:                                           "identifiers",
			`{"identifiers":{"email_address":7},"validators":{"password":"p"}}`:         "identifiers.email_address",
			`{"identifiers":{"email_address":""},"validators":{"password":"p"}}`:        "identifiers.email_address",
			`{"identifiers":{"email":"a"},"validators":{"password":"p"}}`:               "identifiers.email",
			`{"identifiers":{"email_address":"a"},"validators":[]}`:                     "validators",
			`{"identifiers":{"email_address":"a"},"validators":{"password":null}}`:      "validators.password",
			`{"identifiers":{"email_address":"a"},"validators":{"password":"p"},"x":1}`: "x",
		} {
			b.call("", "POST", "/v3/admin/login", body).want(400, export.CodeInvalid, field)
		}
	})

	t.Run("says when to try again", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.login = func(string, string, string) (string, error) {
			return "", &export.Error{Code: export.CodeRateLimited, Message: "Wait.", Details: map[string]any{"retryAfterSeconds": 91}}
		}
		a := b.call("", "POST", "/v3/admin/login", credentials)
		a.want(429, export.CodeRateLimited, "")
		if a.Header.Get("Retry-After") != "91" || a.json("retryAfterSeconds") != 91.0 {
			t.Errorf("%v, %s", a.Header, a.body)
		}
	})

	t.Run("is refused from another site", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(d *Deps) { d.PublicURL = "https://egress.example.com" })
		b.auth.login = func(string, string, string) (string, error) { return "tok", nil }
		b.call("", "POST", "/v3/admin/login", credentials, "Sec-Fetch-Site", "cross-site").want(403, export.CodeCrossSite, "")
		b.call("", "POST", "/v3/admin/login", credentials, "Origin", "https://evil.example").want(403, export.CodeCrossSite, "")
		b.call("", "POST", "/v3/admin/login", credentials, "Origin", "https://egress.example.com").want(200, "", "")
		b.call("", "POST", "/v3/admin/login", credentials, "Origin", "http://example.com").want(200, "", "")
	})
}

func TestLogout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("viewer", "POST", "/v3/admin/logout", "")
	a.want(200, "", "")
	if cookie := a.Header.Get("Set-Cookie"); !strings.Contains(cookie, "expires=Thu, 01 Jan 1970") {
		t.Errorf("cookie %q", cookie)
	}
	select {
	case m := <-b.feed.told:
		if m != (jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: "viewer"}) {
			t.Errorf("told %+v", m)
		}
	default:
		t.Error("nobody was told")
	}
	b.call("viewer", "GET", "/v4/me", "").want(401, export.CodeUnauthenticated, "")
	b.call("", "POST", "/v3/admin/logout", "").want(200, "", "")
}

func TestMe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("exporter", "GET", "/v4/me", "")
	a.want(200, "", "")
	if a.json("tenant") != "meridian" || a.json("role") != "exporter" || len(a.json("tenants").([]any)) != 2 || a.json("user_id") != "01exporter" {
		t.Errorf("%s", a.body)
	}
	if a.json("tenants").([]any)[0].(map[string]any)["retentionSeconds"] != 129600.0 {
		t.Errorf("retention: %s", a.body)
	}
	a = b.call("exporter", "GET", "/v4/me", "", tenantHeader, "orion")
	if a.json("tenant") != "orion" || a.json("role") != "viewer" {
		t.Errorf("%s", a.body)
	}
	a = b.call("nobody", "GET", "/v4/me", "")
	if a.json("tenant") != nil || a.json("role") != nil {
		t.Errorf("%s", a.body)
	}
}

func TestFeatures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const target = "/v4/features/"
	a := b.call("viewer", "GET", "/v4/features", "")
	a.want(200, "", "")
	if a.json("feature.asyncUserExport.enabled") != true || a.json("feature.stateEventsExport.enabled") != false {
		t.Errorf("%s", a.body)
	}
	b.call("owner", "PUT", target+"feature.asyncUserExport.enabled", `{"enabled":false}`).want(200, "", "")
	if b.flags[export.FeatureAsync] {
		t.Errorf("flags %v", b.flags)
	}
	b.call("owner", "PUT", target+"feature.stateEventsExport.enabled", `{"enabled":true}`).want(200, "", "")
	if !b.flags[export.FeatureStateEvents] {
		t.Errorf("flags %v", b.flags)
	}
	b.call("owner", "PUT", target+"feature.asyncUserExport.enabled", `{"enabled":true}`).want(200, "", "")
	b.call("owner", "PUT", target+"feature.stateEventsExport.enabled", `{"enabled":false}`).want(200, "", "")
	b.call("owner", "PUT", target+"feature.other", `{"enabled":true}`).want(404, export.CodeNotFound, "")
	b.call("owner", "PUT", target+"feature.asyncUserExport.enabled", `{}`).want(400, export.CodeInvalid, "enabled")
	b.call("owner", "PUT", target+"feature.asyncUserExport.enabled", `{"enabled":"true"}`).want(400, export.CodeInvalid, "enabled")
	if !b.flags[export.FeatureAsync] || b.flags[export.FeatureStateEvents] {
		t.Errorf("flags %v", b.flags)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	fine := func(context.Context) error { return nil }
	b := setup(t, func(d *Deps) { d.Checks = map[string]func(context.Context) error{"mongodb": fine, "redis": fine} })
	b.call("", "GET", "/healthz", "").want(200, "", "")
	a := b.call("", "GET", "/readyz", "")
	a.want(200, "", "")
	if string(a.body) != `{"checks":{"mongodb":"ok","redis":"ok"},"status":"ready"}` {
		t.Errorf("%s", a.body)
	}
	b = setup(t, func(d *Deps) {
		d.Checks = map[string]func(context.Context) error{"mongodb": func(context.Context) error { return errDown }, "redis": fine}
	})
	a = b.call("", "GET", "/readyz", "")
	a.want(503, "", "")
	if string(a.body) != `{"checks":{"mongodb":"unavailable","redis":"ok"},"status":"unavailable"}` {
		t.Errorf("%s", a.body)
	}
}
