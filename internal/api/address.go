package api

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// address is where a request comes from: the peer, or, where that is a proxy that is trusted, the last address before
// the trusted ones in X-Forwarded-For. What stands further left could have been written by anyone.
func (s *server) address(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	at := peer.Unmap()
	hops := c.Request().Header.PeekAll(fiber.HeaderXForwardedFor)
	for _, header := range slices.Backward(hops) {
		for _, hop := range slices.Backward(strings.Split(string(header), ",")) {
			if !s.trusts(at) {
				return at
			}
			before, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil {
				return at
			}
			at = before.Unmap()
		}
	}
	return at
}

func (s *server) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}
