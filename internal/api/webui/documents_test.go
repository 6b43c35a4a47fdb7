package webui

import (
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gofiber/fiber/v2"
)

// hash is that of the script inside the pages.
const hash = "sha256-P4Ysshwj5oPR8ZymtDUvDD8M+44QzXmJmP5h/shLKfc="

// listOf returns a list of these documents.
func listOf(documents string) []byte {
	return []byte(`{"start":"` + hash + `","documents":[` + documents + `]}`)
}

func TestOnlyPagesMayRunTheScriptInsideThem(t *testing.T) {
	t.Parallel()
	call := serve(t, fstest.MapFS{
		"index.html":          {Data: []byte("any")},
		"docs/api/index.html": {Data: []byte("reference")},
		"assets/app-1a2b.js":  {Data: []byte("plain")},
		"favicon.svg":         {Data: []byte("<svg>")},
		"documents/list.json": {Data: listOf(`{"address":"/login","file":"index.html"}`)},
	})
	for target, want := range map[string]bool{"/": true, "/login": true, "/docs/api/": true, "/assets/app-1a2b.js": false, "/favicon.svg": false} {
		policy := call("GET", target, "Accept", "text/html").Header.Get("Content-Security-Policy")
		if got := strings.Contains(policy, "script-src 'self' '"+hash+"'"); got != want || !strings.HasPrefix(policy, consolePolicy) {
			t.Errorf("%s: policy %q", target, policy)
		}
	}
}

func TestScreensHaveTheirDocuments(t *testing.T) {
	t.Parallel()
	call := serve(t, fstest.MapFS{
		"index.html":            {Data: []byte("any")},
		"documents/list.json":   {Data: listOf(`{"address":"/t/*/users","file":"documents/users.html"},{"address":"/t/*/exports/*","file":"documents/job.html"},{"address":"/login","file":"documents/log-in.html"}`)},
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
		if a := call("GET", target, "Accept", "text/html", "Cookie", "session=1"); string(a.body) != want {
			t.Errorf("%s: status %d, %q, want %q", target, a.StatusCode, a.body, want)
		}
	}
	a := call("GET", "/t/meridian/exports/01", "Accept", "text/html", "Cookie", "session=1", "Accept-Encoding", "br")
	if string(a.body) != "small job" || a.Header.Get("Cache-Control") != cacheRevalidate {
		t.Errorf("%q, %v", a.body, a.Header)
	}
	if a := call("GET", "/t/meridian/users", "Accept", "*/*"); a.StatusCode != http.StatusNotFound {
		t.Errorf("a client that accepts no HTML: status %d", a.StatusCode)
	}
}

func TestBadListOfDocuments(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{
		"not JSON":        `[{`,
		"no hash":         `{"documents":[]}`,
		"bad hash":        `{"start":"` + hash + `'; script-src *","documents":[]}`,
		"bad address":     string(listOf(`{"address":"/t/[","file":"index.html"}`)),
		"no such file":    string(listOf(`{"address":"/login","file":"documents/gone.html"}`)),
		"not a file name": string(listOf(`{"address":"/login","file":"../index.html"}`)),
	} {
		var files fs.FS = fstest.MapFS{"index.html": {Data: []byte("any")}, "documents/list.json": {Data: []byte(list)}}
		if _, err := New(Options{Files: files, Found: func(*fiber.Ctx) {}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestWithoutASessionTheConsoleSendsToTheLogIn(t *testing.T) {
	t.Parallel()
	call := serve(t, fstest.MapFS{
		"index.html":              {Data: []byte("console")},
		"documents/list.json":     {Data: listOf(`{"address":"/login","file":"documents/log-in.html"},{"address":"/t/*/users","file":"documents/users.html"}`)},
		"documents/log-in.html":   {Data: []byte("log in")},
		"documents/users.html":    {Data: []byte("users")},
		"assets/console-1a2b.js":  {Data: []byte("script")},
		"docs/api/index.html":     {Data: []byte("reference")},
		"documents/unlisted.html": {Data: []byte("unlisted")},
	})
	for target, want := range map[string]string{
		"/":                       "/login",
		"/account":                "/login?return=%2Faccount",
		"/t/meridian/users":       "/login?return=%2Ft%2Fmeridian%2Fusers",
		"/t/m/users?a=b&c=d":      "/login?return=%2Ft%2Fm%2Fusers%3Fa%3Db%26c%3Dd",
		"//evil.example/x":        "",
		"/t//evil.example":        "/login?return=%2Ft%2Fevil.example",
		"/login":                  "",
		"/nothing":                "",
		"/docs/api/":              "",
		"/assets/console-1a2b.js": "",
	} {
		a := call("GET", target, "Accept", "text/html")
		if a.Header.Get("Location") != want || (want != "") != (a.StatusCode == http.StatusFound) {
			t.Errorf("%s: status %d, to %q, want %q", target, a.StatusCode, a.Header.Get("Location"), want)
		}
		if want != "" && a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", target, a.Header)
		}
		if a := call("GET", target, "Accept", "text/html", "Cookie", "session=1"); a.StatusCode != http.StatusOK {
			t.Errorf("%s with a session: status %d", target, a.StatusCode)
		}
	}
	if a := call("GET", "/", "Accept", "*/*"); a.StatusCode != http.StatusOK || string(a.body) != "console" {
		t.Errorf("a client that does not ask for HTML: status %d, %q", a.StatusCode, a.body)
	}
}
