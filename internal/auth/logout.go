package auth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// ErrEndPending means that a session could not be deleted, because the database does not respond.
// This process rejects the session from now on, and Run deletes it as soon as it can.
var ErrEndPending = errors.New("the session has not ended yet")

const (
	deleteRetryInterval = 2 * time.Second
	deleteTimeout       = 5 * time.Second // per session, when the deletion is retried
	maxPendingLogouts   = 100_000         // sessions; about 10 MB
)

// Logout ends the session of a token and returns the session's id. An invalid token is no error.
// ErrEndPending means that the deletion is pending; the id is returned, too. After any other error
// the session is still valid.
func (s *sessionKeeper) Logout(ctx context.Context, token string) (sessionID string, err error) {
	id := SessionID(token)
	err = s.store.DeleteSession(ctx, id)
	if err == nil {
		return id, nil
	}
	if !s.pendingLogouts.add(id) {
		return "", errs.Wrap(errs.CodeUnavailable, err, "The session could not be ended: the database does not respond. Please try again in a moment.")
	}
	return id, errors.Join(ErrEndPending, fmt.Errorf("end a session: %w", err))
}

// logoutQueue holds the sessions that this process rejects until they are deleted.
type logoutQueue struct {
	mu    sync.Mutex
	ids   map[string]struct{}
	added chan struct{} // buffered: holds a value if there may be sessions to delete
}

func newLogoutQueue() *logoutQueue {
	return &logoutQueue{ids: map[string]struct{}{}, added: make(chan struct{}, 1)}
}

func (e *logoutQueue) add(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.ids) >= maxPendingLogouts {
		return false
	}
	e.ids[id] = struct{}{}
	select {
	case e.added <- struct{}{}:
	default:
	}
	return true
}

func (e *logoutQueue) has(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.ids[id]
	return ok
}

func (e *logoutQueue) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Collect(maps.Keys(e.ids))
}

func (e *logoutQueue) done(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.ids, id)
}

// deletePendingSessions deletes pending sessions until ctx is done.
func (s *sessionKeeper) deletePendingSessions(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.pendingLogouts.added:
		}
		for ids := s.pendingLogouts.all(); len(ids) > 0; ids = s.pendingLogouts.all() {
			if s.deleteAllSessions(ctx, ids) {
				continue
			}
			if s.wait(ctx, deleteRetryInterval) != nil {
				s.logger.WarnContext(ctx, "cannot delete logged-out sessions; they stay valid until they expire", "sessions", len(s.pendingLogouts.all()))
				return
			}
		}
	}
}

// deleteAllSessions deletes sessions and reports whether it deleted all of them. It stops at the
// first error.
func (s *sessionKeeper) deleteAllSessions(ctx context.Context, ids []string) bool {
	for _, id := range ids {
		once, cancel := context.WithTimeout(ctx, deleteTimeout)
		err := s.store.DeleteSession(once, id)
		cancel()
		if err != nil {
			return false
		}
		s.pendingLogouts.done(id)
	}
	return true
}
