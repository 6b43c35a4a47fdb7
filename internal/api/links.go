package api

import (
	"cmp"
	"net/netip"
	"regexp"

	"github.com/gofiber/fiber/v2"
)

// links makes absolute URLs in responses.
type links struct {
	*clientAddresses

	configured string // EGRESS_PUBLIC_URL without a path; or ""
	fallback   string // the server's own origin; or ""
}

var validHost = regexp.MustCompile(`^[A-Za-z0-9._-]+(:[0-9]+)?$|^\[[0-9A-Fa-f:.]+\](:[0-9]+)?$`)

// origin returns the scheme and host of URLs in the response to a request: the configured public
// URL, otherwise those of the request. Only the client that sent a Host header receives it: such
// responses are not cached. The scheme is https if a trusted proxy says so in X-Forwarded-Proto.
func (l *links) origin(c *fiber.Ctx) string {
	host := string(c.Context().Host())
	if l.configured != "" || !validHost.MatchString(host) {
		return cmp.Or(l.configured, l.fallback)
	}
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	if c.Get(fiber.HeaderXForwardedProto) == "https" && l.isTrustedProxy(peer.Unmap()) {
		return "https://" + host
	}
	return "http://" + host
}
