package api

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/egress-io/egress/internal/errs"
)

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"index.html":          {Data: []byte("<console>")},
		"docs/api/index.html": {Data: []byte("<reference>")},
		"assets/app-1a2b.js":  {Data: []byte("plain")}, "assets/app-1a2b.js.br": {Data: []byte("small")},
		"favicon.svg": {Data: []byte("<svg>")},
	}
	b := setup(t, func(d *Deps) { d.Console = files })
	const page = "text/html,application/xhtml+xml,*/*;q=0.8"
	for _, c := range []struct {
		method, target, accept, encoding string
		body, kind, cache                string
	}{
		{"GET", "/", page, "", "<console>", "text/html", cacheRevalidate},
		{"GET", "/", "*/*", "", "<console>", "text/html", cacheRevalidate},
		{"GET", "/t/meridian/users", page, "gzip, br", "<console>", "text/html", cacheRevalidate},
		{"GET", "/docs/api", page, "", "<reference>", "text/html", cacheRevalidate},
		{"GET", "/docs/api/", "*/*", "", "<reference>", "text/html", cacheRevalidate},
		{"GET", "/assets/app-1a2b.js", "*/*", "", "plain", "javascript", cacheForever},
		{"GET", "/assets/app-1a2b.js", "*/*", "gzip, br", "small", "javascript", cacheForever},
		{"HEAD", "/assets/app-1a2b.js", "*/*", "gzip", "", "javascript", cacheForever},
		{"GET", "/favicon.svg", "*/*", "", "<svg>", "image/svg+xml", cacheRevalidate},
	} {
		headers := []string{"Accept", c.accept}
		if c.encoding != "" {
			headers = append(headers, "Accept-Encoding", c.encoding)
		}
		a := b.call("", c.method, c.target, "", headers...)
		if a.StatusCode != http.StatusOK || string(a.body) != c.body || !strings.Contains(a.Header.Get("Content-Type"), c.kind) || a.Header.Get("Cache-Control") != c.cache {
			t.Errorf("%s %s: %d, %q, %v", c.method, c.target, a.StatusCode, a.body, a.Header)
		}
		if want := map[bool]string{true: "br"}[c.body == "small"]; a.Header.Get("Content-Encoding") != want {
			t.Errorf("%s %s: encoding %q", c.method, c.target, a.Header.Get("Content-Encoding"))
		}
		if !strings.Contains(a.Header.Get("Content-Security-Policy"), "script-src") && !strings.HasPrefix(a.Header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: policy %q", c.target, a.Header.Get("Content-Security-Policy"))
		}
	}
	for _, c := range []struct{ target, accept string }{
		{"/t/meridian/users", "application/json"},
		{"/t/meridian/users", "*/*"},
		{"/assets/gone.js", page},
		{"/v4/gone", page},
		{"/v3/gone", page},
	} {
		b.call("", "GET", c.target, "", "Accept", c.accept).expect(404, errs.CodeNotFound, "")
	}
	if a := b.call("", "POST", "/t/meridian/users", "", "Accept", page); a.StatusCode != http.StatusNotFound {
		t.Errorf("POST: %d", a.StatusCode)
	}
	for _, target := range []string{"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/", "/assets"} {
		if a := b.call("", "GET", target, "", "Accept", "*/*"); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, %q", target, a.StatusCode, a.body)
		}
	}
}

func TestOnlyHashWorkerMayUseWebAssembly(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"index.html":               {Data: []byte("<console>")},
		"assets/app-1a2b.js":       {Data: []byte("plain")},
		"assets/hash-worker-1a.js": {Data: []byte("worker")},
	}
	b := setup(t, func(d *Deps) { d.Console = files })
	for target, want := range map[string]bool{"/": false, "/assets/app-1a2b.js": false, "/assets/hash-worker-1a.js": true} {
		policy := b.call("", "GET", target, "", "Accept", "*/*").Header.Get("Content-Security-Policy")
		if got := strings.Contains(policy, "'wasm-unsafe-eval'"); got != want || policy == "" {
			t.Errorf("%s: policy %q", target, policy)
		}
	}
}

func TestStaticFilesWithoutBuild(t *testing.T) {
	t.Parallel()
	b := setup(t, func(d *Deps) { d.Console = fstest.MapFS{} })
	b.call("", "GET", "/", "", "Accept", "text/html").expect(404, errs.CodeNotFound, "")
}
