package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

var sessionsTable = table[stored.Session]{
	name: "sessions", id: func(d *stored.Session) string { return d.ID },
	columns: []string{"admin_id", "expires"}, values: func(d *stored.Session) []any { return []any{d.AdminID, d.Expires} },
}

type sessionStore struct{ sessions records[stored.Session] }

func newSessionStore(db *DB) *sessionStore {
	return &sessionStore{records[stored.Session]{db.control, sessionsTable, "a session"}}
}

// InsertSession adds a session.
func (s *sessionStore) InsertSession(ctx context.Context, session *auth.Session) error {
	d := stored.Session(*session)
	return s.sessions.insert(ctx, &d)
}

// Session returns a session by id, expired or not, or auth.ErrNotFound.
func (s *sessionStore) Session(ctx context.Context, id string) (*auth.Session, error) {
	d, err := s.sessions.one(ctx, "WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	session := auth.Session(*d)
	return &session, nil
}

// SessionsOf returns the sessions of an admin, including expired ones, in no order.
func (s *sessionStore) SessionsOf(ctx context.Context, adminID string) ([]auth.Session, error) {
	docs, err := s.sessions.list(ctx, "WHERE admin_id = ?", adminID)
	if err != nil {
		return nil, err
	}
	return convertAll(docs, func(d *stored.Session) auth.Session { return auth.Session(*d) }), nil
}

// TouchSession records a use of a session. It does nothing if the session does not exist.
func (s *sessionStore) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	return s.sessions.changeIfFound(ctx, id, func(d *stored.Session) { d.LastUsed, d.Expires = seen, expires })
}

// ConfirmSession records when a session's credentials were last proven, and whether with a second
// factor. It does nothing if the session does not exist.
func (s *sessionStore) ConfirmSession(ctx context.Context, id string, at time.Time, secondFactor bool) error {
	return s.sessions.changeIfFound(ctx, id, func(d *stored.Session) { d.Confirmed, d.SecondFactor = at, secondFactor })
}

// DropSecondFactor marks all sessions of an admin as without a second factor.
func (s *sessionStore) DropSecondFactor(ctx context.Context, adminID string) error {
	err := s.sessions.control.write(ctx, func(c *conn) error {
		docs, err := sessionsTable.find(c, "WHERE admin_id = ?", adminID)
		if err != nil {
			return err
		}
		for i := range docs {
			docs[i].SecondFactor = false
			if err := sessionsTable.put(c, &docs[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove the second factor from sessions: %w", err)
	}
	return nil
}

// DeleteSession removes a session, if it exists.
func (s *sessionStore) DeleteSession(ctx context.Context, id string) error {
	_, err := s.sessions.remove(ctx, "WHERE id = ?", id)
	return err
}

// DeleteSessions removes the sessions that have expired by now, and returns their number.
func (s *sessionStore) DeleteSessions(ctx context.Context, now time.Time) (int64, error) {
	return s.sessions.remove(ctx, "WHERE expires <= ?", now)
}
