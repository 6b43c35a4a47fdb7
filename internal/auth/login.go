package auth

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"github.com/oklog/ulid/v2"
)

// Options configures New.
type Options struct {
	Store    Store
	Throttle Throttle
	Factors  *Factors // nil: accounts have no second factors
	// Key is the secret from which the key of device cookies is derived. It must be the same on all
	// servers. nil means a random key, which is lost when the process ends.
	Key []byte
	// PasswordChanged is called with the e-mail address of an account after its password was
	// changed or reset. It may be nil.
	PasswordChanged func(email string)
	Now             func() time.Time                           // nil: time.Now
	Wait            func(context.Context, time.Duration) error // nil: a timer; returns the error of the context
	Logger          *slog.Logger                               // nil: none
}

// Service signs admins in and manages their sessions. It is safe for concurrent use. Its parts have the
// methods of one noun each.
type Service struct {
	*directory
	*credentials
	*sessionKeeper
	*invitations

	store           Store
	factors         *Factors
	passwordChanged func(email string)
	now             func() time.Time
	logger          *slog.Logger
}

// directory finds accounts, members and tenants.
type directory struct{ store Store }

// credentials checks passwords within the limits of attempts.
type credentials struct {
	*directory
	*attemptLimits

	passwords *passwords
}

// New returns a Service. It computes one password hash.
func New(o Options) (*Service, error) {
	p, err := newPasswords()
	if err != nil {
		return nil, err
	}
	d, err := newDeviceCookies(o.Key)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Logger = o.Logger.With("component", "auth")
	accounts := &directory{store: o.Store}
	return &Service{
		directory: accounts,
		credentials: &credentials{
			directory:     accounts,
			attemptLimits: &attemptLimits{throttle: o.Throttle, deviceCookies: d, wait: o.Wait, logger: o.Logger},
			passwords:     p,
		},
		sessionKeeper: &sessionKeeper{directory: accounts, store: o.Store, pendingLogouts: newLogoutQueue(), now: o.Now, wait: o.Wait, logger: o.Logger},
		invitations:   &invitations{directory: accounts, store: o.Store, now: o.Now},
		store:         o.Store, factors: o.Factors, passwordChanged: o.PasswordChanged, now: o.Now, logger: o.Logger,
	}, nil
}

// Login checks a password and begins a session. The caller puts the token into the cookie; only its
// hash is stored. The error does not reveal whether the account exists. After too many failures it
// is CodeRateLimited with retryAfterSeconds. If the account has a second factor it is
// CodeSecondFactorRequired with secondFactor, a FactorRequest for CompleteLogin.
func (s *Service) Login(ctx context.Context, a Attempt) (token string, session *Session, err error) {
	admin, err := s.checkCredentials(ctx, a)
	if err != nil {
		return "", nil, err
	}
	if err := s.requireSecondFactor(ctx, admin); err != nil {
		return "", nil, err
	}
	return s.startSession(ctx, admin, a, false)
}

var errWrongPassword = errs.Errorf(errs.CodeUnauthenticated, "The email address or the password is wrong.")

// checkCredentials returns the account that has the e-mail address and the password of a, within
// the limits of log-ins.
func (s *credentials) checkCredentials(ctx context.Context, a Attempt) (*Admin, error) {
	a.Email = NormalizeEmail(a.Email)
	accounts, err := s.Accounts(ctx, a.Email)
	if err != nil {
		return nil, err
	}
	return s.matchPassword(ctx, accounts, a)
}

// checkAccountPassword returns CodeUnauthenticated if the password is not that of this account. It
// applies the limits of log-ins.
func (s *credentials) checkAccountPassword(ctx context.Context, admin *Admin, a Attempt) error {
	a.Email = admin.Email
	_, err := s.matchPassword(ctx, []Admin{*admin}, a)
	return err
}

func (s *credentials) matchPassword(ctx context.Context, accounts []Admin, a Attempt) (*Admin, error) {
	limits := s.throttleKeysOf(accounts, a)
	if err := s.slowDown(ctx, limits); err != nil {
		return nil, err
	}
	// Acquire before reading the limit. Otherwise many concurrent guesses would all pass the limit
	// before the first failure is counted.
	release, err := s.passwords.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := s.checkLimits(ctx, limits); err != nil {
		return nil, err
	}
	admin, err := s.passwords.match(accounts, a.Password)
	if err != nil {
		return nil, err
	}
	if admin == nil {
		s.countFailure(ctx, limits)
		return nil, errWrongPassword
	}
	s.resetLimit(ctx, limits)
	return admin, nil
}

// newSession returns a new session of an authenticated account, and its token.
func (s *sessionKeeper) newSession(admin *Admin, a Attempt) (token string, session *Session) {
	now := s.now()
	token = newToken()
	return token, &Session{
		ID: SessionID(token), PublicID: ulid.Make().String(), AdminID: admin.ID,
		Created: now, LastUsed: now, Expires: expiry(now, now), Confirmed: now,
		Address: a.Address, UserAgent: clip(a.UserAgent, maxUserAgent),
	}
}

// maxUserAgent is the maximum length of a stored User-Agent, in bytes.
const maxUserAgent = 300

// clip truncates a text to a number of bytes, at a character boundary.
func clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}
