package webui

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gofiber/fiber/v2"
)

// response is a response with its body.
type response struct {
	*http.Response
	body []byte
}

// serve returns a function that sends a request to an app with these files. headers are pairs of name
// and value.
func serve(t *testing.T, files fs.FS) func(method, target string, headers ...string) response {
	t.Helper()
	app := fiber.New(fiber.Config{CaseSensitive: true, StrictRouting: true, DisableStartupMessage: true})
	handler, err := New(Options{
		Files:      files,
		Found:      func(c *fiber.Ctx) { c.Set("X-Found", "yes") },
		HasSession: func(c *fiber.Ctx) bool { return c.Cookies("session") != "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	app.Use(handler)
	return func(method, target string, headers ...string) response {
		t.Helper()
		req := httptest.NewRequestWithContext(t.Context(), method, target, nil)
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := app.Test(req, 20_000)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if served := resp.Header.Get("X-Found") == "yes"; served != (resp.StatusCode < 400) {
			t.Errorf("%s %s: status %d, but Found called: %t", method, target, resp.StatusCode, served)
		}
		return response{resp, body}
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"index.html":          {Data: []byte("<console>")},
		"docs/api/index.html": {Data: []byte("<reference>")},
		"assets/app-1a2b.js":  {Data: []byte("plain")}, "assets/app-1a2b.js.br": {Data: []byte("small")},
		"favicon.svg": {Data: []byte("<svg>")},
	}
	call := serve(t, files)
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
		a := call(c.method, c.target, headers...)
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
		if a := call("GET", c.target, "Accept", c.accept); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", c.target, a.StatusCode)
		}
	}
	if a := call("POST", "/t/meridian/users", "Accept", page); a.StatusCode != http.StatusNotFound {
		t.Errorf("POST: %d", a.StatusCode)
	}
	for _, target := range []string{"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/", "/assets"} {
		if a := call("GET", target, "Accept", "*/*"); a.StatusCode != http.StatusNotFound {
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
	call := serve(t, files)
	for target, want := range map[string]bool{"/": false, "/assets/app-1a2b.js": false, "/assets/hash-worker-1a.js": true} {
		policy := call("GET", target, "Accept", "*/*").Header.Get("Content-Security-Policy")
		if got := strings.Contains(policy, "'wasm-unsafe-eval'"); got != want || policy == "" {
			t.Errorf("%s: policy %q", target, policy)
		}
	}
}

func TestStaticFilesWithoutBuild(t *testing.T) {
	t.Parallel()
	call := serve(t, fstest.MapFS{})
	if a := call("GET", "/", "Accept", "text/html"); a.StatusCode != http.StatusNotFound {
		t.Errorf("%d", a.StatusCode)
	}
}
