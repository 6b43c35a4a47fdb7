package importer

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/egress-io/egress/internal/users"
)

// CatalogWriter stores the products and accounts of an import. Writer says what the methods return.
type CatalogWriter interface {
	AddProducts(ctx context.Context, tenant string, products []users.Product) (added int, err error)
	AddAccounts(ctx context.Context, tenant string, accounts []users.Account) (added int, err error)
}

// RunProducts imports the products of the source into the tenant, with all their members. Like Run, it
// writes nothing if the file is malformed or truncated. It skips an invalid product and continues,
// except with Stop. An existing product keeps its label, unless that is its id, and gets the members
// of the file. RunProducts ignores the options for users.
func RunProducts(ctx context.Context, w CatalogWriter, tenant string, src Source, o Options) (Report, error) {
	return catalogImport[users.Product]{newPasses(src, "products", o), tenant, SkippedProduct, w.AddProducts}.run(ctx)
}

// RunAccounts imports accounts as RunProducts imports products. An existing account keeps its name.
func RunAccounts(ctx context.Context, w CatalogWriter, tenant string, src Source, o Options) (Report, error) {
	return catalogImport[users.Account]{newPasses(src, "accounts", o), tenant, SkippedAccount, w.AddAccounts}.run(ctx)
}

// catalogImport imports products or accounts.
type catalogImport[T any] struct {
	passes

	tenant  string
	skipped Skipped
	add     func(ctx context.Context, tenant string, list []T) (added int, err error)
}

func (im catalogImport[T]) run(ctx context.Context) (Report, error) {
	report := Report{Ignored: map[string]int64{}}
	if err := im.read(ctx, false, func(item) error { return nil }); err != nil {
		return report, err
	}
	if im.o.OnError == Stop {
		invalid, err := im.each(ctx, false, "", func(T) error { return nil })
		if err == nil && invalid > 0 {
			err = stopError(invalid)
		}
		if err != nil {
			return report, err
		}
	}
	if im.o.CreateTenant != nil {
		if err := im.o.CreateTenant(ctx); err != nil {
			return report, err
		}
	}
	var batch []T
	write := func() error {
		if len(batch) == 0 {
			return nil
		}
		added, err := im.add(ctx, im.tenant, batch)
		if err != nil {
			return fmt.Errorf("write %s: %w", im.noun, err)
		}
		report.Created += int64(added)
		report.Updated += int64(len(batch) - added)
		report.Read += int64(len(batch))
		batch = batch[:0]
		return nil
	}
	refused, err := im.each(ctx, true, im.skipped, func(v T) error {
		if batch = append(batch, v); len(batch) < catalogBatch {
			return nil
		}
		return write()
	})
	if err == nil {
		err = write()
	}
	report.Refused = refused
	report.Read += refused
	return report, err
}

// catalogBatch is the number of products or accounts that are written together.
const catalogBatch = 500

// each makes one pass: it calls visit for each valid product or account. It reports the others as
// skipped, and returns their number.
func (im catalogImport[T]) each(ctx context.Context, writing bool, skipped Skipped, visit func(T) error) (refused int64, err error) {
	err = im.read(ctx, writing, func(it item) error {
		var v T
		problem := problem{reason: it.reason}
		if it.raw != nil {
			err := json.Unmarshal(it.raw, &v)
			if err == nil {
				return visit(v)
			}
			problem = problemFrom(err)
		}
		refused++
		im.reportRefusal(it, "", skipped, problem)
		return nil
	})
	return refused, err
}
