package browse

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const countryGB = "country GB"

// blockingCount is a count that blocks until release is closed or its context ends.
type blockingCount struct {
	mu      sync.Mutex
	began   int
	ended   []error
	release chan struct{}
}

func (c *blockingCount) count(ctx context.Context) (int64, error) {
	c.mu.Lock()
	c.began++
	c.mu.Unlock()
	select {
	case <-c.release:
		return 7, nil
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ended = append(c.ended, context.Cause(ctx))
		return 0, ctx.Err()
	}
}

// startCount starts a count in a goroutine and waits until it blocks.
func startCount(ctx context.Context, s *singleFlight[int64], tenant string, c *blockingCount) <-chan error {
	got := make(chan error, 1)
	go func() {
		n, err := s.do(ctx, tenant, countryGB, c.count)
		if err == nil && n != 7 {
			err = errors.New("wrong number")
		}
		got <- err
	}()
	synctest.Wait()
	return got
}

// Concurrent callers wait for the running count, even if its first caller has left.
func TestConcurrentCallersShareOneCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &singleFlight[int64]{}, &blockingCount{release: make(chan struct{})}
		firstCtx, cancel := context.WithCancel(t.Context())
		first := startCount(firstCtx, s, "daily", c)
		second, third := startCount(t.Context(), s, "daily", c), startCount(t.Context(), s, "daily", c)
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the first caller: %v", err)
		}
		other := startCount(t.Context(), s, "weekly", c) // another key
		if c.began != 2 {
			t.Errorf("%d counts for two keys", c.began)
		}
		close(c.release)
		for _, got := range []<-chan error{second, third, other} {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if len(s.calls) != 0 {
			t.Errorf("%d calls are left", len(s.calls))
		}
	})
}

func TestCountWithoutCallersIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &singleFlight[int64]{}, &blockingCount{release: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		first, second := startCount(ctx, s, "daily", c), startCount(ctx, s, "daily", c)
		cancel()
		<-first
		<-second
		synctest.Wait()
		if len(c.ended) != 1 || !errors.Is(c.ended[0], context.Canceled) {
			t.Errorf("ended by %v", c.ended)
		}
		again := startCount(t.Context(), s, "daily", c) // starts a new count
		if c.began != 2 {
			t.Errorf("%d counts", c.began)
		}
		close(c.release)
		if err := <-again; err != nil {
			t.Error(err)
		}
	})
}

// A count ends at the deadline of its first caller.
func TestCountHasADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, limit := range []time.Duration{3 * time.Second, 0} {
			s, c := &singleFlight[int64]{}, &blockingCount{}
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if limit > 0 {
				ctx, cancel = context.WithTimeout(ctx, limit)
			} else {
				limit = defaultTimeout
			}
			begin := time.Now()
			_, err := s.do(ctx, "daily", countryGB, c.count)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != limit {
				t.Errorf("ended with %v after %s, want %s", err, time.Since(begin), limit)
			}
			cancel()
			synctest.Wait()
		}
	})
}
