package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/egress-io/egress/internal/users"
)

var fieldTable = table[users.Field]{name: "schema", id: func(f *users.Field) string { return f.Slug }}

// Schema returns a tenant's schema, ordered by the fields' Order.
func (w *UserWriter) Schema(ctx context.Context, tenant string) (users.Schema, error) {
	return readSchema(ctx, w.db, tenant)
}

func readSchema(ctx context.Context, db *DB, tenant string) (schema users.Schema, err error) {
	err = db.readTenant(ctx, tenant, func(c *conn) (err error) {
		schema, err = fieldTable.find(c, "ORDER BY rowid")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	slices.SortStableFunc(schema, func(a, b users.Field) int { return cmp.Compare(a.Order, b.Order) })
	return schema, nil
}

// PutSchema adds or replaces the given fields, and keeps the others. If a field is invalid it
// writes nothing and returns errs.CodeInvalidRequest.
func (w *UserWriter) PutSchema(ctx context.Context, tenant string, fields users.Schema) error {
	if err := fields.Validate(); err != nil {
		return err
	}
	err := w.db.writeTenant(ctx, tenant, func(c *conn) error {
		for i := range fields {
			if err := fieldTable.put(c, &fields[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write schema: %w", err)
	}
	return nil
}

// DeleteField removes a field from the schema, and reports whether it existed. The users' values
// stay; exports report them as values without a column.
func (w *UserWriter) DeleteField(ctx context.Context, tenant, slug string) (existed bool, err error) {
	err = w.db.writeTenant(ctx, tenant, func(c *conn) error {
		n, err := fieldTable.remove(c, "WHERE id = ?", slug)
		existed = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("delete schema field: %w", err)
	}
	return existed, nil
}
