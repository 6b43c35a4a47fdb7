package webui

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/gofiber/fiber/v2"
)

func TestScreensHaveTheirDocuments(t *testing.T) {
	t.Parallel()
	call := serve(t, fstest.MapFS{
		"index.html":            {Data: []byte("any")},
		"documents/list.json":   {Data: []byte(`[{"address":"/t/*/users","file":"documents/users.html"},{"address":"/t/*/exports/*","file":"documents/job.html"},{"address":"/login","file":"documents/log-in.html"}]`)},
		"documents/users.html":  {Data: []byte("users")},
		"documents/log-in.html": {Data: []byte("log in")},
		"documents/job.html":    {Data: []byte("job")},
		"documents/job.html.br": {Data: []byte("small job")},
	})
	for target, want := range map[string]string{
		"/t/meridian/users":         "users",
		"/t/meridian/users?limit=5": "users",
		"/t/meridian/users/":        "users",
		"/t/meridian/exports":       "any",
		"/t/meridian/exports/01":    "job",
		"/t/meridian/exports/01/02": "any",
		"/login":                    "log in",
		"/login/":                   "log in",
		"/login?return=%2Faccount":  "log in",
		"/login/users":              "any",
		"/account":                  "any",
	} {
		if a := call("GET", target, "Accept", "text/html"); string(a.body) != want {
			t.Errorf("%s: status %d, %q, want %q", target, a.StatusCode, a.body, want)
		}
	}
	a := call("GET", "/t/meridian/exports/01", "Accept", "text/html", "Accept-Encoding", "br")
	if string(a.body) != "small job" || a.Header.Get("Cache-Control") != cacheRevalidate {
		t.Errorf("%q, %v", a.body, a.Header)
	}
	if a := call("GET", "/t/meridian/users", "Accept", "*/*"); a.StatusCode != 404 {
		t.Errorf("a client that accepts no HTML: status %d", a.StatusCode)
	}
}

func TestBadListOfDocuments(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{
		"not JSON":        `[{`,
		"bad address":     `[{"address":"/t/[","file":"index.html"}]`,
		"no such file":    `[{"address":"/login","file":"documents/gone.html"}]`,
		"not a file name": `[{"address":"/login","file":"../index.html"}]`,
	} {
		var files fs.FS = fstest.MapFS{"index.html": {Data: []byte("any")}, "documents/list.json": {Data: []byte(list)}}
		if _, err := New(Options{Files: files, Found: func(*fiber.Ctx) {}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
