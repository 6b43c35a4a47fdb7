package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// Every kind of response has the security headers.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "unsafe-url") // the storage's header must be replaced
		w.Header().Set("Content-Disposition", `attachment; filename="users.csv"`)
		if strings.Contains(r.URL.RawQuery, "bad") {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(storage.Close)
	l := startLive(t, func(b *testServer) {
		b.options.PublicURL = secureURL
		b.options.Files = NewStorageProxy("egress", strings.TrimPrefix(storage.URL, "http://"))
		b.options.Console = fstest.MapFS{
			"index.html": {Data: []byte("<console>")}, "docs/api/index.html": {Data: []byte("<reference>")},
			"assets/app-1a2b.js": {Data: []byte("script")}, "assets/hash-worker-1a.js": {Data: []byte("worker")},
		}
		app, err := New(*b.options)
		if err != nil {
			b.t.Fatal(err)
		}
		b.app = app
	})
	const page = "Accept: text/html\r\n"
	const session = "Cookie: __Host-egress_session=viewer\r\n"
	const socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for name, c := range map[string]struct {
		line, headers string
		status        int
	}{
		"a page":                           {"GET / HTTP/1.1", page, 200},
		"a page of the console":            {"GET /t/meridian/users HTTP/1.1", page, 200},
		"a page by HEAD":                   {"HEAD / HTTP/1.1", page, 200},
		"a script":                         {"GET /assets/app-1a2b.js HTTP/1.1", "", 200},
		"a worker":                         {"GET /assets/hash-worker-1a.js HTTP/1.1", "", 200},
		"the reference":                    {"GET /docs/api HTTP/1.1", page, 200},
		"the document":                     {"GET /v4/openapi.yaml HTTP/1.1", "", 200},
		"health":                           {"GET /healthz HTTP/1.1", "", 200},
		"a response of the API":            {"GET /v4/me HTTP/1.1", session, 200},
		"a response without a session":     {"GET /v4/me HTTP/1.1", "", 401},
		"a refused cross-site request":     {"POST /v3/admin/logout HTTP/1.1", "Sec-Fetch-Site: cross-site\r\n", 403},
		"a log-out":                        {"POST /v3/admin/logout HTTP/1.1", "Cookie: __Host-egress_session=owner\r\n", 200},
		"an unknown address":               {"GET /nothing HTTP/1.1", "", 404},
		"an unknown address of the API":    {"GET /v4/nothing HTTP/1.1", page, 404},
		"an unknown asset":                 {"GET /assets/gone.js HTTP/1.1", page, 404},
		"an unsupported method":            {"PATCH /v4/me HTTP/1.1", session, 405},
		"a preflight":                      {"OPTIONS /v4/me HTTP/1.1", "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n", 405},
		"an unknown method":                {"BREW / HTTP/1.1", "", 405},
		"a body that is too large":         {"POST /v4/user-counts HTTP/1.1", "Content-Length: 99999999\r\n", 413},
		"headers that are too large":       {"GET / HTTP/1.1", "X: " + strings.Repeat("x", headerLimit) + "\r\n", 431},
		"a file":                           {"GET /egress/x?X-Amz-Signature=a HTTP/1.1", "", 200},
		"a file by HEAD":                   {"HEAD /egress/x?X-Amz-Signature=a HTTP/1.1", "", 200},
		"a file with an invalid signature": {"GET /egress/x?bad HTTP/1.1", "", 403},
		"a socket":                         {"GET /ws?tenant=meridian HTTP/1.1", "Cookie: __Host-egress_session=exporter\r\nOrigin: http://x\r\n" + socket, 101},
		"a socket request without upgrade": {"GET /ws HTTP/1.1", "Cookie: __Host-egress_session=exporter\r\nOrigin: http://x\r\n", 426},
		"an invalid request":               {"GET", "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			var d net.Dialer
			conn, err := d.DialContext(t.Context(), "tcp", l.address)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if err := conn.SetDeadline(time.Now().Add(waitTimeout)); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(conn, "%s\r\nHost: x\r\n%s\r\n", c.line, c.headers); err != nil {
				t.Fatal(err)
			}
			method, _, _ := strings.Cut(c.line, " ")
			resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if resp.StatusCode != c.status {
				body, _ := io.ReadAll(resp.Body)
				t.Errorf("status %d, want %d: %s", resp.StatusCode, c.status, body)
			}
			for header, want := range map[string]string{
				"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
				"Strict-Transport-Security": "max-age=31536000", "Permissions-Policy": permissionsPolicy,
			} {
				if got := resp.Header.Values(header); len(got) != 1 || got[0] != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
			if resp.Header.Get("Content-Security-Policy") == "" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("headers: %v", resp.Header)
			}
		})
	}
}

func TestPermissionsPolicy(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{}
	for part := range strings.SplitSeq(permissionsPolicy, ", ") {
		name, who, _ := strings.Cut(part, "=")
		if _, twice := allowed[name]; twice || who != "()" && who != "(self)" {
			t.Errorf("%q", part)
		}
		allowed[name] = who == "(self)"
	}
	for name, want := range map[string]bool{"publickey-credentials-get": true, "publickey-credentials-create": true, "camera": false, "geolocation": false, "usb": false} {
		if got, ok := allowed[name]; !ok || got != want {
			t.Errorf("%s: %t, %t", name, got, ok)
		}
	}
}
