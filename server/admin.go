package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
)

// firstAdminEmail is the e-mail address of the first admin if EGRESS_ADMIN_EMAIL is not set.
const firstAdminEmail = "admin@example.com"

// login holds the e-mail address and the password of an admin.
type login struct {
	email, password string
	created         bool // this process created the account and has to print the password
}

// ensureAdmin creates the first admin if no admin exists. It returns the login to print on the
// terminal; nil if the operator chose the password or an admin changed it.
func (s *system) ensureAdmin(ctx context.Context, cfg *config.Config) (*login, error) {
	if cfg.AdminEmail != "" {
		_, err := auth.EnsureFirstAdmin(ctx, s.stores.admins, cfg.AdminEmail, cfg.AdminPassword.Reveal())
		return nil, nameVariable(err)
	}
	if !cfg.EmbeddedServices().Database {
		exists, err := s.stores.admins.HasAdmins(ctx)
		if err == nil && !exists {
			s.log.WarnContext(ctx, "no admin exists: set EGRESS_ADMIN_EMAIL and EGRESS_ADMIN_PASSWORD, or run egress admin")
		}
		return nil, err
	}
	path := firstLoginPath(cfg)
	first, err := readLogin(path)
	if os.IsNotExist(err) {
		if exists, err := s.stores.admins.HasAdmins(ctx); err != nil || exists {
			return nil, err // another command created the admin, or the password was changed
		}
		first = &login{firstAdminEmail, rand.Text(), true}
		// Write the file before the admin is created: after a crash, the next start reads it.
		err = writeLogin(path, first)
	}
	if err != nil {
		return nil, fmt.Errorf("store the first admin's login: %w", err)
	}
	first.created, err = auth.EnsureFirstAdmin(ctx, s.stores.admins, first.email, first.password)
	if err != nil || first.created {
		return first, err
	}
	// The password may have been changed without removing the file, e.g. before a crash.
	current, err := auth.HasPassword(ctx, s.stores.admins, first.email, first.password)
	if err != nil || current {
		return first, err
	}
	return nil, os.Remove(path)
}

// firstLoginPath is the file that holds the first admin's password until it is changed.
func firstLoginPath(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "first-admin") }

// removeFirstLogin removes the file with the first admin's password after that password has
// changed. A failure is logged.
func (s *system) removeFirstLogin(cfg *config.Config, email string) {
	path := firstLoginPath(cfg)
	first, err := readLogin(path)
	if err != nil || first.email != email {
		return
	}
	if err := os.Remove(path); err != nil {
		s.log.Warn("cannot remove the file with the first admin's old password; delete it", "path", path, "error", err)
	}
}

// nameVariable returns an invalid-field error as an error of the environment variable that sets the
// field, and any other error unchanged.
func nameVariable(err error) error {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		variable, known := map[string]string{"email": "EGRESS_ADMIN_EMAIL", "password": "EGRESS_ADMIN_PASSWORD"}[e.Field] //nolint:gosec // names of variables
		if known {
			return errs.Invalid(variable, "%s", e.Message)
		}
	}
	return err
}

func writeLogin(path string, l *login) error {
	return os.WriteFile(path, fmt.Appendf(nil, "%s\n%s\n", l.email, l.password), 0o600)
}

func readLogin(path string) (*login, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Fields(string(b))
	if len(lines) != 2 {
		return nil, fmt.Errorf("%s must have two lines: an e-mail address and a password", path)
	}
	return &login{email: lines[0], password: lines[1]}, nil
}
