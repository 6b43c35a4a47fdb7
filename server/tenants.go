package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/users/seed"
)

// The tenant that is made where there is none.
const (
	firstTenant     = "main"
	firstTenantName = "Main"
)

// prepareTenants makes a first tenant where there is none — with demo, the demo organisations — and the indexes of all.
func (s *system) prepareTenants(ctx context.Context, demo bool, users int, term terminal) error {
	tenants, err := s.accounts.Tenants(ctx)
	if err != nil {
		return err
	}
	if len(tenants) == 0 {
		if demo {
			return s.seed(ctx, users, term)
		}
		return s.ensureTenant(ctx, firstTenant, firstTenantName)
	}
	for _, t := range tenants {
		if err := s.db.EnsureTenantIndexes(ctx, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// ensureTenant makes a tenant where it is missing, and its indexes in any case.
func (s *system) ensureTenant(ctx context.Context, id, name string) error {
	err := s.accounts.InsertTenant(ctx, auth.Tenant{ID: id, Name: name})
	if err != nil && !errors.Is(err, auth.ErrDuplicate) {
		return err
	}
	if err == nil {
		s.log.InfoContext(ctx, "made a tenant", "tenant", id)
	}
	return s.db.EnsureTenantIndexes(ctx, id)
}

// requireTenant fails with CodeNotFound where there is no such tenant.
func (s *system) requireTenant(ctx context.Context, id string) error {
	_, err := s.accounts.Tenant(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return export.Errorf(export.CodeNotFound, "--tenant: there is no tenant %q", id)
	}
	return err
}

// seed makes the demo organisations, or brings them back to what they were.
func (s *system) seed(ctx context.Context, n int, term terminal) error {
	tenants := seed.Tenants()
	for _, t := range tenants {
		if err := s.ensureTenant(ctx, t.ID, t.Name); err != nil {
			return err
		}
	}
	bar := newBar(term, "Demo users", int64(n*len(tenants)))
	done := 0
	previous := map[string]int{}
	err := seed.Run(ctx, mongo.NewUserWriter(s.db), tenants, n, func(t seed.Tenant, written int) {
		done += written - previous[t.ID]
		previous[t.ID] = written
		bar.set(int64(done))
	})
	bar.finish()
	if err != nil {
		return fmt.Errorf("make demo data: %w", err)
	}
	return nil
}
