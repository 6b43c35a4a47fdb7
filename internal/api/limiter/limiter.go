// Package limiter limits concurrent work fairly across tenants. It is a semaphore whose permits are
// shared: a tenant holds a bounded number of permits, a bounded number of its requests wait for
// one, for a bounded time, and waiting tenants get permits in turn. No tenant can take all permits
// or delay others by queueing many requests.
package limiter

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Errors of Acquire.
var (
	// ErrTenantBusy means that the tenant holds its maximum of permits, and its maximum of requests
	// wait.
	ErrTenantBusy = errors.New("limiter: tenant limit reached")
	// ErrServerBusy means that other tenants hold all permits.
	ErrServerBusy = errors.New("limiter: no permit available")
)

// Options are the limits of a Limiter.
type Options struct {
	Total     int           // permits for all tenants together
	PerTenant int           // permits that one tenant may hold; less than Total
	Waiting   int           // requests of one tenant that may wait for a permit
	Wait      time.Duration // how long a request waits
}

// Limiter grants permits to tenants. It starts no goroutines and keeps no state of a tenant that
// neither holds a permit nor waits for one. It is safe for concurrent use.
type Limiter struct {
	o Options

	mu      sync.Mutex // guards the following fields
	held    int
	tenants map[string]*tenant
	queue   []*tenant // tenants with waiting requests, in the order in which they get the next permits
}

type tenant struct {
	name    string
	held    int
	waiting []chan struct{} // each is closed when the request gets its permit
}

// New returns a Limiter with all permits available.
func New(o Options) *Limiter { return &Limiter{o: o, tenants: map[string]*tenant{}} }

// Acquire takes a permit for a tenant. It blocks until one is available, at most Options.Wait. The
// permit is held until release is called; further calls of release have no effect. Errors are
// ErrTenantBusy, ErrServerBusy, or the cause of ctx.
func (l *Limiter) Acquire(ctx context.Context, name string) (release func(), err error) {
	l.mu.Lock()
	t := l.tenants[name]
	if t == nil {
		t = &tenant{name: name}
		l.tenants[name] = t
	}
	if t.held < l.o.PerTenant && l.held < l.o.Total { // waiting requests wait for a permit that this tenant may not use
		l.take(t)
		l.mu.Unlock()
		return l.releaseFunc(t), nil
	}
	if len(t.waiting) >= l.o.Waiting {
		defer l.mu.Unlock()
		defer l.forget(t)
		return nil, l.busyError(t)
	}
	granted := make(chan struct{})
	if t.waiting = append(t.waiting, granted); len(t.waiting) == 1 {
		l.queue = append(l.queue, t)
	}
	l.mu.Unlock()
	return l.wait(ctx, t, granted)
}

func (l *Limiter) wait(ctx context.Context, t *tenant, granted chan struct{}) (release func(), err error) {
	timeout := time.NewTimer(l.o.Wait)
	defer timeout.Stop()
	select {
	case <-granted:
		return l.releaseFunc(t), nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-timeout.C:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, other := range t.waiting {
		if other != granted {
			continue
		}
		t.waiting = append(t.waiting[:i], t.waiting[i+1:]...)
		if len(t.waiting) == 0 {
			l.dequeue(t)
		}
		defer l.forget(t)
		if err == nil {
			err = l.busyError(t)
		}
		return nil, err
	}
	// The permit was granted at the same moment. A request whose context is done notices that
	// itself.
	return l.releaseFunc(t), nil
}

// busyError returns why a tenant gets no permit. The caller holds mu, here and in all following
// methods.
func (l *Limiter) busyError(t *tenant) error {
	if t.held >= l.o.PerTenant {
		return ErrTenantBusy
	}
	return ErrServerBusy
}

func (l *Limiter) take(t *tenant) {
	t.held++
	l.held++
}

// releaseFunc returns a function that releases a permit once, and grants it to the next tenant in
// turn.
func (l *Limiter) releaseFunc(t *tenant) func() {
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		t.held--
		l.held--
		l.grant()
		l.forget(t)
	})
}

// grant gives available permits to waiting requests: one to each tenant in turn. A tenant that
// holds its maximum keeps its turn.
func (l *Limiter) grant() {
	for i := 0; i < len(l.queue) && l.held < l.o.Total; {
		t := l.queue[i]
		if t.held >= l.o.PerTenant {
			i++
			continue
		}
		l.take(t)
		close(t.waiting[0])
		t.waiting = t.waiting[1:]
		l.dequeue(t)
		if len(t.waiting) > 0 {
			l.queue = append(l.queue, t)
		}
		i = 0
	}
}

func (l *Limiter) dequeue(t *tenant) {
	for i, other := range l.queue {
		if other == t {
			l.queue = append(l.queue[:i], l.queue[i+1:]...)
			return
		}
	}
}

// forget removes a tenant that neither holds a permit nor waits for one.
func (l *Limiter) forget(t *tenant) {
	if t.held == 0 && len(t.waiting) == 0 {
		delete(l.tenants, t.name)
	}
}
