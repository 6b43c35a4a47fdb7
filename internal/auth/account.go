package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/errs"
)

// SetName changes the display name of an account and returns the stored form.
func (s *Service) SetName(ctx context.Context, adminID, name string) (string, error) {
	name, err := CleanName("name", name)
	if err != nil {
		return "", err
	}
	if name == "" {
		return "", errs.Invalid("name", "must not be empty")
	}
	if err := s.store.SetName(ctx, adminID, name); err != nil {
		return "", fmt.Errorf("change a name: %w", err)
	}
	return name, nil
}

// ChangePassword replaces the password of a session's account, ends every session of the account,
// and begins a new session with the same second factor state. a.Password is the current password.
// If it is wrong, the error is CodeInvalidRequest for the field currentPassword, and counts as a failed
// log-in. ended holds the ids of the ended sessions.
func (s *Service) ChangePassword(ctx context.Context, id *Identity, next string, a Attempt) (token string, session *Session, ended []string, err error) {
	admin := id.Admin
	if err := CheckPassword("newPassword", next, admin.Email, admin.Name); err != nil {
		return "", nil, nil, err
	}
	if err := s.checkAccountPassword(ctx, admin, a); err != nil {
		if errs.CodeOf(err) == errs.CodeUnauthenticated {
			err = errs.Invalid("currentPassword", "The current password is wrong.")
		}
		return "", nil, nil, err
	}
	if a.Password == next {
		return "", nil, nil, errs.Invalid("newPassword", "The new password equals the current one. Choose another.")
	}
	hash, err := s.setPassword(ctx, admin, next)
	if err != nil {
		return "", nil, nil, err
	}
	if ended, err = s.EndSessions(ctx, admin.ID); err != nil {
		return "", nil, ended, err
	}
	updated := *admin
	updated.Password = hash
	token, session, err = s.startSession(ctx, &updated, a, id.Session.SecondFactor)
	return token, session, ended, err
}

// setPassword replaces the password hash. CodeExists if the hash has changed since admin was read.
func (s *Service) setPassword(ctx context.Context, admin *Admin, password string) (hash string, err error) {
	if hash, err = s.passwords.hash(ctx, password); err != nil {
		return "", err
	}
	err = s.store.SetPassword(ctx, admin.ID, admin.Password, hash, s.now())
	if errors.Is(err, ErrNotFound) {
		return "", errs.Errorf(errs.CodeExists, "The password was changed by another request. Log in again.")
	}
	if err != nil {
		return "", fmt.Errorf("store a password: %w", err)
	}
	// Reset links that were sent earlier are for the old password.
	if err := s.store.DeleteResets(ctx, admin.ID, s.now()); err != nil {
		s.logger.WarnContext(ctx, "cannot delete old password reset links; they do not work anymore", "error", err)
	}
	if s.passwordChanged != nil {
		s.passwordChanged(admin.Email)
	}
	return hash, nil
}
