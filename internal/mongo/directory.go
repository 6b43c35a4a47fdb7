package mongo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// Directory reads a tenant's data other than users. It implements pipeline.Directory. All its reads
// use read concern majority.
type Directory struct{ db *DB }

// NewDirectory returns the directory of the tenants in db.
func NewDirectory(db *DB) *Directory { return &Directory{db} }

// Schema returns a tenant's schema, ordered by the fields' Order. A tenant without a schema has no
// fields.
func (d *Directory) Schema(ctx context.Context, tenant string) (users.Schema, error) {
	return readSchema(ctx, d.db.TenantReads(tenant))
}

func readSchema(ctx context.Context, db *driver.Database) (users.Schema, error) {
	schema, err := findAll[users.Field](ctx, db.Collection(schemaCollection))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", markDenied(err))
	}
	slices.SortStableFunc(schema, func(a, b users.Field) int { return cmp.Compare(a.Order, b.Order) })
	return schema, nil
}

// Registry returns the foreign systems and app ids of a tenant's users, each sorted.
func (d *Directory) Registry(ctx context.Context, tenant string) (users.Registry, error) {
	entries, err := findAll[stored.RegistryEntry](ctx, d.db.TenantReads(tenant).Collection(registryCollection))
	if err != nil {
		return users.Registry{}, fmt.Errorf("read registry: %w", markDenied(err))
	}
	return stored.Registry(entries), nil
}

// Stores returns a tenant's user stores, ordered by title.
func (d *Directory) Stores(ctx context.Context, tenant string) ([]users.Store, error) {
	stores, err := findAll[users.Store](ctx, d.db.TenantReads(tenant).Collection(storesCollection))
	if err != nil {
		return nil, fmt.Errorf("read user stores: %w", err)
	}
	slices.SortFunc(stores, func(a, b users.Store) int {
		return cmp.Or(cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	return stores, nil
}

// Products returns a tenant's products, ordered by label.
func (d *Directory) Products(ctx context.Context, tenant string) ([]users.Product, error) {
	products, err := findAll[users.Product](ctx, d.db.TenantReads(tenant).Collection(productsCollection))
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	slices.SortFunc(products, func(a, b users.Product) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.ID, b.ID))
	})
	return products, nil
}
