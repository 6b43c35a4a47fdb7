package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

const (
	plainURL  = "http://egress.example.com"
	secureURL = "https://egress.example.com"
)

// deletedCookies returns the names of the cookies that a response deletes.
func (a response) deletedCookies() (names []string) {
	for _, line := range a.Header.Values("Set-Cookie") {
		if strings.Contains(line, "expires=Thu, 01 Jan 1970") {
			name, _, _ := strings.Cut(line, "=")
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestSessionCookieNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		public  string
		headers []string
		good    bool
	}{
		"over http":                                   {plainURL, []string{"Cookie", "egress_session=viewer"}, true},
		"over https":                                  {secureURL, []string{"Cookie", "__Host-egress_session=viewer"}, true},
		"without the prefix over https":               {secureURL, []string{"Cookie", "egress_session=viewer"}, false},
		"with the prefix over http":                   {plainURL, []string{"Cookie", "__Host-egress_session=viewer"}, false},
		"with the prefix in lower case":               {secureURL, []string{"Cookie", "__host-egress_session=viewer"}, false},
		"one without the prefix in front":             {secureURL, []string{"Cookie", "egress_session=x; __Host-egress_session=viewer"}, true},
		"Zephr's header":                              {secureURL, []string{"blaize-admin-session", "viewer"}, true},
		"Zephr's header over http":                    {plainURL, []string{"blaize-admin-session", "viewer"}, true},
		"Zephr's header, of a session that has ended": {secureURL, []string{"blaize-admin-session", "x"}, false},
		"Zephr's cookie":                              {secureURL, []string{"Cookie", "blaize_admin_session=viewer"}, true},
		"Zephr's later cookie":                        {plainURL, []string{"Cookie", "zephr_admin_session=viewer"}, true},
		"Zephr's cookie from a page":                  {secureURL, []string{"Cookie", "blaize_admin_session=viewer", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"}, false},
		"another cookie of Zephr":                     {secureURL, []string{"Cookie", "blaize_session=viewer"}, false},
		"our cookie before Zephr's":                   {secureURL, []string{"Cookie", "blaize_admin_session=x; __Host-egress_session=viewer"}, true},
		"Zephr's cookie next to ours that has ended":  {secureURL, []string{"Cookie", "blaize_admin_session=viewer; __Host-egress_session=x"}, false},
		"a header with a cookie of an ended session":  {plainURL, []string{"Cookie", "egress_session=x", "blaize-admin-session", "viewer"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(o *Options) { o.PublicURL = c.public })
			a := b.call("", "GET", "/v4/me", "", c.headers...)
			if (a.StatusCode == http.StatusOK) != c.good || !c.good && a.StatusCode != http.StatusUnauthorized {
				t.Errorf("%d: %s", a.StatusCode, a.body)
			}
		})
	}
}

func TestLoginReturnsItsCookie(t *testing.T) {
	t.Parallel()
	for public, name := range map[string]string{plainURL: "egress_session", secureURL: "__Host-egress_session"} {
		b := setup(t, func(o *Options) { o.PublicURL = public })
		b.auth.login = func(string, string, string) (string, error) { return "owner", nil }
		a := b.call("", "POST", "/v3/admin/login", credentials, "Cookie", "egress_session=viewer; blaize_admin_session=exporter")
		a.expect(200, "", "")
		set := ""
		for _, line := range a.Header.Values("Set-Cookie") {
			if strings.HasPrefix(line, name+"=owner; ") {
				set = strings.ToLower(line)
			}
		}
		if a.json("cookie") != name+"=owner" || !strings.Contains(set, "; path=/;") || strings.Contains(set, "domain=") ||
			strings.Contains(set, "; secure") != (public == secureURL) {
			t.Errorf("%s: %s, %q", public, a.body, a.Header.Values("Set-Cookie"))
		}
		for _, old := range []string{"viewer", "exporter"} { // the browser's previous sessions have ended
			b.call("", "GET", "/v4/me", "", "blaize-admin-session", old).expect(401, errs.CodeUnauthenticated, "")
		}
		if got, want := a.deletedCookies(), map[string][]string{plainURL: nil, secureURL: {"egress_session"}}[public]; !slices.Equal(got, want) {
			t.Errorf("%s drops %q, want %q", public, got, want)
		}
	}
}

func TestLogoutWithEveryCookieName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		public  string
		headers []string
		drops   []string
	}{
		"our cookie":                 {plainURL, []string{"Cookie", "egress_session=viewer"}, []string{"egress_session"}},
		"our cookie over https":      {secureURL, []string{"Cookie", "__Host-egress_session=viewer"}, []string{"__Host-egress_session"}},
		"one without the prefix":     {secureURL, []string{"Cookie", "egress_session=viewer"}, []string{"__Host-egress_session", "egress_session"}},
		"Zephr's cookie":             {secureURL, []string{"Cookie", "blaize_admin_session=viewer"}, []string{"__Host-egress_session", "blaize_admin_session"}},
		"Zephr's cookie in a page":   {plainURL, []string{"Cookie", "zephr_admin_session=viewer", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"}, []string{"egress_session", "zephr_admin_session"}},
		"Zephr's header":             {plainURL, []string{"blaize-admin-session", "viewer"}, []string{"egress_session"}},
		"one of several":             {plainURL, []string{"Cookie", "egress_session=x", "blaize-admin-session", "viewer"}, []string{"egress_session"}},
		"a header without a session": {plainURL, []string{"Cookie", "egress_session=viewer", "blaize-admin-session", "x"}, []string{"egress_session"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(o *Options) { o.PublicURL = c.public })
			a := b.call("", "POST", "/v3/admin/logout", "", c.headers...)
			a.expect(200, "", "")
			if got := a.deletedCookies(); !slices.Equal(got, c.drops) {
				t.Errorf("it drops %q, want %q", got, c.drops)
			}
			b.call("", "GET", "/v4/me", "", "blaize-admin-session", "viewer").expect(401, errs.CodeUnauthenticated, "")
		})
	}
}

// Over https, the next request deletes a cookie from the time before https, whatever the response.
func TestInsecureSessionCookieIsDeleted(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.PublicURL = secureURL })
	a := b.call("", "GET", "/v4/me", "", "Cookie", "egress_session=viewer")
	a.expect(401, errs.CodeUnauthenticated, "")
	if got := a.deletedCookies(); !slices.Equal(got, []string{"egress_session"}) {
		t.Errorf("it drops %q", got)
	}
	if a := b.call("", "GET", "/v4/me", "", "Cookie", "__Host-egress_session=viewer"); len(a.deletedCookies()) != 0 {
		t.Errorf("it drops %q", a.deletedCookies())
	}
}

// The cross-site rules apply to every name of the session cookie.
func TestCrossSiteCheckWithEveryCookie(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"egress_session", "blaize_admin_session", "zephr_admin_session"} {
		for _, from := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			headers := append([]string{"Cookie", name + "=owner"}, from...)
			b.call("", "PUT", "/v4/features/feature.asyncUserExport.enabled", `{"enabled":false}`, headers...).expect(403, errs.CodeCrossSiteRequest, "")
			b.call("", "GET", "/v4/user-export", "", headers...).expect(403, errs.CodeCrossSiteRequest, "")
			b.call("", "POST", "/v3/admin/logout", "", headers...).expect(403, errs.CodeCrossSiteRequest, "")
		}
	}
	if !b.flags[export.FeatureAsync] {
		t.Error("a feature was switched")
	}
	b.call("owner", "GET", "/v4/me", "").expect(200, "", "")
}

// A GET with a cookie only starts no work: browsers that do not send Sec-Fetch-Site add the cookie
// to every link.
func TestCookieOnlyRequestStartsNoWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, route := range Policy() {
		if !route.StartsWork {
			continue
		}
		target := strings.NewReplacer(":jobId", "j", ":kind", "users").Replace(route.Path)
		for _, name := range []string{"egress_session", "blaize_admin_session", "zephr_admin_session"} {
			a := b.call("", "GET", target, "", "Cookie", name+"=owner", "Sec-Fetch-Site", "")
			a.expect(403, errs.CodeCrossSiteRequest, "")
			for _, word := range []string{"Sec-Fetch-Site: same-origin", "X-Requested-With", "key pair"} {
				if detail, _ := a.json("detail").(string); !strings.Contains(detail, word) {
					t.Errorf("%s: %q does not name %s", target, detail, word)
				}
			}
		}
		b.call("", "GET", target, "", "Sec-Fetch-Site", "").expect(401, errs.CodeUnauthenticated, "") // without any credential
	}
	started := 0
	b.jobs.create = func(jobs.Request) (*export.Job, bool, error) {
		started++
		return testJob("01exporter"), false, nil
	}
	for _, said := range [][]string{
		{"Cookie", "egress_session=exporter", "Sec-Fetch-Site", "none"},
		{"Cookie", "blaize_admin_session=exporter", "Sec-Fetch-Site", "same-origin"},
		{"Cookie", "egress_session=exporter", "Sec-Fetch-Site", "", "X-Requested-With", "egress"},
		{"Cookie", "egress_session=exporter", "Sec-Fetch-Site", "", "Origin", "http://example.com"},
		{"blaize-admin-session", "exporter", "Sec-Fetch-Site", ""},
		{"Authorization", signedBy("exporter"), "Sec-Fetch-Site", ""},
		{"Authorization", signedBy("exporter"), "Sec-Fetch-Site", "", "Cookie", "egress_session=exporter"},
	} {
		b.call("", "GET", "/v4/user-export", "", said...).expect(202, "", "")
	}
	b.call("", "GET", "/v4/user-export", "", "Cookie", "egress_session=exporter", "Sec-Fetch-Site", "cross-site", "X-Requested-With", "egress").
		expect(403, errs.CodeCrossSiteRequest, "")
	if started != 7 {
		t.Errorf("%d were started", started)
	}
	// A GET that starts no work does not need Sec-Fetch-Site.
	b.call("", "GET", "/v4/me", "", "Cookie", "egress_session=exporter", "Sec-Fetch-Site", "").expect(200, "", "")
}
