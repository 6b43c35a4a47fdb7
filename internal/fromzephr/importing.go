package fromzephr

import (
	"context"
	"fmt"

	"github.com/egress-io/egress/internal/users"
)

// CatalogWriter stores what users refer to. importer.Writer says what the methods return.
type CatalogWriter interface {
	Schema(ctx context.Context, tenant string) (users.Schema, error)
	PutSchema(ctx context.Context, tenant string, fields users.Schema) error
	AddProducts(ctx context.Context, tenant string, products []users.Product) (added int, err error)
	AddAccounts(ctx context.Context, tenant string, accounts []users.Account) (added int, err error)
}

// ImportCatalog writes the schema, the products and the accounts of a folder into a tenant. It adds
// what it cannot write to the report. A field that the tenant has with another type keeps that type:
// values are stored with it, and a widened field of an earlier run must stay so.
func ImportCatalog(ctx context.Context, f *Folder, w CatalogWriter, tenant string, r *Report) error {
	fields, err := Fields(f, r)
	if err != nil {
		return err
	}
	has, err := w.Schema(ctx, tenant)
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	next := 0
	for _, old := range has {
		next = max(next, old.Order+1)
	}
	var write users.Schema
	for _, field := range fields {
		switch old, exists := has.Field(field.Slug); {
		case !exists:
			field.Order = next
			next++
		case old.Kind() != field.Kind():
			continue
		default:
			field.Order = old.Order
		}
		write = append(write, field)
	}
	if len(write) > 0 {
		if err := w.PutSchema(ctx, tenant, write); err != nil {
			return fmt.Errorf("write the schema: %w", err)
		}
	}
	if err := inBatches(ctx, tenant, w.AddProducts, func(visit func(users.Product) error) error { return EachProduct(f, r, visit) }); err != nil {
		return fmt.Errorf("write the products: %w", err)
	}
	if err := inBatches(ctx, tenant, w.AddAccounts, func(visit func(users.Account) error) error { return EachAccount(f, r, visit) }); err != nil {
		return fmt.Errorf("write the accounts: %w", err)
	}
	return nil
}

// inBatches writes what each visits in batches.
func inBatches[T any](ctx context.Context, tenant string, write func(context.Context, string, []T) (int, error), each func(func(T) error) error) error {
	const most = 500
	var batch []T
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := write(ctx, tenant, batch)
		batch = batch[:0]
		return err
	}
	err := each(func(v T) error {
		if batch = append(batch, v); len(batch) < most {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}
