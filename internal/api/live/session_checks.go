package live

import (
	"context"
	"log/slog"
	"sync"

	"github.com/egress-io/egress/internal/errs"
)

// maxSessionChecks is the maximum of concurrent checks. More would delay other requests.
const maxSessionChecks = 2

// sessionChecks checks whether subscribers may still listen. Sockets of one session in one tenant that
// request a check before it begins share it.
type sessionChecks struct {
	sessions Sessions
	logger   *slog.Logger
	permits  chan struct{}

	ctx     context.Context // done when the hub stops
	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	waiting map[sessionInTenant][]*socket // a key exists while a goroutine runs for it
}

type sessionInTenant struct{ session, tenant string }

func newSessionChecks(sessions Sessions, logger *slog.Logger) *sessionChecks {
	c := &sessionChecks{
		sessions: sessions, logger: logger, permits: make(chan struct{}, maxSessionChecks), waiting: map[sessionInTenant][]*socket{},
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	return c
}

// request checks the session of a socket by a read that begins after this call, and closes the socket
// or allows it to send. It does not block.
func (c *sessionChecks) request(s *socket) {
	key := sessionInTenant{s.subscriber.Session, s.subscriber.Slot.Tenant}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return
	}
	sockets, running := c.waiting[key]
	c.waiting[key] = append(sockets, s)
	if !running {
		c.running.Go(func() { c.run(key) })
	}
}

// run checks a session until no socket waits.
func (c *sessionChecks) run(key sessionInTenant) {
	for {
		select {
		case c.permits <- struct{}{}:
		case <-c.ctx.Done():
			return
		}
		c.mu.Lock()
		sockets := c.waiting[key]
		c.waiting[key] = nil
		c.mu.Unlock()
		c.check(key, sockets)
		<-c.permits
		c.mu.Lock()
		done := len(c.waiting[key]) == 0
		if done {
			delete(c.waiting, key)
		}
		c.mu.Unlock()
		if done {
			return
		}
	}
}

// check closes the sockets that may no longer listen. An unavailable database is not a reason.
func (c *sessionChecks) check(key sessionInTenant, sockets []*socket) {
	ctx, cancel := context.WithTimeout(c.ctx, readLimit)
	defer cancel()
	membership, err := c.sessions.Check(ctx, key.session, key.tenant)
	code := errs.CodeOf(err)
	switch code {
	case "", errs.CodeNotFound, errs.CodeSecondFactorMissing, errs.CodeUnauthenticated:
	default:
		if c.ctx.Err() == nil {
			c.logger.WarnContext(ctx, "cannot check the session of a socket; keeping the socket open", "error", err)
		}
	}
	for _, s := range sockets {
		switch {
		case code == errs.CodeUnauthenticated:
			s.closeWith(closeSessionEnded)
		case code == errs.CodeNotFound, code == errs.CodeSecondFactorMissing, code == "" && membership.Role != s.subscriber.Role:
			s.closeWith(closeRoleChanged)
		default:
			s.sessionChecked()
		}
	}
}

// close ends all checks and waits for them.
func (c *sessionChecks) close() {
	c.mu.Lock()
	c.stop()
	c.mu.Unlock()
	c.running.Wait()
}
