package api

import (
	"net"
	"net/netip"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestClientAddressBehindProxies(t *testing.T) {
	t.Parallel()
	s := &clientAddresses{proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	for name, c := range map[string]struct {
		peer    string
		headers []string
		want    string
	}{
		"no proxy":                              {peer: "192.0.2.7", want: "192.0.2.7"},
		"a header from an untrusted peer":       {peer: "192.0.2.7", headers: []string{"198.51.100.1"}, want: "192.0.2.7"},
		"a trusted proxy":                       {peer: "10.1.1.1", headers: []string{"198.51.100.1"}, want: "198.51.100.1"},
		"two trusted proxies":                   {peer: "10.1.1.1", headers: []string{"198.51.100.1, 10.2.2.2"}, want: "198.51.100.1"},
		"an address that the client wrote":      {peer: "10.1.1.1", headers: []string{"203.0.113.9, 198.51.100.1"}, want: "198.51.100.1"},
		"several headers":                       {peer: "10.1.1.1", headers: []string{"203.0.113.9", "198.51.100.1, 10.2.2.2"}, want: "198.51.100.1"},
		"nonsense":                              {peer: "10.1.1.1", headers: []string{"unknown"}, want: "10.1.1.1"},
		"trusted addresses only":                {peer: "10.1.1.1", headers: []string{"10.3.3.3"}, want: "10.3.3.3"},
		"a port":                                {peer: "10.1.1.1", headers: []string{"1.1.1.1:8080"}, want: "1.1.1.1"},
		"a port in the header":                  {peer: "10.1.1.1", headers: []string{"198.51.100.1:443, 10.2.2.2:51000"}, want: "198.51.100.1"},
		"IPv6 with a port":                      {peer: "10.1.1.1", headers: []string{"[2001:db8::1]:80"}, want: "2001:db8::1"},
		"IPv6 in brackets":                      {peer: "10.1.1.1", headers: []string{"[2001:db8::1]"}, want: "2001:db8::1"},
		"loopback, trusted, no further":         {peer: "10.1.1.1", headers: []string{"[::1]:80"}, want: "::1"},
		"loopback in brackets":                  {peer: "10.1.1.1", headers: []string{"198.51.100.1, [::1]"}, want: "198.51.100.1"},
		"IPv4 in IPv6 with a port":              {peer: "10.1.1.1", headers: []string{"[::ffff:198.51.100.1]:80"}, want: "198.51.100.1"},
		"a zone":                                {peer: "10.1.1.1", headers: []string{"fe80::1%eth0"}, want: "fe80::1"},
		"empty":                                 {peer: "10.1.1.1", headers: []string{""}, want: "10.1.1.1"},
		"only a port":                           {peer: "10.1.1.1", headers: []string{":80"}, want: "10.1.1.1"},
		"an invalid port":                       {peer: "10.1.1.1", headers: []string{"1.1.1.1:http"}, want: "10.1.1.1"},
		"a port too large":                      {peer: "10.1.1.1", headers: []string{"1.1.1.1:65536"}, want: "10.1.1.1"},
		"an open bracket":                       {peer: "10.1.1.1", headers: []string{"[2001:db8::1"}, want: "10.1.1.1"},
		"IPv4 in brackets":                      {peer: "10.1.1.1", headers: []string{"[1.1.1.1]"}, want: "10.1.1.1"},
		"IPv4 in brackets with a port":          {peer: "10.1.1.1", headers: []string{"[1.1.1.1]:80"}, want: "10.1.1.1"},
		"a host name":                           {peer: "10.1.1.1", headers: []string{"client.example:80"}, want: "10.1.1.1"},
		"an obfuscated name":                    {peer: "10.1.1.1", headers: []string{"_hidden"}, want: "10.1.1.1"},
		"an invalid address before a valid one": {peer: "10.1.1.1", headers: []string{"%00, 198.51.100.1:9"}, want: "198.51.100.1"},
		"IPv4 in IPv6":                          {peer: "::ffff:10.1.1.1", headers: []string{"2001:db8::1"}, want: "2001:db8::1"},
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
			if got := s.clientAddress(ctx).String(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
