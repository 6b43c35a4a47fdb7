package limiter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var small = Options{Total: 3, PerTenant: 2, Waiting: 2, Wait: 5 * time.Second}

// acquire takes n available permits.
func acquire(t *testing.T, l *Limiter, tenant string, n int) (release []func()) {
	t.Helper()
	for range n {
		f, err := l.Acquire(t.Context(), tenant)
		if err != nil {
			t.Fatalf("%s: %v", tenant, err)
		}
		release = append(release, f)
	}
	return release
}

// waiter is a request that waits for a permit.
type waiter struct {
	release func()
	err     error
	after   time.Duration // how long it waited
	done    chan struct{}
}

// acquireAsync starts a request and returns when it waits or has ended.
func acquireAsync(ctx context.Context, l *Limiter, tenant string) *waiter {
	w := &waiter{done: make(chan struct{})}
	go func() {
		defer close(w.done)
		begin := time.Now()
		w.release, w.err = l.Acquire(ctx, tenant)
		w.after = time.Since(begin)
	}()
	synctest.Wait()
	return w
}

func (w *waiter) acquired() bool {
	synctest.Wait()
	select {
	case <-w.done:
		return w.err == nil
	default:
		return false
	}
}

func checkEmpty(t *testing.T, l *Limiter) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held != 0 || len(l.tenants) != 0 || len(l.queue) != 0 {
		t.Errorf("left over: %d permits held, %d tenants, %d in the queue", l.held, len(l.tenants), len(l.queue))
	}
}

func TestTenantAtItsLimitLeavesPermitsToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(small)
		held := acquire(t, l, "a", 2)
		waits := []*waiter{acquireAsync(t.Context(), l, "a"), acquireAsync(t.Context(), l, "a")}
		if _, err := l.Acquire(t.Context(), "a"); !errors.Is(err, ErrTenantBusy) {
			t.Errorf("more waiting requests than allowed: %v", err)
		}
		b := acquire(t, l, "b", 1)
		if waits[0].acquired() {
			t.Error("a tenant holds more permits than PerTenant")
		}
		held[0]()
		held[0]() // has no effect
		if !waits[0].acquired() || waits[1].acquired() {
			t.Error("not exactly the first waiting request got the permit")
		}
		waits[0].release()
		if !waits[1].acquired() {
			t.Error("the second waiting request got no permit")
		}
		waits[1].release()
		held[1]()
		b[0]()
		checkEmpty(t, l)
	})
}

func TestWaitingTenantsGetPermitsInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Total: 2, PerTenant: 1, Waiting: 9, Wait: time.Hour})
		held := append(acquire(t, l, "x", 1), acquire(t, l, "y", 1)...)
		var all []*waiter
		var order []string
		var mu sync.Mutex
		for _, tenant := range []string{"a", "a", "a", "a", "b", "b", "c"} {
			w := acquireAsync(t.Context(), l, tenant)
			all = append(all, w)
			go func() {
				<-w.done
				mu.Lock()
				defer mu.Unlock()
				order = append(order, tenant)
			}()
		}
		held[0]() // one permit is passed on, the other stays held
		for range all {
			synctest.Wait()
			for _, w := range all {
				if w.acquired() && w.release != nil {
					release := w.release
					w.release = nil
					release()
					break
				}
			}
		}
		held[1]()
		synctest.Wait()
		if got := fmt.Sprint(order); got != "[a b c a b a a]" {
			t.Errorf("order %s", got)
		}
		checkEmpty(t, l)
	})
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(small)
		held := acquire(t, l, "a", 2)
		gone := errors.New("the client closed the connection")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancelled, waits := acquireAsync(ctx, l, "a"), acquireAsync(t.Context(), l, "a")
		cancel(gone)
		<-cancelled.done
		if !errors.Is(cancelled.err, gone) || cancelled.after != 0 {
			t.Errorf("the cancelled request: %v after %s", cancelled.err, cancelled.after)
		}
		<-waits.done
		if !errors.Is(waits.err, ErrTenantBusy) || waits.after != small.Wait {
			t.Errorf("the waiting request: %v after %s", waits.err, waits.after)
		}
		b := acquire(t, l, "b", 1)
		c := acquireAsync(t.Context(), l, "c")
		<-c.done
		if !errors.Is(c.err, ErrServerBusy) {
			t.Errorf("if others hold all permits: %v", c.err)
		}
		for _, release := range append(held, b...) {
			release()
		}
		checkEmpty(t, l)
	})
}

// The limits hold for any interleaving of requests, and no state remains.
func TestLimitsHoldUnderLoad(t *testing.T) {
	t.Parallel()
	l := New(Options{Total: 5, PerTenant: 2, Waiting: 3, Wait: time.Millisecond})
	var running atomic.Int64
	var each [4]atomic.Int64
	var entered atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			for j := range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				if (i+j)%7 == 0 {
					cancel()
				}
				release, err := l.Acquire(ctx, fmt.Sprint(i%4))
				if err == nil {
					entered.Add(1)
					if n := running.Add(1); n > 5 {
						t.Errorf("%d run", n)
					}
					if n := each[i%4].Add(1); n > 2 {
						t.Errorf("%d of a tenant run", n)
					}
					each[i%4].Add(-1)
					running.Add(-1)
					release()
				}
				cancel()
			}
		})
	}
	all.Wait()
	if entered.Load() == 0 {
		t.Error("no request got a permit")
	}
	checkEmpty(t, l)
}
