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
	"github.com/egress-io/egress/internal/export"
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

type adminCmd struct {
	Email  string `arg:"" help:"The e-mail address to sign in with."`
	Role   string `default:"exporter" enum:"owner,exporter,viewer" help:"owner, exporter or viewer."`
	Tenant string `help:"The tenant (default: every tenant there is)."`
}

// Run adds an admin. The password is made here and shown once.
func (cmd *adminCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	like := auth.Admin{Everywhere: auth.Role(cmd.Role)}
	if cmd.Tenant != "" {
		if err := sys.requireTenant(ctx, cmd.Tenant); err != nil {
			return err
		}
		like = auth.Admin{Roles: map[string]auth.Role{cmd.Tenant: auth.Role(cmd.Role)}}
	}
	password := rand.Text()
	err = auth.AddAdmin(ctx, sys.accounts, cmd.Email, password, like)
	if errors.Is(err, auth.ErrDuplicate) {
		return export.Invalid("EMAIL", "there is an admin with this address already")
	}
	if err == nil {
		fmt.Fprintf(term.out, "  e-mail:   %s\n  password: %s\n", auth.NormalizeEmail(cmd.Email), password)
	}
	return err
}
