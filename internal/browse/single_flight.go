package browse

import (
	"context"
	"sync"
	"time"
)

// defaultTimeout bounds a query whose first caller has no deadline.
const defaultTimeout = time.Minute

// singleFlight merges concurrent calls for the same query, which may scan all users: they wait for
// one result. It cancels a query when no caller waits for it any more.
type singleFlight[T any] struct {
	// ttl returns how long to cache a result, given how long the query took; nil: results are not
	// cached.
	ttl func(took time.Duration) time.Duration
	// version returns the number of this process's writes of users of a tenant. A cached result of
	// another version is stale. nil: results do not depend on writes.
	version func(tenant string) uint64

	mu    sync.Mutex
	calls map[queryKey]*call[T]
	cache map[queryKey]cacheEntry[T]
}

// queryKey identifies a query.
type queryKey struct {
	tenant string
	query  string // differs between the queries of a singleFlight
}

// call is a query in progress.
type call[T any] struct {
	cancel context.CancelFunc
	done   chan struct{} // closed after result and err are set
	result T
	err    error

	waiters int // number of callers; guarded by singleFlight.mu
}

// cacheEntry is a cached result.
type cacheEntry[T any] struct {
	result  T
	expires time.Time
	version uint64 // when the query began
}

// do returns the result of run, which is the query of a tenant that the text identifies, or the
// cause of ctx when ctx ends. Run gets the deadline of the first caller, and continues as long as a
// caller waits for it.
func (s *singleFlight[T]) do(ctx context.Context, tenant, query string, run func(context.Context) (T, error)) (T, error) {
	key := queryKey{tenant, query}
	c := s.join(ctx, key, run)
	select {
	case <-c.done:
		return c.result, c.err
	case <-ctx.Done():
		s.leave(key, c)
		return *new(T), context.Cause(ctx)
	}
}

// join returns the call in progress, a finished call with the cached result, or a new call.
func (s *singleFlight[T]) join(ctx context.Context, key queryKey, run func(context.Context) (T, error)) *call[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.calls[key]; c != nil {
		c.waiters++
		return c
	}
	version := s.currentVersion(key.tenant)
	if e, ok := s.cache[key]; ok && e.version == version && time.Now().Before(e.expires) {
		c := &call[T]{done: make(chan struct{}), result: e.result}
		close(c.done)
		return c
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadlineOf(ctx))
	c := &call[T]{cancel: cancel, done: make(chan struct{}), waiters: 1}
	if s.calls == nil {
		s.calls, s.cache = map[queryKey]*call[T]{}, map[queryKey]cacheEntry[T]{}
	}
	s.calls[key] = c
	go func() {
		defer cancel()
		started := time.Now()
		c.result, c.err = run(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.remove(key, c)
		s.store(key, c, started, version)
		close(c.done)
	}()
	return c
}

func deadlineOf(ctx context.Context) time.Time {
	if deadline, ok := ctx.Deadline(); ok {
		return deadline
	}
	return time.Now().Add(defaultTimeout)
}

// store caches the result of a call for its ttl, and deletes expired entries. The caller holds mu.
func (s *singleFlight[T]) store(key queryKey, c *call[T], started time.Time, version uint64) {
	now := time.Now()
	for q, e := range s.cache {
		if !now.Before(e.expires) {
			delete(s.cache, q)
		}
	}
	if c.err != nil || s.ttl == nil {
		return
	}
	if ttl := s.ttl(now.Sub(started)); ttl > 0 {
		s.cache[key] = cacheEntry[T]{c.result, now.Add(ttl), version}
	}
}

func (s *singleFlight[T]) currentVersion(tenant string) uint64 {
	if s.version == nil {
		return 0
	}
	return s.version(tenant)
}

// leave cancels a call that no other caller waits for. The next caller starts a new one.
func (s *singleFlight[T]) leave(key queryKey, c *call[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.waiters--; c.waiters == 0 {
		c.cancel()
		s.remove(key, c)
	}
}

// remove removes a call, unless a newer one has replaced it. The caller holds mu.
func (s *singleFlight[T]) remove(key queryKey, c *call[T]) {
	if s.calls[key] == c {
		delete(s.calls, key)
	}
}
