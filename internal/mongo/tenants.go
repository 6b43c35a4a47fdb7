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
	"github.com/egress-io/egress/internal/export"
)

// tenantID is what names a tenant: it becomes part of a database's name, a file's name and an address.
var tenantID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}$`)

type tenantDocument struct {
	ID          string    `bson:"_id"`
	Name        string    `bson:"name"`
	Created     time.Time `bson:"created"`
	Async       *bool     `bson:"async_user_export,omitempty"`   // missing: on
	StateEvents *bool     `bson:"state_events_export,omitempty"` // missing: off
	Retention   int64     `bson:"retention_seconds,omitempty"`   // missing: the process's
	Legacy      bool      `bson:"legacy_signatures,omitempty"`   // missing: not allowed
}

func (d *tenantDocument) tenant() auth.Tenant {
	return auth.Tenant{
		ID: d.ID, Name: d.Name, Retention: time.Duration(d.Retention) * time.Second, LegacySignatures: d.Legacy,
	}
}

// featureFields are where a tenant's record holds each feature.
var featureFields = map[export.Feature]string{
	export.FeatureAsync:       "async_user_export",
	export.FeatureStateEvents: "state_events_export",
}

// InsertTenant adds a tenant, or returns auth.ErrDuplicate when the id is taken.
func (s *Accounts) InsertTenant(ctx context.Context, t auth.Tenant) error {
	if !tenantID.MatchString(t.ID) {
		return export.Invalid("tenant", "A tenant's id has up to 39 lower-case letters, digits and hyphens, and does not begin with a hyphen.")
	}
	_, err := s.writes.Collection(tenantsCollection).InsertOne(ctx, tenantDocument{
		ID: t.ID, Name: t.Name, Created: time.Now(), Retention: int64(t.Retention / time.Second), Legacy: t.LegacySignatures,
	})
	if driver.IsDuplicateKeyError(err) {
		return auth.ErrDuplicate
	}
	if err != nil {
		return fmt.Errorf("insert a tenant: %w", err)
	}
	return nil
}

// Tenants returns every tenant by id.
func (s *Accounts) Tenants(ctx context.Context) ([]auth.Tenant, error) {
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
func (s *Accounts) Tenant(ctx context.Context, id string) (*auth.Tenant, error) {
	d, err := findOne[tenantDocument](ctx, s.reads.Collection(tenantsCollection), bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return nil, err
	}
	t := d.tenant()
	return &t, nil
}

// Features returns the features that were switched in a tenant, and only those.
func (s *Accounts) Features(ctx context.Context, tenant string) (map[export.Feature]bool, error) {
	d, err := findOne[tenantDocument](ctx, s.reads.Collection(tenantsCollection), bson.D{{Key: "_id", Value: tenant}})
	if errors.Is(err, auth.ErrNotFound) {
		return nil, errNoTenant
	}
	if err != nil {
		return nil, err
	}
	switched := map[export.Feature]bool{}
	for f, on := range map[export.Feature]*bool{export.FeatureAsync: d.Async, export.FeatureStateEvents: d.StateEvents} {
		if on != nil {
			switched[f] = *on
		}
	}
	return switched, nil
}

// SetFeature switches a feature of a tenant.
func (s *Accounts) SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error {
	field, ok := featureFields[f]
	if !ok {
		return export.Errorf(export.CodeNotFound, "There is no such feature.")
	}
	return s.setInTenant(ctx, tenant, field, on)
}

// Retention returns how long a tenant's files are kept, 0 where nothing was said.
func (s *Accounts) Retention(ctx context.Context, tenant string) (time.Duration, error) {
	t, err := s.Tenant(ctx, tenant)
	if errors.Is(err, auth.ErrNotFound) {
		return 0, errNoTenant
	}
	if err != nil {
		return 0, err
	}
	return t.Retention, nil
}

// SetRetention says how long a tenant's files are kept, to the second.
func (s *Accounts) SetRetention(ctx context.Context, tenant string, d time.Duration) error {
	return s.setInTenant(ctx, tenant, "retention_seconds", int64(d/time.Second))
}

// SetLegacySignatures allows requests of a tenant whose query is not signed, or does not any more.
func (s *Accounts) SetLegacySignatures(ctx context.Context, tenant string, allowed bool) error {
	return s.setInTenant(ctx, tenant, "legacy_signatures", allowed)
}

// setInTenant writes one field of a tenant's record.
func (s *Accounts) setInTenant(ctx context.Context, tenant, field string, value any) error {
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

var errNoTenant = export.Errorf(export.CodeNotFound, "There is no such tenant.")
