package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"
)

// Limit is how many failures there may be within a window of time.
type Limit struct {
	Failures int
	Window   time.Duration
}

// The limits of signing in.
var (
	accountLimit = Limit{Failures: 10, Window: 15 * time.Minute}
	addressLimit = Limit{Failures: 50, Window: 15 * time.Minute}
)

// Throttle counts failures by key, for all servers together.
type Throttle interface {
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
