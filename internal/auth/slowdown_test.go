package auth

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

func TestDelayAfter(t *testing.T) {
	t.Parallel()
	before := time.Duration(0)
	for n := range 2000 {
		d := delayAfter(n)
		if d < before || d > maxDelay || d > 0 != (n >= accountDelayLimit.Events) {
			t.Fatalf("after %d failures %s, after %d %s", n-1, before, n, d)
		}
		before = d
	}
	if before != maxDelay || delayAfter(accountDelayLimit.Events) != firstDelay || delayAfter(accountDelayLimit.Events+failuresPerDoubling) != 2*firstDelay {
		t.Errorf("the delay grows from %s to %s", delayAfter(accountDelayLimit.Events), before)
	}
}

func TestSlowDown(t *testing.T) {
	t.Parallel()

	t.Run("delays but does not refuse an account with many failures", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var waited []time.Duration
		b.attemptLimits.wait = func(_ context.Context, d time.Duration) error {
			waited = append(waited, d)
			return nil
		}
		f := b.throttle.failures
		for _, email := range []string{testEmail, "nobody@example.com"} { // whether it exists or not
			f[accountKey(email)] = accountDelayLimit.Events - 1
			for range 2 { // the first is the last without a delay
				if _, _, err := b.tryLogin(t, email, "wrong", "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeUnauthenticated {
					t.Errorf("%s: %v", email, err)
				}
			}
			f[accountKey(email)] = 100 * accountDelayLimit.Events
			if _, _, err := b.tryLogin(t, email, "wrong", "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeUnauthenticated {
				t.Errorf("%s: %v", email, err)
			}
		}
		if want := []time.Duration{firstDelay, maxDelay, firstDelay, maxDelay}; !slices.Equal(waited, want) {
			t.Errorf("waited %v, want %v", waited, want)
		}
		b.login(t)
	})

	t.Run("does not occupy a password slot while it waits", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.failures[accountKey(testEmail)] = accountDelayLimit.Events
		b.attemptLimits.wait = func(context.Context, time.Duration) error {
			if n := len(b.passwords.slots); n != 0 {
				t.Errorf("%d slots are taken", n)
			}
			return nil
		}
		b.login(t)
	})

	t.Run("refuses without a delay if the limit is reached", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.failures[accountKey(testEmail)] = accountDelayLimit.Events
		b.throttle.failures[accountAddressKey(testEmail, "192.0.2.1")] = accountAddressLimit.Events
		b.attemptLimits.wait = nil // it would panic
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Error(err)
		}
	})

	t.Run("checks the limit again after the delay", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.failures[accountKey(testEmail)] = accountDelayLimit.Events
		b.attemptLimits.wait = func(context.Context, time.Duration) error {
			b.throttle.failures[accountAddressKey(testEmail, "192.0.2.1")] = accountAddressLimit.Events // concurrent guesses
			return nil
		}
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Error(err)
		}
	})

	t.Run("limits the waiting attempts per account", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		f := b.throttle.failures
		f[accountKey(testEmail)], f[accountKey("other@example.com")] = accountDelayLimit.Events, accountDelayLimit.Events
		waiting, done, finish := make(chan struct{}), make(chan error), make(chan struct{})
		b.attemptLimits.wait = func(context.Context, time.Duration) error {
			waiting <- struct{}{}
			<-finish
			return context.Canceled // so that no hash is made
		}
		for range maxWaitingPerAccount {
			go func() {
				_, _, err := b.Login(context.WithoutCancel(t.Context()), Attempt{Email: testEmail, Password: "wrong", Address: "192.0.2.1"})
				done <- err
			}()
			<-waiting
		}
		_, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", "")
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != errs.CodeRateLimited || e.Details["retryAfterSeconds"] != 1 {
			t.Errorf("one too many: %v", err)
		}
		go func() {
			_, _, err := b.Login(context.WithoutCancel(t.Context()), Attempt{Email: "other@example.com", Password: "wrong", Address: "192.0.2.1"})
			done <- err
		}()
		<-waiting // there is room for another account
		close(finish)
		for range maxWaitingPerAccount + 1 {
			if err := <-done; errs.CodeOf(err) != errs.CodeRateLimited {
				t.Error(err)
			}
		}
		if b.waiting.total != 0 || len(b.waiting.by) != 0 {
			t.Errorf("places still taken: %+v", b.waiting.by)
		}
	})

	t.Run("limits the waiting attempts in total", func(t *testing.T) {
		t.Parallel()
		var room waitingRoom
		for i := range maxWaiting {
			if _, ok := room.enter(string(rune('a' + i))); !ok {
				t.Fatalf("the limit is %d places", i)
			}
		}
		if _, ok := room.enter("z"); ok {
			t.Error("the limit has one place too many")
		}
	})
}

func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := wait(t.Context(), 10*time.Second); err != nil || time.Since(start) != 10*time.Second {
			t.Errorf("waited %s: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if err := wait(ctx, 10*time.Second); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after the request ended, waited %s: %v", time.Since(start), err)
		}
	})
}
