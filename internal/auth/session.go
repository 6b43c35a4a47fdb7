package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// Lifetimes of a session.
const (
	IdleTimeout     = 12 * time.Hour     // after the last use
	AbsoluteTimeout = 7 * 24 * time.Hour // after the log-in

	// ConfirmationLifetime is how long a session counts as confirmed after its credentials were proven.
	ConfirmationLifetime = 15 * time.Minute

	touchInterval = time.Minute // minimum time between two updates of LastUsed
)

// ConfirmedUntil returns the time until which the session is confirmed.
func (s *Session) ConfirmedUntil() time.Time { return s.Confirmed.Add(ConfirmationLifetime) }

// CookieName is the name of the session cookie.
const CookieName = "egress_session"

const tokenBytes = 32

// newToken returns a random token. crypto/rand does not fail.
func newToken() string {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// SessionID returns the session id of a token: its SHA-256 in hex.
func SessionID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// expiry returns when a session expires unless it is used again.
func expiry(created, seen time.Time) time.Time {
	idle, absolute := seen.Add(IdleTimeout), created.Add(AbsoluteTimeout)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

var errInvalidSession = errs.Errorf(errs.CodeUnauthenticated, "You are not logged in, or your session has ended.")

// Identity is the authenticated sender of a request with a session.
type Identity struct {
	Admin   *Admin
	Session *Session
}

// sessionKeeper starts, checks and ends sessions.
type sessionKeeper struct {
	*directory

	store          Store
	pendingLogouts *logoutQueue
	now            func() time.Time
	wait           func(context.Context, time.Duration) error
	logger         *slog.Logger
}

// Authenticate returns the admin and the session of a token, and extends the session.
// CodeUnauthenticated if the token is invalid or the session has ended.
func (s *sessionKeeper) Authenticate(ctx context.Context, token string) (*Identity, error) {
	if token == "" {
		return nil, errInvalidSession
	}
	id, err := s.identity(ctx, SessionID(token))
	if err != nil {
		return nil, err
	}
	now := s.now()
	if now.Sub(id.Session.LastUsed) < touchInterval {
		return id, nil
	}
	id.Session.LastUsed, id.Session.Expires = now, expiry(id.Session.Created, now)
	if err := s.store.TouchSession(ctx, id.Session.ID, id.Session.LastUsed, id.Session.Expires); err != nil {
		// The session is valid anyway; the next request updates it.
		s.logger.WarnContext(ctx, "cannot update the last use of a session", "error", err)
	}
	return id, nil
}

// Check returns the membership of a session's admin in a tenant, without extending the session. It
// is for connections that outlive a request. CodeUnauthenticated if the session has ended,
// CodeNotFound if the admin has no access to the tenant, CodeSecondFactorMissing if the tenant requires
// a second factor and the session has none.
func (s *sessionKeeper) Check(ctx context.Context, sessionID, tenant string) (Membership, error) {
	id, err := s.identity(ctx, sessionID)
	if err != nil {
		return Membership{}, err
	}
	return s.SessionMembership(ctx, id, tenant)
}

func (s *sessionKeeper) identity(ctx context.Context, sessionID string) (*Identity, error) {
	if s.pendingLogouts.has(sessionID) {
		return nil, errInvalidSession
	}
	session, err := s.store.Session(ctx, sessionID)
	if errors.Is(err, ErrNotFound) {
		return nil, errInvalidSession
	}
	if err != nil {
		return nil, fmt.Errorf("read a session: %w", err)
	}
	if !s.now().Before(session.Expires) {
		return nil, errInvalidSession
	}
	admin, err := s.store.Admin(ctx, session.AdminID)
	if errors.Is(err, ErrNotFound) {
		return nil, errInvalidSession
	}
	if err != nil {
		return nil, fmt.Errorf("read the admin of a session: %w", err)
	}
	return &Identity{Admin: admin, Session: session}, nil
}
