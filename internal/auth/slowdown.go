package auth

import (
	"context"
	"sync"
	"time"
)

// The delay of attempts after too many failures of an account over all IP addresses.
const (
	firstDelay          = time.Second
	failuresPerDoubling = 50 // failures after which the delay doubles
	maxDelay            = 10 * time.Second
)

// The maximum numbers of requests in a waitingRoom.
const (
	maxWaiting           = 256
	maxWaitingPerAccount = 16
)

// delayAfter returns the delay of an attempt after n failures of the account.
func delayAfter(n int) time.Duration {
	over := n - accountDelayLimit.Events
	if over < 0 {
		return 0
	}
	delay := firstDelay
	for ; over >= failuresPerDoubling && delay < maxDelay; over -= failuresPerDoubling {
		delay *= 2
	}
	return min(delay, maxDelay)
}

// slowDown delays an attempt after many failures of the account. It does not occupy a password slot
// while it waits. CodeRateLimited if too many attempts already wait, or the request ends first.
func (s *attemptLimits) slowDown(ctx context.Context, b throttleKeys) error {
	if b.delay == "" {
		return nil
	}
	n, _, err := s.throttle.Count(ctx, b.delay)
	if err != nil {
		s.logThrottleError(ctx, err)
		return nil
	}
	delay := delayAfter(n)
	if delay == 0 {
		return nil
	}
	if err := s.checkLimits(ctx, b); err != nil { // refuse at once instead of after the delay
		return err
	}
	leave, ok := s.waiting.enter(b.delay)
	if !ok {
		return errTooManyAttempts(delay)
	}
	defer leave()
	if err := s.wait(ctx, delay); err != nil {
		return errTooManyAttempts(delay)
	}
	return nil
}

// wait blocks for d. If ctx ends first it returns the error of ctx.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// waitingRoom limits the number of waiting requests, in total and per account or key pair, so that
// those of one leave room for others.
type waitingRoom struct {
	mu    sync.Mutex
	by    map[string]int // never holds 0
	total int
}

// enter takes a place and returns the function that frees it. ok is false if there is no place.
func (r *waitingRoom) enter(account string) (leave func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.total >= maxWaiting || r.by[account] >= maxWaitingPerAccount {
		return nil, false
	}
	if r.by == nil {
		r.by = map[string]int{}
	}
	r.by[account]++
	r.total++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.total--
		if r.by[account]--; r.by[account] == 0 {
			delete(r.by, account)
		}
	}, true
}
