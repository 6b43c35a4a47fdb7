package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/errs"
)

// Members returns the admins who have a role in a tenant, ordered by e-mail address.
func (s *directory) Members(ctx context.Context, tenant string) ([]Admin, error) {
	list, err := s.store.AdminsIn(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("list admins: %w", err)
	}
	slices.SortFunc(list, func(a, b Admin) int { return strings.Compare(a.Email, b.Email) })
	return list, nil
}

// Member returns an admin who has a role in a tenant, or CodeNotFound.
func (s *directory) Member(ctx context.Context, tenant, adminID string) (*Admin, error) {
	admin, err := s.store.Admin(ctx, adminID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("find an admin: %w", err)
	}
	if err != nil || !admin.Role(tenant).Valid() {
		return nil, errs.Errorf(errs.CodeNotFound, "There is no admin with this ID in this tenant.")
	}
	return admin, nil
}

// SetRole changes an admin's role in a tenant; a role of "" removes it. It returns the admin as
// before the change. CodeExists for the last owner of a tenant; CodeForbidden if the admin has a
// role in every tenant, which only the operator can change. Key pairs follow the admin's role; the
// caller ends sockets and streams that the new role does not allow.
func (s *directory) SetRole(ctx context.Context, tenant, adminID string, role Role) (before *Admin, err error) {
	before, err = s.Member(ctx, tenant, adminID)
	if err != nil {
		return nil, err
	}
	if before.GlobalRole.Valid() && !role.Includes(before.GlobalRole) {
		return nil, errs.Errorf(errs.CodeForbidden, "This admin has the role %q in every tenant, which only the operator of Egress can change.", before.GlobalRole)
	}
	if err := s.store.SetRole(ctx, adminID, tenant, role); err != nil {
		return nil, fmt.Errorf("change a role: %w", err)
	}
	// Check for an owner after the change. If two owners demote each other at the same time, at
	// least one of them finds no owner and reverts the change.
	hasOwner, err := s.hasOwner(ctx, tenant)
	if err == nil && hasOwner {
		return before, nil
	}
	if revertErr := s.store.SetRole(ctx, adminID, tenant, before.Roles[tenant]); revertErr != nil {
		return nil, fmt.Errorf("restore a role: %w", errors.Join(err, revertErr))
	}
	if err != nil {
		return nil, err
	}
	return nil, errs.Errorf(errs.CodeExists, "A tenant needs an owner. Make another admin an owner first.")
}

// hasOwner reports whether a tenant has an owner.
func (s *directory) hasOwner(ctx context.Context, tenant string) (bool, error) {
	list, err := s.store.AdminsIn(ctx, tenant)
	if err != nil {
		return false, fmt.Errorf("look for an owner: %w", err)
	}
	return slices.ContainsFunc(list, func(a Admin) bool { return a.Role(tenant) == Owner }), nil
}
