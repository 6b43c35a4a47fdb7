package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
)

// adminCmd adds admins and resets their passwords. Without a subcommand it adds an admin.
type adminCmd struct {
	Add   adminAddCmd   `cmd:"" default:"withargs" help:"Add an admin and print the password."`
	Reset adminResetCmd `cmd:"" help:"Give an admin a new password, print it, and end their sessions and key pairs."`
}

type adminAddCmd struct {
	Email  string `arg:"" help:"The e-mail address to log in with."`
	Role   string `default:"exporter" enum:"owner,exporter,viewer" help:"owner, exporter or viewer."`
	Tenant string `help:"The tenant (default: every tenant)."`
	// AnotherAccount exists because an owner can invite any address into a tenant; that must not
	// keep the operator from adding an account for the address.
	AnotherAccount bool `help:"Add an account even if the address already has one. Each account has its own password."`
}

// Run adds an admin with a random password and prints the password once.
func (cmd *adminAddCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	email, err := auth.ParseEmail("EMAIL", cmd.Email)
	if err != nil {
		return err
	}
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	account := auth.Admin{GlobalRole: auth.Role(cmd.Role)}
	if cmd.Tenant != "" {
		if err := sys.requireTenant(ctx, cmd.Tenant); err != nil {
			return err
		}
		account = auth.Admin{Roles: map[string]auth.Role{cmd.Tenant: auth.Role(cmd.Role)}}
	}
	others, err := sys.stores.admins.AdminsByEmail(ctx, email)
	if err != nil {
		return err
	}
	if len(others) > 0 && !cmd.AnotherAccount {
		return errs.Invalid("EMAIL", "this address already has an account. Reset its password with egress admin reset, or add a second account with --another-account")
	}
	password := rand.Text()
	if err = auth.AddAdmin(ctx, sys.stores.admins, email, password, account); err == nil {
		printLogin(term, &login{email: email, password: password})
		err = sys.recordAccount(ctx, &account, "egress admin "+email+" --role "+cmd.Role)
	}
	return err
}

// recordAccount appends a command that changed an account to the audit logs of the tenants in which
// the account has a role.
func (s *system) recordAccount(ctx context.Context, a *auth.Admin, words string) error {
	ids, err := s.tenantIDs(ctx)
	if err != nil {
		return err
	}
	tenants := slices.DeleteFunc(ids, func(id string) bool { return !a.Role(id).Valid() })
	if !a.GlobalRole.Valid() {
		words += ", in " + strings.Join(tenants, ", ")
	} else {
		words += ", in every tenant"
	}
	return s.recordCommand(ctx, tenants, words, nil)
}

func printLogin(term terminal, l *login) {
	fmt.Fprintf(term.out, "  e-mail:   %s\n  password: %s\n", l.email, l.password)
}

type adminResetCmd struct {
	Email        string `arg:"" help:"The e-mail address that the admin logs in with."`
	Tenant       string `help:"A tenant of the account, if the address has several accounts."`
	SecondFactor bool   `help:"Remove the second factor as well."`
	KeepKeyPairs bool   `help:"Keep the key pairs of the account."`
}

// Run resets a password to a random one and prints the password once.
func (cmd *adminResetCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	admin, err := sys.findAccount(ctx, cmd.Email, cmd.Tenant)
	if err != nil {
		return err
	}
	password := rand.Text()
	r := auth.ResetAccountOptions{KeepKeyPairs: cmd.KeepKeyPairs}
	if cmd.SecondFactor {
		if r.Factors, err = auth.NewFactors(auth.FactorsOptions{Store: sys.stores.admins, Factors: sys.stores.admins, Logger: sys.log}); err != nil {
			return err
		}
	}
	done, err := auth.ResetAccount(ctx, sys.stores.admins, admin, password, r)
	if err != nil {
		return err
	}
	sys.removeFirstLogin(cfg, admin.Email)
	if err := sys.recordAccount(ctx, admin, cmd.auditText(admin.Email)); err != nil {
		return err
	}
	printLogin(term, &login{email: admin.Email, password: password})
	fmt.Fprintf(term.out, "  ended:    %d sessions, %d key pairs\n", done.Sessions, done.KeyPairs)
	return nil
}

// auditText returns the text of the command for the audit log.
func (cmd *adminResetCmd) auditText(email string) string {
	words := "egress admin reset " + email
	if cmd.SecondFactor {
		words += " --second-factor"
	}
	if cmd.KeepKeyPairs {
		words += " --keep-key-pairs"
	}
	return words
}

// findAccount returns the account of an address that has a role in the tenant, or of the address
// alone if tenant is empty. It returns an invalid-field error for no account and for several.
func (s *system) findAccount(ctx context.Context, email, tenant string) (*auth.Admin, error) {
	list, err := s.stores.admins.AdminsByEmail(ctx, auth.NormalizeEmail(email))
	if err != nil {
		return nil, err
	}
	var found []*auth.Admin
	var tenants []string
	for i := range list {
		for id := range list[i].Roles {
			tenants = append(tenants, id)
		}
		if tenant == "" || list[i].Role(tenant).Valid() {
			found = append(found, &list[i])
		}
	}
	switch len(found) {
	case 0:
		return nil, errs.Invalid("EMAIL", "no account has this address (with --tenant: and a role in that tenant)")
	case 1:
		return found[0], nil
	default:
		return nil, errs.Invalid("--tenant", "the address has %d accounts: select one by a tenant in which it has a role (%s)", len(found), strings.Join(tenants, ", "))
	}
}
