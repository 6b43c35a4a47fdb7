package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/api/bodystream"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

const credentials = `{"identifiers":{"email_address":"amelia@example.com"},"validators":{"password":"secret-word"}}`

func TestLogin(t *testing.T) {
	t.Parallel()

	t.Run("sets the cookie", func(t *testing.T) {
		t.Parallel()
		for public, secure := range map[string]bool{"": false, "http://localhost:8080": false, "https://egress.example.com": true} {
			b := setup(t, func(o *Options) { o.PublicURL = public })
			b.auth.login = func(email, password, address string) (string, error) {
				if email != "amelia@example.com" || password != "secret-word" || address != "0.0.0.0" {
					t.Errorf("Login(%q, %q, %q)", email, password, address)
				}
				return "tok", nil
			}
			a := b.call("", "POST", "/v3/admin/login", credentials)
			a.expect(200, "", "")
			cookie := a.Header.Get("Set-Cookie")
			name := map[bool]string{false: "egress_session", true: "__Host-egress_session"}[secure]
			for _, part := range []string{name + "=tok;", "; path=/", "; HttpOnly", "; SameSite=Lax", "; expires="} {
				if !strings.Contains(cookie, part) {
					t.Errorf("%q: %q has no %q", public, cookie, part)
				}
			}
			if strings.Contains(strings.ToLower(cookie), "; secure") != secure || a.json("cookie") != name+"=tok" {
				t.Errorf("%q: %q, %s", public, cookie, a.body)
			}
			if log := b.log.String(); strings.Contains(log, "amelia") || strings.Contains(log, "secret-word") || strings.Contains(log, "tok") {
				t.Error("the log tells who logged in, or how")
			}
		}
	})

	t.Run("ends the browser's previous session", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.login = func(string, string, string) (string, error) { return "owner", nil }
		b.call("viewer", "POST", "/v3/admin/login", credentials).expect(200, "", "")
		b.call("viewer", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
		b.call("owner", "GET", "/v4/me", "").expect(200, "", "")
		select {
		case m := <-b.feed.told:
			if m.Kind != jobs.ControlSessionEnded || m.SessionID != "viewer" {
				t.Errorf("%+v", m)
			}
		default:
			t.Error("other servers were not notified")
		}
		b.auth.login = func(string, string, string) (string, error) {
			return "", errs.Errorf(errs.CodeUnauthenticated, "The email address or the password is wrong.")
		}
		b.call("owner", "POST", "/v3/admin/login", credentials).expect(401, errs.CodeUnauthenticated, "")
		b.call("owner", "GET", "/v4/me", "").expect(200, "", "") // a failed log-in keeps the session
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
			b.call("", "POST", "/v3/admin/login", body).expect(400, errs.CodeInvalidRequest, field)
		}
	})

	t.Run("returns Retry-After", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.login = func(string, string, string) (string, error) {
			return "", &errs.Error{Code: errs.CodeRateLimited, Message: "Wait.", Details: map[string]any{"retryAfterSeconds": 91}}
		}
		a := b.call("", "POST", "/v3/admin/login", credentials)
		a.expect(429, errs.CodeRateLimited, "")
		if a.Header.Get("Retry-After") != "91" || a.json("retryAfterSeconds") != 91.0 {
			t.Errorf("%v, %s", a.Header, a.body)
		}
	})

	t.Run("is refused from another site", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(o *Options) { o.PublicURL = "https://egress.example.com" })
		b.auth.login = func(string, string, string) (string, error) { return "tok", nil }
		b.call("", "POST", "/v3/admin/login", credentials, "Sec-Fetch-Site", "cross-site").expect(403, errs.CodeCrossSiteRequest, "")
		b.call("", "POST", "/v3/admin/login", credentials, "Origin", "https://evil.example").expect(403, errs.CodeCrossSiteRequest, "")
		b.call("", "POST", "/v3/admin/login", credentials, "Origin", "https://egress.example.com").expect(200, "", "")
		b.call("", "POST", "/v3/admin/login", credentials, "Origin", "http://example.com").expect(200, "", "")
	})
}

func TestDeviceCookie(t *testing.T) {
	t.Parallel()
	for public, name := range map[string]string{"http://localhost:8080": "egress_device", "https://egress.example.com": "__Host-egress_device"} {
		b := setup(t, func(o *Options) { o.PublicURL = public })
		b.auth.login = func(string, string, string) (string, error) { return "owner", nil }
		devices := []string{}
		b.auth.attempt = func(_ context.Context, a auth.Attempt) error {
			devices = append(devices, a.Device)
			return nil
		}
		a := b.call("", "POST", "/v3/admin/login", credentials)
		a.expect(200, "", "")
		cookie := ""
		for _, line := range a.Header.Values("Set-Cookie") {
			if strings.HasPrefix(line, name+"=device-of-owner;") {
				cookie = strings.ToLower(line)
			}
		}
		for _, part := range []string{"; path=/", "; httponly", "; samesite=lax", "; expires="} {
			if !strings.Contains(cookie, part) {
				t.Errorf("%q has no %q: %q", cookie, part, a.Header.Values("Set-Cookie"))
			}
		}
		if strings.Contains(cookie, "; secure") != strings.HasPrefix(public, "https:") || strings.Contains(cookie, "domain") {
			t.Errorf("%q", cookie)
		}
		b.call("", "POST", "/v3/admin/login", credentials, "Cookie", name+"=known").expect(200, "", "")
		other := map[string]string{"egress_device": "__Host-egress_device", "__Host-egress_device": "egress_device"}[name]
		b.call("", "POST", "/v3/admin/login", credentials, "Cookie", other+"=known").expect(200, "", "")
		if !slices.Equal(devices, []string{"", "known", ""}) {
			t.Errorf("it is logged in from %q", devices)
		}
	}
}

// A log-in that waits for a password check is cancelled when its client disconnects.
func TestLoginIsCancelledWhenClientDisconnects(t *testing.T) {
	t.Parallel()
	l := startLive(t)
	waiting, ended := make(chan struct{}), make(chan error, 1)
	l.auth.attempt = func(ctx context.Context, _ auth.Attempt) error {
		close(waiting)
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return ctx.Err()
	}
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", l.address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "POST /v3/admin/login HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(credentials), credentials)
	if err != nil {
		t.Fatal(err)
	}
	<-waiting
	_ = conn.Close()
	if err := <-ended; !errors.Is(err, bodystream.ErrClientGone) {
		t.Errorf("it ends with %v", err)
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("exporter", "GET", "/v4/me", "")
	a.expect(200, "", "")
	if a.json("tenant") != nil || a.json("role") != nil {
		t.Errorf("of several tenants, without a name: %s", a.body)
	}
	a = b.call("exporter", "GET", "/v4/me", "", tenantHeader, "meridian")
	a.expect(200, "", "")
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
	a.expect(200, "", "")
	if a.json("feature.asyncUserExport.enabled") != true || a.json("feature.stateEventsExport.enabled") != false {
		t.Errorf("%s", a.body)
	}
	b.call("owner", "PUT", target+"feature.asyncUserExport.enabled", `{"enabled":false}`).expect(200, "", "")
	if b.flags[export.FeatureAsync] {
		t.Errorf("flags %v", b.flags)
	}
	b.call("owner", "PUT", target+"feature.stateEventsExport.enabled", `{"enabled":true}`).expect(200, "", "")
	if !b.flags[export.FeatureStateEvents] {
		t.Errorf("flags %v", b.flags)
	}
	b.call("owner", "PUT", target+"feature.asyncUserExport.enabled", `{"enabled":true}`).expect(200, "", "")
	b.call("owner", "PUT", target+"feature.stateEventsExport.enabled", `{"enabled":false}`).expect(200, "", "")
	b.call("owner", "PUT", target+"feature.other", `{"enabled":true}`).expect(404, errs.CodeNotFound, "")
	b.call("owner", "PUT", target+"feature.asyncUserExport.enabled", `{}`).expect(400, errs.CodeInvalidRequest, "enabled")
	b.call("owner", "PUT", target+"feature.asyncUserExport.enabled", `{"enabled":"true"}`).expect(400, errs.CodeInvalidRequest, "enabled")
	if !b.flags[export.FeatureAsync] || b.flags[export.FeatureStateEvents] {
		t.Errorf("flags %v", b.flags)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	fine := func(context.Context) error { return nil }
	b := setup(t, func(o *Options) { o.Checks = map[string]func(context.Context) error{"mongodb": fine, "redis": fine} })
	b.call("", "GET", "/healthz", "").expect(200, "", "")
	a := b.call("", "GET", "/readyz", "")
	a.expect(200, "", "")
	if string(a.body) != `{"checks":{"mongodb":"ok","redis":"ok"},"status":"ready"}` {
		t.Errorf("%s", a.body)
	}
	b = setup(t, func(o *Options) {
		o.Checks = map[string]func(context.Context) error{"mongodb": func(context.Context) error { return errDown }, "redis": fine}
	})
	a = b.call("", "GET", "/readyz", "")
	a.expect(503, "", "")
	if string(a.body) != `{"checks":{"mongodb":"unavailable","redis":"ok"},"reasons":{"mongodb":{"kind":"unreachable","message":"It does not respond."}},"status":"unavailable"}` {
		t.Errorf("%s", a.body)
	}
	b = setup(t, func(o *Options) {
		full := &errs.OutageError{Kind: errs.OutageOutOfMemory, Message: "Redis is out of memory.", Err: errors.New("at 10.0.0.7 with hunter2")}
		o.Checks = map[string]func(context.Context) error{"redis": func(context.Context) error { return fmt.Errorf("probe: %w", full) }}
	})
	a = b.call("", "GET", "/readyz", "")
	a.expect(503, "", "")
	if string(a.body) != `{"checks":{"redis":"unavailable"},"reasons":{"redis":{"kind":"out_of_memory","message":"Redis is out of memory."}},"status":"unavailable"}` {
		t.Errorf("%s", a.body)
	}
}
