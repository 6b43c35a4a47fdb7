package mongo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/users"
)

// Directory reads what a tenant has beside its users. It is the run's directory (run.Directory); all reads are at
// majority.
type Directory struct{ db *DB }

// NewDirectory returns the directory of the tenants in db.
func NewDirectory(db *DB) *Directory { return &Directory{db} }

// Schema returns the tenant's schema in its order. A tenant without one has none of its fields.
func (d *Directory) Schema(ctx context.Context, tenant string) (users.Schema, error) {
	return readSchema(ctx, d.db.TenantReads(tenant))
}

func readSchema(ctx context.Context, db *driver.Database) (users.Schema, error) {
	schema, err := all[users.Field](ctx, db.Collection(schemaCollection))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	slices.SortStableFunc(schema, func(a, b users.Field) int { return cmp.Compare(a.Order, b.Order) })
	return schema, nil
}

// Registry returns the foreign systems and app ids that the tenant's users have, each sorted.
func (d *Directory) Registry(ctx context.Context, tenant string) (users.Registry, error) {
	entries, err := all[registryEntry](ctx, d.db.TenantReads(tenant).Collection(registryCollection))
	if err != nil {
		return users.Registry{}, fmt.Errorf("read registry: %w", err)
	}
	r := users.Registry{ForeignSystems: []string{}, AppIDs: []string{}}
	for _, e := range entries {
		switch e.Kind {
		case foreignKind:
			r.ForeignSystems = append(r.ForeignSystems, e.Name)
		case profileKind:
			r.AppIDs = append(r.AppIDs, e.Name)
		}
	}
	slices.Sort(r.ForeignSystems)
	slices.Sort(r.AppIDs)
	return r, nil
}

// Stores returns the tenant's user stores by title.
func (d *Directory) Stores(ctx context.Context, tenant string) ([]users.Store, error) {
	stores, err := all[users.Store](ctx, d.db.TenantReads(tenant).Collection(storesCollection))
	if err != nil {
		return nil, fmt.Errorf("read user stores: %w", err)
	}
	slices.SortFunc(stores, func(a, b users.Store) int {
		return cmp.Or(cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	return stores, nil
}

// Products returns the tenant's products by label.
func (d *Directory) Products(ctx context.Context, tenant string) ([]users.Product, error) {
	products, err := all[users.Product](ctx, d.db.TenantReads(tenant).Collection(productsCollection))
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	slices.SortFunc(products, func(a, b users.Product) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.ID, b.ID))
	})
	return products, nil
}

// AccountNames returns the names of the accounts among ids that exist.
func (d *Directory) AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	collection := d.db.TenantReads(tenant).Collection(accountsCollection)
	for some := range slices.Chunk(ids, maxIDsPerQuery) {
		accounts, err := find[users.Account](ctx, collection, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: some}}}})
		if err != nil {
			return nil, fmt.Errorf("read account names: %w", err)
		}
		for _, a := range accounts {
			names[a.ID] = a.Name
		}
	}
	return names, nil
}

// Accounts returns the tenant's accounts in the order of their ids: at most limit, those behind after ("" for the
// first).
func (d *Directory) Accounts(ctx context.Context, tenant, after string, limit int) ([]users.Account, error) {
	accounts, err := find[users.Account](ctx, d.db.TenantReads(tenant).Collection(accountsCollection),
		bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return accounts, nil
}

// maxIDsPerQuery bounds the size of a command.
const maxIDsPerQuery = 5000

// all reads a collection that is small by its nature.
func all[T any](ctx context.Context, c *driver.Collection) ([]T, error) {
	return find[T](ctx, c, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
}

func find[T any](ctx context.Context, c *driver.Collection, filter bson.D, o ...options.Lister[options.FindOptions]) ([]T, error) {
	cursor, err := c.Find(ctx, filter, o...)
	if err != nil {
		return nil, err
	}
	list := []T{}
	if err := cursor.All(ctx, &list); err != nil {
		return nil, err
	}
	return list, nil
}
