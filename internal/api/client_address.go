package api

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// clientAddresses finds out the IP addresses of clients.
type clientAddresses struct {
	proxies []netip.Prefix // trusted
}

// clientAddress returns the IP address of the client: the peer or, if that is a trusted proxy, the
// last address before the trusted proxies in X-Forwarded-For. Addresses further left are ignored,
// because any client can write them.
func (a *clientAddresses) clientAddress(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	at := peer.Unmap()
	hops := c.Request().Header.PeekAll(fiber.HeaderXForwardedFor)
	for _, header := range slices.Backward(hops) {
		for _, hop := range slices.Backward(strings.Split(string(header), ",")) {
			if !a.isTrustedProxy(at) {
				return at
			}
			previous, ok := parseHop(strings.TrimSpace(hop))
			if !ok {
				return at
			}
			at = previous
		}
	}
	return at
}

// parseHop parses one element of X-Forwarded-For: an address, optionally with a port or with
// brackets around IPv6 (1.1.1.1:8080, [::1]:80, [::1]).
func parseHop(hop string) (a netip.Addr, ok bool) {
	a, err := netip.ParseAddr(hop)
	for _, form := range []string{hop, hop + ":0"} { // the second form: brackets without a port
		if err != nil {
			var with netip.AddrPort
			with, err = netip.ParseAddrPort(form)
			a = with.Addr()
		}
	}
	return a.Unmap().WithZone(""), err == nil
}

func (a *clientAddresses) isTrustedProxy(address netip.Addr) bool {
	return slices.ContainsFunc(a.proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}
