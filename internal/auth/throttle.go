package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"
)

// Limit is the maximum number of events (failures or requests) in a window of time.
type Limit struct {
	Events int
	Window time.Duration
}

// The limits of failed log-ins.
var (
	accountAddressLimit = Limit{Events: 10, Window: 15 * time.Minute} // per e-mail address and IP address
	addressLimit        = Limit{Events: 50, Window: 15 * time.Minute} // per IP address
	deviceLimit         = Limit{Events: 10, Window: 15 * time.Minute} // per device that has logged in before

	// accountDelayLimit is per e-mail address, over all IP addresses. Failures above it delay
	// attempts but never refuse them.
	accountDelayLimit = Limit{Events: 100, Window: 15 * time.Minute}
)

// Throttle counts events by key, for all servers together.
type Throttle interface {
	// Take counts an event. It returns the number of events in the window, including this one, and
	// the time until the window ends. The first event starts the window.
	Take(ctx context.Context, key string, l Limit) (n int, left time.Duration, err error)
	// Count returns the number of events in the window of key and the time until it ends. It does
	// not count an event.
	Count(ctx context.Context, key string) (n int, left time.Duration, err error)
	// RetryAfter returns how long key is blocked; 0 if it is not.
	RetryAfter(ctx context.Context, key string, l Limit) (time.Duration, error)
	// CountFailure counts a failure. The first failure starts the window.
	CountFailure(ctx context.Context, key string, l Limit) error
	// ResetCount resets the count of key.
	ResetCount(ctx context.Context, key string) error
}

// accountKey returns the throttle key of an e-mail address. The key does not contain the address.
func accountKey(email string) string {
	sum := sha256.Sum256([]byte(email))
	return "login:account:" + hex.EncodeToString(sum[:16])
}

// accountAddressKey returns the throttle key of an e-mail address together with an IP address.
func accountAddressKey(email, address string) string {
	return accountKey(email) + ":" + addressKey(address)
}

// deviceKey returns the throttle key of a device id.
func deviceKey(id string) string { return "login:device:" + id }

// addressKey returns the throttle key of an IP address. An IPv6 address counts as its /64 prefix,
// because one customer has a whole prefix.
func addressKey(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "login:address:unknown"
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		p, _ := a.Prefix(64) // always valid for an IPv6 address
		return "login:address:" + p.Masked().String()
	}
	return "login:address:" + a.String()
}
