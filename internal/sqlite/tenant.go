package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/stored"
)

var tenantsTable = table[stored.Tenant]{name: "tenants", id: func(d *stored.Tenant) string { return d.ID }}

type tenantStore struct{ tenants records[stored.Tenant] }

func newTenantStore(db *DB) *tenantStore {
	return &tenantStore{records[stored.Tenant]{db.control, tenantsTable, "a tenant"}}
}

// InsertTenant adds a tenant. It returns auth.ErrDuplicate if the id exists.
func (s *tenantStore) InsertTenant(ctx context.Context, t auth.Tenant) error {
	if err := auth.CheckTenantID(t.ID); err != nil {
		return err
	}
	return s.tenants.insert(ctx, stored.NewTenant(t, time.Now()))
}

// Tenants returns all tenants, ordered by id.
func (s *tenantStore) Tenants(ctx context.Context) ([]auth.Tenant, error) {
	docs, err := s.tenants.list(ctx, "ORDER BY id")
	if err != nil {
		return nil, err
	}
	return convertAll(docs, (*stored.Tenant).Tenant), nil
}

// Tenant returns a tenant by id, or auth.ErrNotFound.
func (s *tenantStore) Tenant(ctx context.Context, id string) (*auth.Tenant, error) {
	d, err := s.tenants.one(ctx, "WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	t := d.Tenant()
	return &t, nil
}

// Features returns the features that were set for a tenant, and only those.
func (s *tenantStore) Features(ctx context.Context, tenant string) (map[export.Feature]bool, error) {
	d, err := s.tenants.one(ctx, "WHERE id = ?", tenant)
	if err != nil {
		return nil, tenantError(err)
	}
	return d.Features(), nil
}

// SetFeature switches a feature of a tenant on or off.
func (s *tenantStore) SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error {
	known := true
	err := s.tenants.change(ctx, tenant, func(d *stored.Tenant) bool {
		known = d.SetFeature(f, on)
		return known
	})
	if !known {
		return errs.Errorf(errs.CodeNotFound, "There is no such feature.")
	}
	return tenantError(err)
}

// Retention returns how long a tenant's files are kept, or 0 if the tenant has no such setting.
func (s *tenantStore) Retention(ctx context.Context, tenant string) (time.Duration, error) {
	t, err := s.Tenant(ctx, tenant)
	if err != nil {
		return 0, tenantError(err)
	}
	return t.Retention, nil
}

// SetRetention sets how long a tenant's files are kept, rounded down to seconds.
func (s *tenantStore) SetRetention(ctx context.Context, tenant string, d time.Duration) error {
	return s.change(ctx, tenant, func(t *stored.Tenant) { t.Retention = stored.Seconds(d) })
}

// SetLegacySignatures sets whether a tenant accepts requests whose query is not signed.
func (s *tenantStore) SetLegacySignatures(ctx context.Context, tenant string, allowed bool) error {
	return s.change(ctx, tenant, func(t *stored.Tenant) { t.Legacy = allowed })
}

// SetSecondFactorRequired sets whether a tenant requires sessions with a second factor.
func (s *tenantStore) SetSecondFactorRequired(ctx context.Context, tenant string, required bool) error {
	return s.change(ctx, tenant, func(t *stored.Tenant) { t.Factor = required })
}

// SetZephrSignatures sets whether a tenant accepts requests that are signed by Zephr's schemes.
func (s *tenantStore) SetZephrSignatures(ctx context.Context, tenant string, accepted bool) error {
	return s.change(ctx, tenant, func(t *stored.Tenant) { t.RefuseZephr = !accepted })
}

// SetDefaultStore sets the user store of users who are created without one; "" for the first one.
func (s *tenantStore) SetDefaultStore(ctx context.Context, tenant, store string) error {
	return s.change(ctx, tenant, func(t *stored.Tenant) { t.Store = store })
}

func (s *tenantStore) change(ctx context.Context, tenant string, change func(*stored.Tenant)) error {
	return tenantError(s.tenants.change(ctx, tenant, func(t *stored.Tenant) bool { change(t); return true }))
}

// tenantError replaces auth.ErrNotFound by errNoTenant.
func tenantError(err error) error {
	if errors.Is(err, auth.ErrNotFound) {
		return errNoTenant
	}
	return err
}

var errNoTenant = errs.Errorf(errs.CodeNotFound, "There is no such tenant.")
