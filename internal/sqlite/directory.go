package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// Directory reads a tenant's data other than users. It implements pipeline.Directory.
type Directory struct{ db *DB }

// NewDirectory returns the directory of the tenants in db.
func NewDirectory(db *DB) *Directory { return &Directory{db} }

// Schema returns a tenant's schema, ordered by the fields' Order. A tenant without a schema has no
// fields.
func (d *Directory) Schema(ctx context.Context, tenant string) (users.Schema, error) {
	return readSchema(ctx, d.db, tenant)
}

// Registry returns the foreign systems and app ids of a tenant's users, each sorted.
func (d *Directory) Registry(ctx context.Context, tenant string) (r users.Registry, err error) {
	entries, err := readTable(ctx, d.db, tenant, registryTable)
	if err != nil {
		return users.Registry{}, err
	}
	return stored.Registry(entries), nil
}

// Stores returns a tenant's user stores, ordered by title.
func (d *Directory) Stores(ctx context.Context, tenant string) ([]users.Store, error) {
	stores, err := readTable(ctx, d.db, tenant, storeTable.table)
	slices.SortFunc(stores, func(a, b users.Store) int {
		return cmp.Or(cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	return stores, err
}

// Products returns a tenant's products, ordered by label.
func (d *Directory) Products(ctx context.Context, tenant string) ([]users.Product, error) {
	products, err := readTable(ctx, d.db, tenant, productTable.table)
	slices.SortFunc(products, func(a, b users.Product) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.ID, b.ID))
	})
	return products, err
}

func readTable[T any](ctx context.Context, db *DB, tenant string, t table[T]) (list []T, err error) {
	err = db.readTenant(ctx, tenant, func(c *conn) (err error) {
		list, err = t.find(c, "")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	return list, nil
}

// AccountNames returns the names of those accounts among ids that exist, by id.
func (d *Directory) AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	accounts, err := d.AccountsByID(ctx, tenant, ids)
	names := make(map[string]string, len(accounts))
	for id, a := range accounts {
		names[id] = a.Name
	}
	return names, err
}

// AccountsByID returns those accounts among ids that exist, by id.
func (d *Directory) AccountsByID(ctx context.Context, tenant string, ids []string) (map[string]users.Account, error) {
	byID := make(map[string]users.Account, len(ids))
	err := d.db.readTenant(ctx, tenant, func(c *conn) error {
		for _, id := range ids {
			accounts, err := accountTable.find(c, "WHERE id = ?", id)
			if err != nil {
				return err
			}
			for _, a := range accounts {
				byID[a.ID] = a.Account
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return byID, nil
}

// Accounts returns at most limit accounts of a tenant, ordered by id, that follow the id after (""
// for the first page).
func (d *Directory) Accounts(ctx context.Context, tenant, after string, limit int) ([]users.Account, error) {
	accounts := []users.Account{}
	err := d.db.readTenant(ctx, tenant, func(c *conn) error {
		found, err := accountTable.find(c, "WHERE id > ? ORDER BY id LIMIT ?", after, limit)
		for _, a := range found {
			accounts = append(accounts, a.Account)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return accounts, nil
}
