package api

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

func proxied(t *testing.T, storage http.HandlerFunc) *testServer {
	t.Helper()
	gateway := httptest.NewServer(storage)
	t.Cleanup(gateway.Close)
	return setup(t, func(o *Options) { o.Files = NewStorageProxy("egress", strings.TrimPrefix(gateway.URL, "http://")) })
}

func TestFilesProxy(t *testing.T) {
	t.Parallel()

	t.Run("forwards what the signature covers unchanged", func(t *testing.T) {
		t.Parallel()
		b := proxied(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Host != "egress.example.com" || r.RequestURI != "/egress/a%2Fb//c+d%20e/../x?X-Amz-Signature=a%2Bb&b&a=1" || r.Header.Get("Range") != "bytes=2-4" {
				t.Errorf("host %q, target %q, range %q", r.Host, r.RequestURI, r.Header.Get("Range"))
			}
			if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" || r.Header.Get(tenantHeader) != "" {
				t.Errorf("headers %v", r.Header)
			}
			w.Header().Set("Content-Range", "bytes 2-4/10")
			w.Header().Set("Content-Type", "text/csv")
			w.Header().Set("Content-Disposition", `attachment; filename="users.csv"`)
			w.Header().Set("Set-Cookie", "x=y")
			w.Header().Set("Etag", `"e"`)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "cde")
		})
		a := b.call("viewer", "GET", "/egress/a%2Fb//c+d%20e/../x?X-Amz-Signature=a%2Bb&b&a=1", "",
			"Host", "egress.example.com", "Range", "bytes=2-4", "Authorization", "secret", tenantHeader, "meridian")
		if a.StatusCode != http.StatusPartialContent || string(a.body) != "cde" || a.Header.Get("Content-Range") != "bytes 2-4/10" || a.Header.Get("Etag") != `"e"` ||
			a.Header.Get("Content-Disposition") == "" || a.Header.Get("Set-Cookie") != "" || a.Header.Get("Content-Type") != "text/csv" {
			t.Errorf("%d %v %q", a.StatusCode, a.Header, a.body)
		}
		if strings.Contains(b.log.String(), "Signature") {
			t.Error("the signature is in the log")
		}
	})

	t.Run("answers HEAD with the size and no body", func(t *testing.T) {
		t.Parallel()
		b := proxied(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodHead {
				t.Errorf("method %s", r.Method)
			}
			w.Header().Set("Content-Length", "12345")
		})
		if a := b.call("", "HEAD", "/egress/x", ""); a.StatusCode != http.StatusOK || a.ContentLength != 12345 || len(a.body) != 0 {
			t.Errorf("%d, %d bytes", a.StatusCode, a.ContentLength)
		}
	})

	t.Run("refuses other methods", func(t *testing.T) {
		t.Parallel()
		b := proxied(t, func(http.ResponseWriter, *http.Request) { t.Error("the storage was asked") })
		for _, method := range []string{"PUT", "POST", "DELETE"} {
			b.call("owner", method, "/egress/x", "").expect(405, errs.CodeUnsupported, "")
		}
		b.call("owner", "GET", "/egressx/x", "").expect(404, errs.CodeNotFound, "")
	})

	t.Run("is a 503 if the storage is unavailable", func(t *testing.T) {
		t.Parallel()
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := ln.Addr().String()
		if err := ln.Close(); err != nil {
			t.Fatal(err)
		}
		b := setup(t, func(o *Options) { o.Files = NewStorageProxy("egress", address) })
		b.call("", "GET", "/egress/x", "").expect(503, errs.CodeUnavailable, "")
	})
}

// A download is streamed, and an incomplete one never looks complete.
func TestFilesProxyStreams(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2000000")
		_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
		_ = http.NewResponseController(w).Flush()
		<-read
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(gateway.Close)
	l := startLive(t, func(b *testServer) {
		b.options.Files = NewStorageProxy("egress", strings.TrimPrefix(gateway.URL, "http://"))
		app, err := New(*b.options)
		if err != nil {
			t.Fatal(err)
		}
		b.app = app
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s/egress/x", l.address), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: auth.CookieName, Value: "x"})
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	first := make([]byte, 100)
	if _, err := io.ReadFull(resp.Body, first); err != nil {
		t.Fatal(err)
	}
	close(read)
	if n, err := io.Copy(io.Discard, resp.Body); err == nil || n >= 1_999_900 {
		t.Errorf("%d more bytes and %v", n, err)
	}
}
