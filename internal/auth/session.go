package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// How long a session lives.
const (
	IdleLimit     = 12 * time.Hour     // without use
	AbsoluteLimit = 7 * 24 * time.Hour // in any case

	touchEvery = time.Minute // `seen` is written at most this often
)

// CookieName is the cookie that holds the token of a session.
const CookieName = "egress_session"

const tokenBytes = 32

// newToken returns a fresh token. crypto/rand does not fail.
func newToken() string {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// SessionID returns the id of the session that a token proves.
func SessionID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// expiry is when a session ends if it is not used again.
func expiry(created, seen time.Time) time.Time {
	idle, absolute := seen.Add(IdleLimit), created.Add(AbsoluteLimit)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

var errNoSession = export.Errorf(export.CodeUnauthenticated, "You are not signed in, or your session has ended.")

// Identity is who a request comes from.
type Identity struct {
	Admin   *Admin
	Session *Session
}

// Authenticate returns whose token it is, and notes that the session was used. A token that proves nothing, or a
// session that has ended, is CodeUnauthenticated.
func (s *Service) Authenticate(ctx context.Context, token string) (*Identity, error) {
	if token == "" {
		return nil, errNoSession
	}
	id, err := s.identity(ctx, SessionID(token))
	if err != nil {
		return nil, err
	}
	now := s.now()
	if now.Sub(id.Session.Seen) < touchEvery {
		return id, nil
	}
	id.Session.Seen, id.Session.Expires = now, expiry(id.Session.Created, now)
	if err := s.store.TouchSession(ctx, id.Session.ID, id.Session.Seen, id.Session.Expires); err != nil {
		// The session is good all the same; the next request notes it.
		s.logger.WarnContext(ctx, "could not note that a session was used", "error", err)
	}
	return id, nil
}

// Check returns the membership of a session's admin in a tenant, and does not count as use. It is for connections that
// outlive a request. CodeUnauthenticated: the session has ended; CodeNotFound: the tenant is closed to it.
func (s *Service) Check(ctx context.Context, sessionID, tenant string) (Membership, error) {
	id, err := s.identity(ctx, sessionID)
	if err != nil {
		return Membership{}, err
	}
	return s.Enter(ctx, id.Admin, tenant)
}

func (s *Service) identity(ctx context.Context, sessionID string) (*Identity, error) {
	session, err := s.store.Session(ctx, sessionID)
	if errors.Is(err, ErrNotFound) {
		return nil, errNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("read a session: %w", err)
	}
	if !s.now().Before(session.Expires) {
		return nil, errNoSession
	}
	admin, err := s.store.Admin(ctx, session.AdminID)
	if errors.Is(err, ErrNotFound) {
		return nil, errNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("read the admin of a session: %w", err)
	}
	return &Identity{Admin: admin, Session: session}, nil
}

// Logout ends the session of a token, and returns its id. A token that proves nothing is no error.
func (s *Service) Logout(ctx context.Context, token string) (sessionID string, err error) {
	id := SessionID(token)
	if err := s.store.DeleteSession(ctx, id); err != nil {
		return "", fmt.Errorf("end a session: %w", err)
	}
	return id, nil
}
