package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/config"
)

// firstAdminEmail is who the first admin is when nobody said.
const firstAdminEmail = "admin@example.com"

// login is what an admin signs in with.
type login struct{ email, password string }

// ensureAdmin makes the first admin. It returns the login to show on the terminal, nil where it is not ours to show:
// somebody chose it.
func (s *system) ensureAdmin(ctx context.Context, cfg *config.Config) (*login, error) {
	if cfg.AdminEmail != "" {
		_, err := auth.EnsureFirstAdmin(ctx, s.accounts, cfg.AdminEmail, cfg.AdminPassword.Reveal())
		return nil, err
	}
	if !cfg.EmbeddedParts().MongoDB {
		has, err := s.accounts.HasAdmins(ctx)
		if err == nil && !has {
			s.log.WarnContext(ctx, "there is no admin: set EGRESS_ADMIN_EMAIL and EGRESS_ADMIN_PASSWORD")
		}
		return nil, err
	}
	path := filepath.Join(cfg.DataDir, "first-admin")
	first, err := readLogin(path)
	if os.IsNotExist(err) {
		if has, err := s.accounts.HasAdmins(ctx); err != nil || has {
			return nil, err // made otherwise
		}
		first = &login{firstAdminEmail, rand.Text()}
		err = writeLogin(path, first) // before the admin is made: after a crash between the two it is read again
	}
	if err != nil {
		return nil, fmt.Errorf("keep the first admin's login: %w", err)
	}
	_, err = auth.EnsureFirstAdmin(ctx, s.accounts, first.email, first.password)
	return first, err
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
		return nil, fmt.Errorf("%s does not hold an e-mail address and a password, a line each", path)
	}
	return &login{lines[0], lines[1]}, nil
}
