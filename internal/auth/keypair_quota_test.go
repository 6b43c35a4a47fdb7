package auth

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// A program that sends one request after another is delayed, but never refused, whatever the time
// that a request takes, if its limit is 60 a minute or more: the pauses can then fill a minute.
func TestSequentialRequestsAreNotRefused(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{60, 61, 600} {
		for _, took := range []time.Duration{time.Microsecond, time.Millisecond, 90 * time.Millisecond, time.Second} {
			b := setupKeys(t, func(o *KeysOptions) { o.Limit = Limit{Events: limit, Window: time.Minute} })
			b.throttle.down = true // the windows of the local throttle end
			started := b.clock.now()
			n := 0
			for ; n < 3*limit && b.clock.now().Sub(started) < 5*time.Minute; n++ {
				if _, err := b.Verify(t.Context(), b.sign(signed, strconv.Itoa(n)), signed); err != nil {
					t.Fatalf("limit %d, %s each: request %d: %v", limit, took, n, err)
				}
				b.clock.advance(took)
			}
			if windows := int(b.clock.now().Sub(started)/time.Minute) + 1; n > windows*limit {
				t.Errorf("limit %d, %s each: %d requests in %d windows", limit, took, n, windows)
			}
			for _, d := range *b.waits {
				if d <= 0 || d > maxPause {
					t.Fatalf("limit %d, %s each: waited %s", limit, took, d)
				}
			}
		}
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()

	t.Run("does not delay the first half of a limit", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t, func(o *KeysOptions) { o.Limit = Limit{Events: 8, Window: time.Minute} })
		for n := range 5 {
			if _, err := b.Verify(t.Context(), b.sign(signed, strconv.Itoa(n)), signed); err != nil || (len(*b.waits) > 0) != (n == 4) {
				t.Errorf("request %d: waited %v, %v", n, *b.waits, err)
			}
		}
	})

	t.Run("of a pair replaces that of the server", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t, func(o *KeysOptions) { o.Limit = Limit{Events: 1, Window: time.Minute} })
		if err := b.Change(t.Context(), "orion", b.pair.AccessKey, KeyPairChange{RequestsPerMinute: new(3)}); err != nil {
			t.Fatal(err)
		}
		for n := range 4 {
			s, err := b.Verify(t.Context(), b.sign(signed, strconv.Itoa(n)), signed)
			if s == nil || s.Quota.Limit != (Limit{Events: 3, Window: time.Minute}) || (errs.CodeOf(err) == errs.CodeRateLimited) != (n == 3) {
				t.Errorf("request %d: %+v, %v", n, s, err)
			}
		}
		for _, n := range []int{-1, MaxKeyRequests + 1} {
			err := b.Change(t.Context(), "orion", b.pair.AccessKey, KeyPairChange{RequestsPerMinute: &n})
			if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != errs.CodeInvalidRequest || e.Field != "requests_per_minute" {
				t.Errorf("a limit of %d: %v", n, err)
			}
		}
	})

	t.Run("refuses requests that cannot wait", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t, func(o *KeysOptions) {
			o.Limit = Limit{Events: 1, Window: maxPause}
			o.Wait = func(context.Context, time.Duration) error { return context.Canceled }
		})
		if _, err := b.Verify(t.Context(), b.sign(signed, "1"), signed); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Verify(t.Context(), b.sign(signed, "2"), signed); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Errorf("%v", err)
		}
	})

	t.Run("delays a bounded number of requests of a pair", func(t *testing.T) {
		t.Parallel()
		k := Keys{o: KeysOptions{Wait: func(context.Context, time.Duration) error { return nil }}}
		for range maxWaitingPerAccount {
			k.waiting.enter("K")
		}
		if k.pause(t.Context(), &KeyPair{AccessKey: "K"}, time.Second) || !k.pause(t.Context(), &KeyPair{AccessKey: "L"}, time.Second) {
			t.Error("the requests of one pair take the room of others, or have no bound")
		}
	})
}
