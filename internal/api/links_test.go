package api

import (
	"fmt"
	"net/netip"
	"net/url"
	"testing"
)

// relativeURL returns the path and query of an absolute URL in a response.
func relativeURL(t *testing.T, link any) string {
	t.Helper()
	text, _ := link.(string)
	u, err := url.Parse(text)
	if err != nil || !u.IsAbs() {
		t.Fatalf("%v is not an absolute URL: %v", link, err)
	}
	return u.RequestURI()
}

func TestUserExportLinks(t *testing.T) {
	t.Parallel()
	configured := func(o *Options) { o.LinkURL = "https://egress.example.com/" }
	proxied := func(o *Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} }
	for name, c := range map[string]struct {
		change  func(*Options)
		headers []string
		want    string
	}{
		"of the configured URL":              {configured, []string{"Host", "evil.example"}, "https://egress.example.com"},
		"of the request":                     {func(*Options) {}, []string{"Host", "egress.internal:8080"}, "http://egress.internal:8080"},
		"of an address":                      {func(*Options) {}, []string{"Host", "[::1]:8080"}, "http://[::1]:8080"},
		"of a request by https over a proxy": {proxied, []string{"Host", "egress.example", "X-Forwarded-Proto", "https"}, "https://egress.example"},
		"whatever an unknown peer claims":    {func(*Options) {}, []string{"Host", "egress.example", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example"}, "http://egress.example"},
		"not of an invalid host":             {func(o *Options) { o.PublicURL = "http://localhost:8080" }, []string{"Host", `a"><b>`}, "http://localhost:8080"},
	} {
		b, _, _ := setupUsers(t, 3, c.change)
		a := b.call("exporter", "GET", "/v3/user-export?grants&attr=a%26b.equals.c%252Cd&appIds=x&appIds=y+z&since=&rpp=1&page=2", "", c.headers...)
		a.expect(200, "", "")
		for link, page := range map[string]int{"first": 1, "previous": 1, "next": 3, "last": 3} {
			want := fmt.Sprintf("%s/v3/user-export?appIds=x%%2Cy+z&attr=a%%26b.equals.c%%252Cd&grants=true&page=%d&rpp=1", c.want, page)
			if got := a.json("links", link, "url"); got != want {
				t.Errorf("%s: %s is %v, want %s", name, link, got, want)
			}
		}
	}
}
