package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/users"
)

func TestRouter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.call("owner", "GET", "/v4/nothing", "").expect(404, errs.CodeNotFound, "")
	b.call("owner", "GET", "/v4/users/", "").expect(404, errs.CodeNotFound, "")
	b.call("owner", "GET", "/v4/user-export-jobs/", "").expect(404, errs.CodeNotFound, "")
	b.call("owner", "GET", "/v9", "", "Accept", "text/html").expect(404, errs.CodeNotFound, "")
	a := b.call("owner", "PATCH", "/v4/me", "")
	a.expect(405, errs.CodeUnsupported, "")
	if allow := a.Header.Get("Allow"); !strings.Contains(allow, "GET") {
		t.Errorf("Allow %q", allow)
	}
	b.call("owner", "GET", "/v4/user-counts", "").expect(405, errs.CodeUnsupported, "")
	b.call("viewer", "GET", "/ws", "").expect(426, errs.CodeUnsupported, "")
	b.call("viewer", "GET", "/ws", "", "Sec-Fetch-Site", "cross-site").expect(403, errs.CodeCrossSiteRequest, "")
	if a := b.call("viewer", "HEAD", "/v4/features", ""); a.StatusCode != http.StatusOK || len(a.body) != 0 {
		t.Errorf("HEAD: %d, %q", a.StatusCode, a.body)
	}
	if a := b.call("viewer", "HEAD", "/ws", ""); a.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("HEAD of a route that starts work: %d", a.StatusCode)
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	l := startLive(t)
	conn, err := net.Dial("tcp", l.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(waitTimeout)); err != nil {
		t.Fatal(err)
	}
	// The Content-Length is enough to refuse the body: no byte of it is sent.
	if _, err := fmt.Fprintf(conn, "POST /v4/user-counts HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", bodyLimit+1); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	response{Response: resp, t: t, body: body}.expect(413, errs.CodeRequestTooLarge, "")
	if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", resp.Header)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.PublicURL = "https://egress.example.com" })
	for _, a := range []response{b.call("viewer", "GET", "/v4/me", ""), b.call("", "GET", "/v4/me", ""), b.call("", "GET", "/nothing", "")} {
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'", "Strict-Transport-Security": "max-age=31536000",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%d: %s is %q, want %q", a.StatusCode, name, got, want)
			}
		}
		if len(a.Header.Get(requestIDHeader)) != 26 {
			t.Errorf("%d: request id %q", a.StatusCode, a.Header.Get(requestIDHeader))
		}
	}
}

func TestErrorResponses(t *testing.T) {
	t.Parallel()

	t.Run("of the server return only the request id", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.down = true
		a := b.call("viewer", "GET", "/v4/me", "")
		a.expect(500, errs.CodeInternal, "")
		if strings.Contains(string(a.body), "10.0.0.7") || a.json("requestId") != a.Header.Get(requestIDHeader) {
			t.Errorf("%s", a.body)
		}
		if log := b.log.String(); !strings.Contains(log, "10.0.0.7") || !strings.Contains(log, a.Header.Get(requestIDHeader)) {
			t.Error("the cause is not in the log")
		}
	})

	t.Run("of a panic are a 500, and the panic value is not logged", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.jobs.list = func(string, jobs.ListQuery) ([]*export.Job, string, error) { panic("amelia@example.com") }
		b.call("viewer", "GET", "/v4/user-export-jobs", "").expect(500, errs.CodeInternal, "")
		if log := b.log.String(); strings.Contains(log, "amelia") || !strings.Contains(log, "panic in a handler") {
			t.Error("the log is wrong")
		}
		b.call("viewer", "GET", "/v4/me", "").expect(200, "", "")
	})

	t.Run("of a timeout are a 503", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.users.list = func(context.Context, string, users.Query, string, int) (users.Page, error) {
			return users.Page{}, context.DeadlineExceeded
		}
		b.call("viewer", "GET", "/v4/users", "").expect(503, errs.CodeTimeout, "")
	})

	t.Run("of an outage are a 503 with its message, unless only the operator can end it", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		outage := &errs.OutageError{Kind: errs.OutageOutOfMemory, Message: "The disk with the database is full.", Err: errors.New("on 10.0.0.7")}
		b.users.list = func(context.Context, string, users.Query, string, int) (users.Page, error) {
			return users.Page{}, fmt.Errorf("read users: %w", outage)
		}
		a := b.call("viewer", "GET", "/v4/users", "")
		a.expect(503, errs.CodeUnavailable, "")
		if a.json("detail") != "The disk with the database is full. Wait a moment, then retry." {
			t.Errorf("%s", a.body)
		}
		outage.Kind = errs.OutageSettingsRefused
		b.call("viewer", "GET", "/v4/users", "").expect(500, errs.CodeInternal, "")
	})
}

func TestProblemDetail(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*errs.Error{
		"filter.to is less than from.":   errs.Invalid("filter.to", "is less than from"),
		"Age is a number.":               errs.Invalid("filter.value", "Age is a number"),
		"The body is not valid JSON.":    errs.Invalid("", "is not valid JSON"),
		"There is no user with this ID.": errs.Errorf(errs.CodeNotFound, "there is no user with this ID"),
		"Wait!":                          errs.Errorf(errs.CodeUnavailable, "Wait!"),
	} {
		if got := detailOf(e); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.users.user = func(string, string) (users.User, error) { return users.User{}, nil }
	b.call("viewer", "GET", "/v4/users/sian@example.com?search=secret", "").expect(200, "", "")
	b.call("viewer", "GET", "/v4/none/sian@example.com", "").expect(404, errs.CodeNotFound, "")
	log := b.log.String()
	if strings.Contains(log, "sian") || strings.Contains(log, "secret") || strings.Contains(log, "0.0.0.0") {
		t.Errorf("the log tells too much: %s", log)
	}
	for _, want := range []string{"route=/v4/users/:userId status=200", "route=none status=404", "method=GET", "duration=", "request_id="} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q: %s", want, log)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"egress.example.com", "ftp://x", "https://"} {
		if _, err := New(Options{PublicURL: public}); err == nil {
			t.Errorf("the public URL %q was taken", public)
		}
	}
	if _, err := New(Options{Files: NewStorageProxy("v4", "127.0.0.1:1")}); err == nil {
		t.Error("a bucket that hides the API was taken")
	}
}

// The size limit is checked before the credentials.
func TestBodySizePerRoute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.defs.count = func(string, export.Definition) (int64, error) { return 1, nil }
	large := `{"include":{"attributes":true}}` + strings.Repeat(" ", smallBody)
	b.call("exporter", "POST", "/v4/user-export-counts", large).expect(200, "", "")
	for _, route := range []string{"PUT /v4/settings", "POST /v3/admin/login", "POST /v4/invitations", "PUT /v4/features/feature.asyncUserExport.enabled", "POST /v4/admins"} {
		method, target, _ := strings.Cut(route, " ")
		b.call("owner", method, target, large).expect(413, errs.CodeRequestTooLarge, "")
	}
}
