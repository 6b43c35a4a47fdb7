package auth

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// FallbackThrottle is a Throttle that counts in this process while the shared one fails. Each process then
// allows the full limit on its own. Only a counted event proves that the shared throttle works
// again: a full Redis answers reads but cannot count.
type FallbackThrottle struct {
	shared Throttle
	local  *memoryThrottle
	now    func() time.Time
	logger *slog.Logger

	mu         sync.Mutex
	down       bool
	retryAt    time.Time // when the shared throttle is tried again
	lastLogged time.Time
}

var _ Throttle = (*FallbackThrottle)(nil)

// The intervals at which a failing throttle is tried again, and at which its failure is logged.
// Each try delays a log-in until the try times out.
const (
	retryInterval = 5 * time.Second
	logInterval   = time.Minute
)

// NewFallbackThrottle returns a Fallback of shared. A nil now means time.Now, a nil logger means no
// logging.
func NewFallbackThrottle(shared Throttle, now func() time.Time, logger *slog.Logger) *FallbackThrottle {
	if now == nil {
		now = time.Now
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &FallbackThrottle{shared: shared, local: newMemoryThrottle(now), now: now, logger: logger.With("component", "auth")}
}

// Take implements Throttle.
func (f *FallbackThrottle) Take(ctx context.Context, key string, l Limit) (n int, left time.Duration, err error) {
	if f.canCount() {
		if n, left, err = f.shared.Take(ctx, key, l); f.succeeded(ctx, err) {
			f.markUp(ctx)
			return n, left, nil
		}
	}
	n, left = f.local.take(key, l)
	return n, left, nil
}

// Count implements Throttle.
func (f *FallbackThrottle) Count(ctx context.Context, key string) (n int, left time.Duration, err error) {
	if f.canRead() {
		if n, left, err = f.shared.Count(ctx, key); f.succeeded(ctx, err) {
			return n, left, nil
		}
	}
	n, left = f.local.count(key)
	return n, left, nil
}

// RetryAfter implements Throttle.
func (f *FallbackThrottle) RetryAfter(ctx context.Context, key string, l Limit) (time.Duration, error) {
	if f.canRead() {
		if left, err := f.shared.RetryAfter(ctx, key, l); f.succeeded(ctx, err) {
			return left, nil
		}
	}
	n, left := f.local.count(key)
	if n < l.Events {
		return 0, nil
	}
	return left, nil
}

// CountFailure implements Throttle.
func (f *FallbackThrottle) CountFailure(ctx context.Context, key string, l Limit) error {
	_, _, err := f.Take(ctx, key, l)
	return err
}

// ResetCount implements Throttle. It always resets the local count, too.
func (f *FallbackThrottle) ResetCount(ctx context.Context, key string) error {
	f.local.forget(key)
	if f.canCount() {
		f.succeeded(ctx, f.shared.ResetCount(ctx, key))
	}
	return nil
}

// canRead reports whether to read from the shared throttle.
func (f *FallbackThrottle) canRead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.down
}

// markUp records that the shared throttle counted an event.
func (f *FallbackThrottle) markUp(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		f.down = false
		f.logger.InfoContext(ctx, "Redis responds again: all servers share their limits")
	}
}

// canCount reports whether to count with the shared throttle.
func (f *FallbackThrottle) canCount() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.down || !f.now().Before(f.retryAt)
}

// succeeded records the result of a call to the shared throttle and reports whether it succeeded.
// An error of a cancelled request does not count as a failure.
func (f *FallbackThrottle) succeeded(ctx context.Context, err error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch now := f.now(); {
	case err == nil:
	case ctx.Err() != nil:
		return false
	default:
		f.down, f.retryAt = true, now.Add(retryInterval)
		if f.lastLogged.IsZero() || now.Sub(f.lastLogged) >= logInterval {
			f.lastLogged = now
			f.logger.WarnContext(ctx, "Redis does not respond: each server counts limits on its own", "error", err)
		}
	}
	return err == nil
}
