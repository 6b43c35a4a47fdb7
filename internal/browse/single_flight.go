package browse

import (
	"context"
	"sync"
	"time"
)

// defaultTimeout bounds a query whose first caller has no deadline.
const defaultTimeout = time.Minute

// A query that answers a caller of doWithin later continues for lingerTime without callers. At most
// maxLingering queries of a tenant do, the latest.
const (
	lingerTime   = 10 * time.Second
	maxLingering = 3
)

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

	// The following are guarded by singleFlight.mu.
	waiters     int         // number of callers, and 1 for linger
	linger      *time.Timer // calls expire; nil unless the query continues without callers
	lingerUntil time.Time
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

// doWithin is do for a caller who does not wait longer than patience: then known is false. The query
// continues for lingerTime, or until another caller of the tenant's needs its place.
func (s *singleFlight[T]) doWithin(ctx context.Context, tenant, query string, patience time.Duration, run func(context.Context) (T, error)) (
	result T, known bool, err error,
) {
	key := queryKey{tenant, query}
	c := s.join(ctx, key, run)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c.done:
		return c.result, true, c.err
	case <-ctx.Done():
		s.leave(key, c)
		return *new(T), false, context.Cause(ctx)
	case <-timer.C:
		s.leaveLingering(key, c)
		return *new(T), false, nil
	}
}

// cached returns the cached result of a query.
func (s *singleFlight[T]) cached(tenant, query string) (result T, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := queryKey{tenant, query}
	return s.lookUp(key, s.currentVersion(tenant))
}

// lookUp returns the cached result of a version. The caller holds mu.
func (s *singleFlight[T]) lookUp(key queryKey, version uint64) (result T, known bool) {
	e, ok := s.cache[key]
	if !ok || e.version != version || !time.Now().Before(e.expires) {
		return *new(T), false
	}
	return e.result, true
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
	if result, known := s.lookUp(key, version); known {
		c := &call[T]{done: make(chan struct{}), result: result}
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
		if c.linger != nil {
			c.linger.Stop()
		}
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
	s.leaveLocked(key, c)
	if c.waiters == 1 && c.linger != nil { // the caller who came back gave up
		s.stopLingering(key, c)
	}
}

// leaveLocked is leave for a caller that holds mu.
func (s *singleFlight[T]) leaveLocked(key queryKey, c *call[T]) {
	if c.waiters--; c.waiters == 0 {
		c.cancel()
		s.remove(key, c)
	}
}

// leaveLingering leaves a call that continues for lingerTime.
func (s *singleFlight[T]) leaveLingering(key queryKey, c *call[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls[key] != c { // it has ended
		return
	}
	c.lingerUntil = time.Now().Add(lingerTime)
	if c.linger != nil {
		c.linger.Reset(lingerTime)
		c.waiters-- // linger counts once
		return
	}
	c.linger = time.AfterFunc(lingerTime, func() { s.expire(key, c) })
	s.limitLingering(key.tenant)
}

// expire ends the lingering of a call that nobody has prolonged.
func (s *singleFlight[T]) expire(key queryKey, c *call[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.linger != nil && !time.Now().Before(c.lingerUntil) {
		s.stopLingering(key, c)
	}
}

// stopLingering cancels a call unless a caller waits for it. The caller holds mu.
func (s *singleFlight[T]) stopLingering(key queryKey, c *call[T]) {
	c.linger.Stop()
	c.linger = nil
	s.leaveLocked(key, c)
}

// limitLingering cancels the oldest of a tenant's calls without callers if there are more than
// maxLingering. The caller holds mu.
func (s *singleFlight[T]) limitLingering(tenant string) {
	var oldest queryKey
	lingering := 0
	for key, c := range s.calls {
		if key.tenant != tenant || c.linger == nil || c.waiters > 1 {
			continue
		}
		if lingering++; lingering == 1 || c.lingerUntil.Before(s.calls[oldest].lingerUntil) {
			oldest = key
		}
	}
	if lingering > maxLingering {
		s.stopLingering(oldest, s.calls[oldest])
	}
}

// remove removes a call, unless a newer one has replaced it. The caller holds mu.
func (s *singleFlight[T]) remove(key queryKey, c *call[T]) {
	if s.calls[key] == c {
		delete(s.calls, key)
	}
}
