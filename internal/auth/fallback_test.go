package auth

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

type fallback struct {
	*FallbackThrottle
	shared *fakeThrottle
	clock  *clock
	log    *bytes.Buffer
}

func setupFallback(t *testing.T) fallback {
	t.Helper()
	f := fallback{
		shared: &fakeThrottle{failures: map[string]int{}}, clock: &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)},
		log: &bytes.Buffer{},
	}
	f.FallbackThrottle = NewFallbackThrottle(f.shared, f.clock.now, slog.New(slog.NewTextHandler(f.log, nil)))
	return f
}

func TestFallback(t *testing.T) {
	t.Parallel()
	limit := Limit{Events: 3, Window: time.Minute}
	take := func(t *testing.T, f fallback, want int) {
		t.Helper()
		if n, left, err := f.Take(t.Context(), "k", limit); n != want || left <= 0 || left > limit.Window || err != nil {
			t.Errorf("Take: %d for %s, %v; want %d", n, left, err, want)
		}
	}

	t.Run("counts with the shared throttle while it works", func(t *testing.T) {
		t.Parallel()
		f := setupFallback(t)
		take(t, f, 1)
		if err := f.CountFailure(t.Context(), "k", limit); err != nil || f.shared.failures["k"] != 2 {
			t.Errorf("%v, %v", f.shared.failures, err)
		}
		if n, _, err := f.Count(t.Context(), "k"); n != 2 || err != nil {
			t.Errorf("Count: %d, %v", n, err)
		}
		if err := f.ResetCount(t.Context(), "k"); err != nil || f.shared.failures["k"] != 0 || len(f.local.windows) != 0 || f.log.Len() != 0 {
			t.Errorf("%v, %v, %s", f.shared.failures, err, f.log)
		}
	})

	t.Run("counts locally while the shared throttle is down, and logs it once", func(t *testing.T) {
		t.Parallel()
		f := setupFallback(t)
		f.shared.down = true
		for i := range limit.Events {
			if wait, err := f.RetryAfter(t.Context(), "k", limit); wait != 0 || err != nil {
				t.Errorf("blocked after %d: %s, %v", i, wait, err)
			}
			take(t, f, i+1)
			f.clock.advance(6 * time.Second) // so that it is asked each time
		}
		if wait, err := f.RetryAfter(t.Context(), "k", limit); wait != 42*time.Second || err != nil {
			t.Errorf("blocked for %s, %v", wait, err)
		}
		if n := strings.Count(f.log.String(), "\n"); n != 1 || !strings.Contains(f.log.String(), "level=WARN") {
			t.Errorf("%d lines: %s", n, f.log)
		}
		f.clock.advance(42 * time.Second)
		if wait, err := f.RetryAfter(t.Context(), "k", limit); wait != 0 || err != nil {
			t.Errorf("blocked for %s after the window, %v", wait, err)
		}
		take(t, f, 1)
		if err := f.ResetCount(t.Context(), "k"); err != nil {
			t.Error(err)
		}
		take(t, f, 1)
	})

	t.Run("retries the shared throttle and uses it again", func(t *testing.T) {
		t.Parallel()
		f := setupFallback(t)
		f.shared.down = true
		take(t, f, 1)
		f.shared.down = false
		f.clock.advance(retryInterval - 1)
		take(t, f, 2) // each call would cost the time until it gives up
		f.clock.advance(1)
		take(t, f, 1)
		if f.shared.failures["k"] != 1 || !strings.Contains(f.log.String(), "again") {
			t.Errorf("%v, %s", f.shared.failures, f.log)
		}
	})

	t.Run("counts locally while the shared throttle only answers reads, like a full Redis", func(t *testing.T) {
		t.Parallel()
		f := setupFallback(t)
		f.shared.full = true
		refused := 0
		for range 20 {
			if wait, err := f.RetryAfter(t.Context(), "k", limit); err != nil {
				t.Fatal(err)
			} else if wait > 0 {
				refused++
			} else if err := f.CountFailure(t.Context(), "k", limit); err != nil {
				t.Fatal(err)
			}
			f.clock.advance(retryInterval / 2)
		}
		// 50 s: one window, so three guesses.
		if refused != 17 {
			t.Errorf("%d of 20 guesses were refused, want 17", refused)
		}
		if n := strings.Count(f.log.String(), "again"); n != 0 {
			t.Errorf("the log says that the shared throttle works: %s", f.log)
		}
		f.clock.advance(time.Minute)
		f.shared.full = false
		take(t, f, 1)
		if f.shared.failures["k"] != 1 {
			t.Errorf("the shared throttle is not used again: %v", f.shared.failures)
		}
	})

	t.Run("ignores the error of a cancelled request", func(t *testing.T) {
		t.Parallel()
		f := setupFallback(t)
		f.shared.down = true
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if n, _, err := f.Take(ctx, "k", limit); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if f.down || f.log.Len() != 0 {
			t.Errorf("down: %s", f.log)
		}
	})

	t.Run("limits guesses at a password without Redis", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.down = true
		b.Service.throttle = NewFallbackThrottle(b.throttle, b.clock.now, nil)
		for range accountAddressLimit.Events - 1 { // each costs a hash where it goes through Login
			b.countFailure(t.Context(), b.throttleKeysOf([]Admin{*b.admin}, Attempt{Email: testEmail, Address: "192.0.2.1"}))
		}
		if _, _, err := b.tryLogin(t, testEmail, "wrong", "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Fatal(err)
		}
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Errorf("the eleventh: %v", err)
		}
	})
}

func TestMemoryThrottleIsBounded(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	own := newMemoryThrottle(c.now)
	own.max = 10 // fewer than the sample size, so the evicted window is predictable
	for i := range 30 {
		own.take(strconv.Itoa(i), Limit{Events: 1, Window: time.Minute})
		c.advance(time.Millisecond)
	}
	if n, _ := own.count("20"); len(own.windows) != 10 || n != 1 {
		t.Errorf("%d windows: %v", len(own.windows), own.windows)
	}
}
