package main

import (
	"context"
	"errors"
	"slices"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
)

// openRefusals opens the recorder of refused requests, which appends them to the audit log.
func (s *system) openRefusals(authority *auth.Service) {
	s.refusals = audit.NewRefusals(audit.RefusalsOptions{
		Recorder: s.audit,
		Pair: func(ctx context.Context, accessKey string) (tenant, adminID string, err error) {
			pair, err := s.stores.admins.KeyPair(ctx, accessKey)
			if errors.Is(err, auth.ErrNotFound) {
				return "", "", nil
			}
			if err != nil {
				return "", "", err
			}
			return pair.Tenant, pair.AdminID, nil
		},
		Account: func(ctx context.Context, email string) (adminID, adminEmail string, tenants []string, err error) {
			accounts, err := authority.Accounts(ctx, email)
			if err != nil || len(accounts) == 0 {
				return "", "", nil, err
			}
			for i := range accounts { // the request does not say which account was meant
				memberships, err := authority.Memberships(ctx, &accounts[i])
				if err != nil {
					return "", "", nil, err
				}
				for _, m := range memberships {
					if !slices.Contains(tenants, m.Tenant.ID) {
						tenants = append(tenants, m.Tenant.ID)
					}
				}
			}
			return accounts[0].ID, accounts[0].Email, tenants, nil
		},
		Logger: s.log.With("component", "audit"),
	})
}
