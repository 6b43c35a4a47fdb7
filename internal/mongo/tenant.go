package mongo

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// tenantID matches valid tenant ids. They become part of database names, file names and URLs.
var tenantID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}$`)

type tenantDocument struct {
	ID          string    `bson:"_id"`
	Name        string    `bson:"name"`
	Created     time.Time `bson:"created"`
	Async       *bool     `bson:"async_user_export,omitempty"`   // missing: on
	StateEvents *bool     `bson:"state_events_export,omitempty"` // missing: off
	Retention   int64     `bson:"retention_seconds,omitempty"`   // missing: the server's setting
	Legacy      bool      `bson:"legacy_signatures,omitempty"`   // missing: not allowed
	Factor      bool      `bson:"second_factor_required,omitempty"`
	RefuseZephr bool      `bson:"refuse_zephr,omitempty"` // missing: Zephr's signatures are accepted
}

func (d *tenantDocument) tenant() auth.Tenant {
	return auth.Tenant{
		ID: d.ID, Name: d.Name, Retention: time.Duration(d.Retention) * time.Second, LegacySignatures: d.Legacy,
		SecondFactorRequired: d.Factor,
		RefuseZephr:          d.RefuseZephr,
	}
}

// featureFields are the fields of a tenant's document that hold its features.
var featureFields = map[export.Feature]string{
	export.FeatureAsync:       "async_user_export",
	export.FeatureStateEvents: "state_events_export",
}

// InsertTenant adds a tenant. It returns auth.ErrDuplicate if the id exists.
func (s *tenantStore) InsertTenant(ctx context.Context, t auth.Tenant) error {
	if !tenantID.MatchString(t.ID) {
		return errs.Invalid("tenant", "A tenant's id has up to 39 lower-case letters, digits and hyphens, and does not begin with a hyphen.")
	}
	_, err := s.writes.Collection(tenantsCollection).InsertOne(ctx, tenantDocument{
		ID: t.ID, Name: t.Name, Created: time.Now(), Retention: int64(t.Retention / time.Second), Legacy: t.LegacySignatures,
		Factor:      t.SecondFactorRequired,
		RefuseZephr: t.RefuseZephr,
	})
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
	var docs []tenantDocument
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read tenants: %w", err)
	}
	tenants := make([]auth.Tenant, len(docs))
	for i := range docs {
		tenants[i] = docs[i].tenant()
	}
	return tenants, nil
}

// Tenant returns a tenant by id, or auth.ErrNotFound.
func (s *tenantStore) Tenant(ctx context.Context, id string) (*auth.Tenant, error) {
	d, err := findOne[tenantDocument](ctx, s.reads.Collection(tenantsCollection), bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return nil, err
	}
	t := d.tenant()
	return &t, nil
}

// Features returns the features that were set for a tenant, and only those.
func (s *tenantStore) Features(ctx context.Context, tenant string) (map[export.Feature]bool, error) {
	d, err := findOne[tenantDocument](ctx, s.reads.Collection(tenantsCollection), bson.D{{Key: "_id", Value: tenant}})
	if errors.Is(err, auth.ErrNotFound) {
		return nil, errNoTenant
	}
	if err != nil {
		return nil, err
	}
	features := map[export.Feature]bool{}
	for f, on := range map[export.Feature]*bool{export.FeatureAsync: d.Async, export.FeatureStateEvents: d.StateEvents} {
		if on != nil {
			features[f] = *on
		}
	}
	return features, nil
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
	return s.setTenantField(ctx, tenant, "retention_seconds", int64(d/time.Second))
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
