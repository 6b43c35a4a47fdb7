package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// ResetLifetime is the lifetime of a password reset link.
const ResetLifetime = time.Hour

// The limits of password reset requests. Beyond the IP address limit requests are refused. Beyond
// the account limit no e-mail is sent, and the response is the same.
var (
	resetAccountLimit = Limit{Events: 5, Window: time.Hour}
	resetAddressLimit = Limit{Events: 30, Window: time.Hour}
)

// Reset allows the holder of its token to set a new password. The token is never stored.
type Reset struct {
	ID       string // SHA-256 of the token, in hex
	AdminID  string
	Password string // passwordFingerprint of the old password: changing the password ends the reset
	Expires  time.Time
}

// ResetLink is the reset link of one account.
type ResetLink struct {
	Token   string
	Link    string // URL of the page with the token; "" until it is known
	Admin   *Admin
	Tenants []Tenant // tenants of the account
}

// ResetMail is the content of a password reset e-mail: a link for each account of the e-mail
// address.
type ResetMail struct {
	To    string
	Links []ResetLink
}

var errInvalidReset = errs.Errorf(errs.CodeNotFound, "This link is no longer valid: it was used or replaced, or it has expired. Ask for a new one.")

// RequestReset creates a reset for each account of an e-mail address. The list is empty if there is
// no account or too many requests for it. CodeRateLimited if one IP address makes too many
// requests.
func (s *Service) RequestReset(ctx context.Context, email, address string) ([]ResetLink, error) {
	email = NormalizeEmail(email)
	n, left, err := s.throttle.Take(ctx, "reset:"+addressKey(address), resetAddressLimit)
	if err != nil {
		s.logThrottleError(ctx, err)
	} else if n > resetAddressLimit.Events {
		return nil, errTooManyAttempts(left)
	}
	n, _, err = s.throttle.Take(ctx, "reset:"+accountKey(email), resetAccountLimit)
	if err != nil {
		s.logThrottleError(ctx, err)
	} else if n > resetAccountLimit.Events {
		return nil, nil
	}
	admins, err := s.store.AdminsByEmail(ctx, email)
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	var links []ResetLink
	for i := range admins {
		link, err := s.newReset(ctx, &admins[i])
		if err != nil {
			return nil, err
		}
		links = append(links, link)
	}
	return links, nil
}

func (s *Service) newReset(ctx context.Context, admin *Admin) (ResetLink, error) {
	all, err := s.Memberships(ctx, admin)
	if err != nil {
		return ResetLink{}, err
	}
	link := ResetLink{Token: newToken(), Admin: admin}
	for _, m := range all {
		link.Tenants = append(link.Tenants, m.Tenant)
	}
	r := Reset{ID: SessionID(link.Token), AdminID: admin.ID, Password: passwordFingerprint(admin), Expires: s.now().Add(ResetLifetime)}
	if err := s.store.DeleteResets(ctx, admin.ID, s.now()); err != nil {
		return ResetLink{}, fmt.Errorf("end earlier resets: %w", err)
	}
	if err := s.store.InsertReset(ctx, &r); err != nil {
		return ResetLink{}, fmt.Errorf("store a reset: %w", err)
	}
	return link, nil
}

// CheckReset returns the account of a reset token. CodeNotFound if the token is invalid or expired.
func (s *Service) CheckReset(ctx context.Context, token string) (*Admin, error) {
	r, err := s.store.Reset(ctx, SessionID(token))
	if errors.Is(err, ErrNotFound) || err == nil && !s.now().Before(r.Expires) {
		return nil, errInvalidReset
	}
	if err != nil {
		return nil, fmt.Errorf("find a reset: %w", err)
	}
	admin, err := s.store.Admin(ctx, r.AdminID)
	if errors.Is(err, ErrNotFound) || err == nil && passwordFingerprint(admin) != r.Password {
		return nil, errInvalidReset
	}
	if err != nil {
		return nil, fmt.Errorf("find the account of a reset: %w", err)
	}
	return admin, nil
}

// ResetPassword sets the password of the account of a token and ends every session of the account.
// ended holds the ids of the sessions.
func (s *Service) ResetPassword(ctx context.Context, token, password string) (admin *Admin, ended []string, err error) {
	if admin, err = s.CheckReset(ctx, token); err != nil {
		return nil, nil, err
	}
	if err := CheckPassword("password", password, admin.Email, admin.Name); err != nil {
		return nil, nil, err
	}
	if _, err := s.setPassword(ctx, admin, password); err != nil {
		return nil, nil, err
	}
	ended, err = s.EndSessions(ctx, admin.ID)
	return admin, ended, err
}
