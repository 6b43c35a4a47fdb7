package main

import (
	"context"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// migratedTenant implements fromzephr.Tenant.
type migratedTenant struct {
	sys    *system
	tenant string
	walk   func(ctx context.Context, after string, skip, limit int64) ([]users.User, error)
}

// Schema implements fromzephr.Tenant.
func (t *migratedTenant) Schema(ctx context.Context) (users.Schema, error) {
	return t.sys.stores.directory.Schema(ctx, t.tenant)
}

// Stores implements fromzephr.Tenant.
func (t *migratedTenant) Stores(ctx context.Context) ([]users.Store, error) {
	return t.sys.stores.directory.Stores(ctx, t.tenant)
}

// Products implements fromzephr.Tenant.
func (t *migratedTenant) Products(ctx context.Context) ([]users.Product, error) {
	return t.sys.stores.directory.Products(ctx, t.tenant)
}

// AccountsByID implements fromzephr.Tenant.
func (t *migratedTenant) AccountsByID(ctx context.Context, ids []string) (map[string]users.Account, error) {
	return t.sys.stores.directory.AccountsByID(ctx, t.tenant, ids)
}

// CountAccounts implements fromzephr.Tenant.
func (t *migratedTenant) CountAccounts(ctx context.Context) (int64, error) {
	_, total, err := t.sys.stores.users.FindAccounts(ctx, t.tenant, nil, 0, 1)
	return total, err
}

// Users implements fromzephr.Tenant.
func (t *migratedTenant) Users(ctx context.Context, after string, limit int64) ([]users.User, error) {
	if t.walk == nil {
		schema, err := t.Schema(ctx)
		if err != nil {
			return nil, err
		}
		t.walk = t.sys.console.WalkUsers(t.tenant, filter.Selection{}, schema)
	}
	return t.walk(ctx, after, 0, limit)
}
