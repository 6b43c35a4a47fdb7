package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users/seed"
)

// The tenant that the first start creates.
const (
	firstTenant     = "main"
	firstTenantName = "Main"
)

// prepareTenants creates the indexes of all tenants. If no tenant exists it creates the first one,
// or the demo tenants if demo is set.
func (s *system) prepareTenants(ctx context.Context, demo bool, users int, term terminal) error {
	tenants, err := s.stores.admins.Tenants(ctx)
	if err != nil {
		return err
	}
	if len(tenants) == 0 {
		if demo {
			return s.recordCommand(ctx, demoTenants(), fmt.Sprintf("egress serve --demo --demo-users %d", users), s.seed(ctx, users, term))
		}
		return s.ensureTenant(ctx, firstTenant, firstTenantName)
	}
	for _, t := range tenants {
		if err := s.stores.ensureTenant(ctx, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// ensureTenant creates a tenant if it does not exist, and its indexes.
func (s *system) ensureTenant(ctx context.Context, id, name string) error {
	err := s.stores.admins.InsertTenant(ctx, auth.Tenant{ID: id, Name: name})
	if err != nil && !errors.Is(err, auth.ErrDuplicate) {
		return err
	}
	if err == nil {
		s.log.InfoContext(ctx, "created a tenant", "tenant", id)
	}
	if err := s.stores.ensureTenant(ctx, id); err != nil {
		return err
	}
	return s.stores.writer.PrepareFolding(ctx, id)
}

// foldText updates the folded text that an earlier version wrote, in all tenants. It returns when
// it is done or ctx is done.
func (s *system) foldText(ctx context.Context) {
	s.stores.writer.RunFolding(ctx, func(ctx context.Context) (ids []string, err error) {
		tenants, err := s.stores.admins.Tenants(ctx)
		for _, t := range tenants {
			ids = append(ids, t.ID)
		}
		return ids, err
	}, s.log)
}

// requireTenant returns an error with CodeNotFound if the tenant does not exist.
func (s *system) requireTenant(ctx context.Context, id string) error {
	_, err := s.stores.admins.Tenant(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return errs.Errorf(errs.CodeNotFound, "--tenant: no tenant %q exists", id)
	}
	return err
}

// findTenant creates the indexes of the tenant that a command names. isNew reports that the tenant
// does not exist; unless the command may create it, that is an error.
func (s *system) findTenant(ctx context.Context, id string, create bool) (isNew bool, err error) {
	err = s.requireTenant(ctx, id)
	if errs.CodeOf(err) == errs.CodeNotFound {
		if !create {
			return false, errs.Errorf(errs.CodeNotFound, "--tenant: no tenant %q exists; --create-tenant creates it", id)
		}
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, s.ensureTenant(ctx, id, id)
}

// seed creates the demo tenants with n users each, or resets them.
func (s *system) seed(ctx context.Context, n int, term terminal) error {
	tenants := seed.Tenants()
	for _, t := range tenants {
		if err := s.ensureTenant(ctx, t.ID, t.Name); err != nil {
			return err
		}
	}
	bar := newProgressBar(term, "Demo users", int64(n*len(tenants)))
	done := 0
	previous := map[string]int{}
	err := seed.Run(ctx, s.stores.writer, tenants, n, time.Now(), func(t seed.Tenant, written int) {
		done += written - previous[t.ID]
		previous[t.ID] = written
		bar.set(int64(done))
	})
	bar.finish()
	if err != nil {
		return fmt.Errorf("create demo data: %w", err)
	}
	return nil
}

// demoTenants returns the ids of the demo tenants.
func demoTenants() (ids []string) {
	for _, t := range seed.Tenants() {
		ids = append(ids, t.ID)
	}
	return ids
}
