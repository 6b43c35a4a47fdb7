package api

import (
	"net"
	"net/netip"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestAddressBehindProxies(t *testing.T) {
	t.Parallel()
	s := &server{proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	for name, c := range map[string]struct {
		peer    string
		headers []string
		want    string
	}{
		"nobody in between":            {peer: "192.0.2.7", want: "192.0.2.7"},
		"a header of a stranger":       {peer: "192.0.2.7", headers: []string{"198.51.100.1"}, want: "192.0.2.7"},
		"a trusted proxy":              {peer: "10.1.1.1", headers: []string{"198.51.100.1"}, want: "198.51.100.1"},
		"two trusted proxies":          {peer: "10.1.1.1", headers: []string{"198.51.100.1, 10.2.2.2"}, want: "198.51.100.1"},
		"what the client itself wrote": {peer: "10.1.1.1", headers: []string{"203.0.113.9, 198.51.100.1"}, want: "198.51.100.1"},
		"several headers":              {peer: "10.1.1.1", headers: []string{"203.0.113.9", "198.51.100.1, 10.2.2.2"}, want: "198.51.100.1"},
		"nonsense":                     {peer: "10.1.1.1", headers: []string{"unknown"}, want: "10.1.1.1"},
		"only trusted ones":            {peer: "10.1.1.1", headers: []string{"10.3.3.3"}, want: "10.3.3.3"},
		"IPv4 in IPv6":                 {peer: "::ffff:10.1.1.1", headers: []string{"2001:db8::1"}, want: "2001:db8::1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := fiber.New()
			var request fasthttp.RequestCtx
			request.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.ParseIP(c.peer)}, nil)
			for _, h := range c.headers {
				request.Request.Header.Add(fiber.HeaderXForwardedFor, h)
			}
			ctx := app.AcquireCtx(&request)
			defer app.ReleaseCtx(ctx)
			if got := s.address(ctx).String(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
