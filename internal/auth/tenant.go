package auth

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/egress-io/egress/internal/errs"
)

// tenantID matches valid tenant ids. They become part of database names, file names and URLs.
var tenantID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}$`)

// CheckTenantID returns CodeInvalidRequest if a tenant cannot have the id.
func CheckTenantID(id string) error {
	if !tenantID.MatchString(id) {
		return errs.Invalid("tenant", "A tenant's id has up to 39 lower-case letters, digits and hyphens, and does not begin with a hyphen.")
	}
	return nil
}

// Membership is a tenant and an admin's role in it.
type Membership struct {
	Tenant Tenant
	Role   Role
}

// Memberships returns the tenants in which an admin has a role, ordered by tenant id.
func (s *directory) Memberships(ctx context.Context, a *Admin) ([]Membership, error) {
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tenants: %w", err)
	}
	var all []Membership
	for _, t := range tenants {
		if role := a.Role(t.ID); role.Valid() {
			all = append(all, Membership{t, role})
		}
	}
	return all, nil
}

// Account returns the current account with an id, and its memberships ordered by tenant id. It
// returns nil if the account does not exist.
func (s *directory) Account(ctx context.Context, adminID string) (*Admin, []Membership, error) {
	admin, err := s.store.Admin(ctx, adminID)
	if errors.Is(err, ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read an account: %w", err)
	}
	all, err := s.Memberships(ctx, admin)
	return admin, all, err
}

// Accounts returns the accounts of an e-mail address, oldest first.
func (s *directory) Accounts(ctx context.Context, email string) ([]Admin, error) {
	list, err := s.store.AdminsByEmail(ctx, NormalizeEmail(email))
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	return list, nil
}

// Membership returns an admin's membership in a tenant. If tenant is "" it returns the only
// membership, or CodeTenantRequired with the tenant ids if the admin has several. CodeNotFound if
// the tenant does not exist or the admin has no access; the error does not reveal which.
func (s *directory) Membership(ctx context.Context, a *Admin, tenant string) (Membership, error) {
	if tenant == "" {
		all, err := s.Memberships(ctx, a)
		if err != nil {
			return Membership{}, err
		}
		switch len(all) {
		case 0:
			return Membership{}, ErrNoTenant
		case 1:
			return all[0], nil
		default:
			return Membership{}, errTenantRequired(all)
		}
	}
	role := a.Role(tenant)
	if !role.Valid() {
		return Membership{}, ErrNoTenant
	}
	t, err := s.store.Tenant(ctx, tenant)
	if errors.Is(err, ErrNotFound) {
		return Membership{}, ErrNoTenant
	}
	if err != nil {
		return Membership{}, fmt.Errorf("read a tenant: %w", err)
	}
	return Membership{*t, role}, nil
}

// errTenantRequired asks an admin of several tenants to name one. A default tenant could change
// when somebody invites the admin.
func errTenantRequired(all []Membership) error {
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.Tenant.ID
	}
	e := errs.Errorf(errs.CodeTenantRequired, "You have access to several tenants (%s). Name one in the header Egress-Tenant.", strings.Join(ids, ", "))
	e.Details = map[string]any{"tenants": ids}
	return e
}

// ErrNoTenant means that the tenant does not exist or the admin has no access to it.
var ErrNoTenant = errs.Errorf(errs.CodeNotFound, "This tenant does not exist, or you have no access to it.")
