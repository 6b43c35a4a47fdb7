package auth

import (
	"context"
	"math"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// MaxKeyRequests is the maximum of KeyPair.RequestsPerMinute.
const MaxKeyRequests = 100_000

// maxPause is the maximum delay of a signed request that comes faster than its key pair's limit
// allows.
const maxPause = 2 * time.Second

// takeQuota takes one request from the pair's quota. After half of the quota it delays requests, so
// that the rest lasts until the window ends: a program that sends one request after another is not
// refused. CodeRateLimited if the quota is used up and a short delay does not help.
func (k *Keys) takeQuota(ctx context.Context, s *Signer) error {
	l := k.limitOf(s.Pair)
	s.Quota = Quota{Limit: l, Left: l.Events, Reset: l.Window}
	for last := false; ; last = true {
		n, reset, err := k.o.Throttle.Take(ctx, "key:"+s.Pair.AccessKey, l)
		if err != nil {
			k.logger.WarnContext(ctx, "cannot limit the requests of key pairs: the throttle failed", "error", err)
			return nil
		}
		s.Quota.Left, s.Quota.Reset = max(0, l.Events-n), reset
		paused := k.pause(ctx, s.Pair, pauseAfter(n, l, reset))
		switch {
		case n <= l.Events:
			return nil
		case !paused || last:
			e := errs.Errorf(errs.CodeRateLimited, "This key pair has reached its limit of %d requests in %s. Wait, then retry.", l.Events, l.Window)
			e.Details = map[string]any{"retryAfterSeconds": int(math.Ceil(reset.Seconds()))}
			return e
		}
	}
}

// limitOf returns the request limit of a pair.
func (k *Keys) limitOf(pair *KeyPair) Limit {
	l := k.o.Limit
	if pair.RequestsPerMinute > 0 {
		l = Limit{Events: pair.RequestsPerMinute, Window: time.Minute}
	}
	return l
}

// pauseAfter returns the delay of the request that is the n-th in a window of which reset is left:
// an equal share of that time for each remaining request, or all of it after the last one. It is 0
// if no delay is necessary, or a longer one than maxPause would be.
func pauseAfter(n int, l Limit, reset time.Duration) time.Duration {
	switch left := l.Events - n; {
	case left < 0 && reset > maxPause, left >= l.Events/2:
		return 0
	case left < 0:
		return reset
	default:
		return min(reset/time.Duration(left+1), maxPause)
	}
}

// pause delays a request, unless too many requests wait already. It reports whether it did.
func (k *Keys) pause(ctx context.Context, pair *KeyPair, d time.Duration) bool {
	if d <= 0 {
		return false
	}
	leave, ok := k.waiting.enter(pair.AccessKey)
	if !ok {
		return false
	}
	defer leave()
	return k.o.Wait(ctx, d) == nil
}
