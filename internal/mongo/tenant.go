package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/stored"
)

// featureFields are the fields of a tenant's document that hold its features.
var featureFields = map[export.Feature]string{
	export.FeatureAsync:       "async_user_export",
	export.FeatureStateEvents: "state_events_export",
}

// InsertTenant adds a tenant. It returns auth.ErrDuplicate if the id exists.
func (s *tenantStore) InsertTenant(ctx context.Context, t auth.Tenant) error {
	if err := auth.CheckTenantID(t.ID); err != nil {
		return err
	}
	_, err := s.writes.Collection(tenantsCollection).InsertOne(ctx, stored.NewTenant(t, time.Now()))
	if driver.IsDuplicateKeyError(err) {
		return auth.ErrDuplicate
	}
	if err != nil {
		return fmt.Errorf("insert a tenant: %w", err)
	}
	return nil
}

// Tenants returns all tenants, ordered by id.
func (s *tenantStore) Tenants(ctx context.Context) ([]auth.Tenant, error) {
	cursor, err := s.reads.Collection(tenantsCollection).Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("find tenants: %w", err)
	}
	var docs []stored.Tenant
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read tenants: %w", err)
	}
	tenants := make([]auth.Tenant, len(docs))
	for i := range docs {
		tenants[i] = docs[i].Tenant()
	}
	return tenants, nil
}

// Tenant returns a tenant by id, or auth.ErrNotFound.
func (s *tenantStore) Tenant(ctx context.Context, id string) (*auth.Tenant, error) {
	d, err := findOne[stored.Tenant](ctx, s.reads.Collection(tenantsCollection), bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return nil, err
	}
	t := d.Tenant()
	return &t, nil
}

// Features returns the features that were set for a tenant, and only those.
func (s *tenantStore) Features(ctx context.Context, tenant string) (map[export.Feature]bool, error) {
	d, err := findOne[stored.Tenant](ctx, s.reads.Collection(tenantsCollection), bson.D{{Key: "_id", Value: tenant}})
	if errors.Is(err, auth.ErrNotFound) {
		return nil, errNoTenant
	}
	if err != nil {
		return nil, err
	}
	return d.Features(), nil
}

// SetFeature switches a feature of a tenant on or off.
func (s *tenantStore) SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error {
	field, ok := featureFields[f]
	if !ok {
		return errs.Errorf(errs.CodeNotFound, "There is no such feature.")
	}
	return s.setTenantField(ctx, tenant, field, on)
}

// Retention returns how long a tenant's files are kept, or 0 if the tenant has no such setting.
func (s *tenantStore) Retention(ctx context.Context, tenant string) (time.Duration, error) {
	t, err := s.Tenant(ctx, tenant)
	if errors.Is(err, auth.ErrNotFound) {
		return 0, errNoTenant
	}
	if err != nil {
		return 0, err
	}
	return t.Retention, nil
}

// SetRetention sets how long a tenant's files are kept, rounded down to seconds.
func (s *tenantStore) SetRetention(ctx context.Context, tenant string, d time.Duration) error {
	return s.setTenantField(ctx, tenant, "retention_seconds", stored.Seconds(d))
}

// SetLegacySignatures sets whether a tenant accepts requests whose query is not signed.
func (s *tenantStore) SetLegacySignatures(ctx context.Context, tenant string, allowed bool) error {
	return s.setTenantField(ctx, tenant, "legacy_signatures", allowed)
}

// SetSecondFactorRequired sets whether a tenant requires sessions with a second factor.
func (s *tenantStore) SetSecondFactorRequired(ctx context.Context, tenant string, required bool) error {
	return s.setTenantField(ctx, tenant, "second_factor_required", required)
}

// SetZephrSignatures sets whether a tenant accepts requests that are signed by Zephr's schemes.
func (s *tenantStore) SetZephrSignatures(ctx context.Context, tenant string, accepted bool) error {
	return s.setTenantField(ctx, tenant, "refuse_zephr", !accepted)
}

// SetDefaultStore sets the user store of users who are created without one; "" for the first one.
func (s *tenantStore) SetDefaultStore(ctx context.Context, tenant, store string) error {
	return s.setTenantField(ctx, tenant, "default_store", store)
}

// setTenantField sets one field of a tenant's document.
func (s *tenantStore) setTenantField(ctx context.Context, tenant, field string, value any) error {
	r, err := s.writes.Collection(tenantsCollection).UpdateOne(ctx, bson.D{{Key: "_id", Value: tenant}},
		bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}})
	if err != nil {
		return fmt.Errorf("set %s of a tenant: %w", field, err)
	}
	if r.MatchedCount == 0 {
		return errNoTenant
	}
	return nil
}

var errNoTenant = errs.Errorf(errs.CodeNotFound, "There is no such tenant.")
