package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// Options configure New.
type Options struct {
	Store    Store
	Throttle Throttle
	Now      func() time.Time // nil: time.Now
	Logger   *slog.Logger     // nil: none
}

// Service signs admins in and knows their sessions. It is safe for concurrent use.
type Service struct {
	store     Store
	throttle  Throttle
	passwords *passwords
	now       func() time.Time
	logger    *slog.Logger
}

// New makes a Service. It costs one password hash.
func New(o Options) (*Service, error) {
	p, err := newPasswords()
	if err != nil {
		return nil, err
	}
	s := &Service{store: o.Store, throttle: o.Throttle, passwords: p, now: o.Now, logger: o.Logger}
	if s.now == nil {
		s.now = time.Now
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	s.logger = s.logger.With("component", "auth")
	return s, nil
}

// Login checks a password and begins a session. The token goes into the cookie; it is not kept here. The failure does
// not tell whether the account exists. After too many the error is CodeRateLimited and carries retryAfterSeconds.
func (s *Service) Login(ctx context.Context, email, password, address string) (token string, session *Session, err error) {
	email = NormalizeEmail(email)
	// The turn is taken first: however many guesses arrive at once, only as many as there are turns pass the throttle
	// before the first of them has been counted.
	release, err := s.passwords.acquire(ctx)
	if err != nil {
		return "", nil, err
	}
	defer release()
	if err := s.blocked(ctx, email, address); err != nil {
		return "", nil, err
	}

	admin, err := s.store.AdminByEmail(ctx, email)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", nil, fmt.Errorf("find the admin who signs in: %w", err)
	}
	if errors.Is(err, ErrNotFound) {
		admin = nil
	}
	ok, err := s.passwords.match(admin, password)
	if err != nil {
		return "", nil, err
	}
	if !ok {
		s.failed(ctx, email, address)
		return "", nil, export.Errorf(export.CodeUnauthenticated, "The e-mail address or the password is wrong.")
	}
	if err := s.throttle.Forget(ctx, accountKey(email)); err != nil {
		s.unthrottled(ctx, err)
	}
	return s.begin(ctx, admin)
}

func (s *Service) begin(ctx context.Context, admin *Admin) (string, *Session, error) {
	now := s.now()
	token := newToken()
	session := &Session{ID: SessionID(token), AdminID: admin.ID, Created: now, Seen: now, Expires: expiry(now, now)}
	if err := s.store.InsertSession(ctx, session); err != nil {
		return "", nil, fmt.Errorf("begin a session: %w", err)
	}
	return token, session, nil
}

// blocked refuses an account or an address that failed too often. Without the throttle there is no limit but the turns:
// nobody is locked out because Redis is down.
func (s *Service) blocked(ctx context.Context, email, address string) error {
	account, err := s.throttle.Blocked(ctx, accountKey(email), accountLimit)
	if err != nil {
		s.unthrottled(ctx, err)
		return nil
	}
	where, err := s.throttle.Blocked(ctx, addressKey(address), addressLimit)
	if err != nil {
		s.unthrottled(ctx, err)
		return nil
	}
	wait := max(account, where)
	if wait <= 0 {
		return nil
	}
	e := export.Errorf(export.CodeRateLimited, "Too many attempts to sign in failed. Wait a while, then try again.")
	e.Details = map[string]any{"retryAfterSeconds": int(math.Ceil(wait.Seconds()))}
	return e
}

func (s *Service) failed(ctx context.Context, email, address string) {
	err := errors.Join(
		s.throttle.Failed(ctx, accountKey(email), accountLimit),
		s.throttle.Failed(ctx, addressKey(address), addressLimit),
	)
	if err != nil {
		s.unthrottled(ctx, err)
	}
}

func (s *Service) unthrottled(ctx context.Context, err error) {
	s.logger.WarnContext(ctx, "sign-ins are not being limited", "error", err)
}

// NormalizeEmail returns an address in the form in which admins are stored and looked up.
func NormalizeEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
