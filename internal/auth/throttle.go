package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"
)

// Limit is how many events there may be within a window of time: failures, or requests.
type Limit struct {
	Events int
	Window time.Duration
}

// The limits of signing in.
var (
	accountLimit = Limit{Events: 10, Window: 15 * time.Minute}
	addressLimit = Limit{Events: 50, Window: 15 * time.Minute}
)

// Throttle counts events by key, for all servers together.
type Throttle interface {
	// Take counts an event, and returns how many the window has with it and how long it still lasts. The first event of a
	// window starts it.
	Take(ctx context.Context, key string, l Limit) (n int, left time.Duration, err error)
	// Blocked returns how long key has to wait, 0 where it may go on.
	Blocked(ctx context.Context, key string, l Limit) (time.Duration, error)
	// Failed counts a failure. The first one of a window starts it.
	Failed(ctx context.Context, key string, l Limit) error
	// Forget drops the failures of key.
	Forget(ctx context.Context, key string) error
}

// accountKey names an account without telling its address.
func accountKey(email string) string {
	sum := sha256.Sum256([]byte(email))
	return "login:account:" + hex.EncodeToString(sum[:16])
}

// addressKey names where a request comes from. One customer has a whole /64 of IPv6.
func addressKey(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "login:address:unknown"
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		p, _ := a.Prefix(64) // of an IPv6 address always possible
		return "login:address:" + p.Masked().String()
	}
	return "login:address:" + a.String()
}
