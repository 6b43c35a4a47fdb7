package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/export"
)

// Membership is a tenant and an admin's role in it.
type Membership struct {
	Tenant Tenant
	Role   Role
}

// Memberships returns where an admin may work, by tenant id.
func (s *Service) Memberships(ctx context.Context, a *Admin) ([]Membership, error) {
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

// Account returns the admin with an e-mail address and where they may work; nil where there is none.
func (s *Service) Account(ctx context.Context, email string) (*Admin, []Membership, error) {
	admin, err := s.store.AdminByEmail(ctx, NormalizeEmail(email))
	if errors.Is(err, ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find an admin: %w", err)
	}
	all, err := s.Memberships(ctx, admin)
	return admin, all, err
}

// Enter returns an admin's membership in a tenant, the first one where none is named. Whether a tenant does not exist or
// is closed to the admin is not told: both are CodeNotFound.
func (s *Service) Enter(ctx context.Context, a *Admin, tenant string) (Membership, error) {
	if tenant == "" {
		all, err := s.Memberships(ctx, a)
		if err != nil {
			return Membership{}, err
		}
		if len(all) == 0 {
			return Membership{}, ErrNoTenant
		}
		return all[0], nil
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

// ErrNoTenant is the answer for a tenant that does not exist or is closed to who asks.
var ErrNoTenant = export.Errorf(export.CodeNotFound, "There is no such tenant, or it is not open to you.")
