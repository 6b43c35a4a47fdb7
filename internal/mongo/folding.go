package mongo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// RunFolding creates the indexes on folded text and foreign keys, and folds the text of tenants that
// an earlier version of Egress has not folded, or has folded with other Unicode tables. It works on
// one tenant at a time while the server answers requests. It blocks until each tenant is done,
// retrying after errors, or until ctx ends. Several processes may run it at once.
func (w *UserWriter) RunFolding(ctx context.Context, tenants func(context.Context) ([]string, error), logger *slog.Logger) {
	users.RunFolding(ctx, tenants, func(ctx context.Context, tenant string) error { return w.foldTenantOnce(ctx, tenant, logger) }, logger)
}

// foldTenantOnce folds the text of a tenant, unless the mark shows that this was done.
func (w *UserWriter) foldTenantOnce(ctx context.Context, tenant string, logger *slog.Logger) error {
	if err := w.db.createLateIndexes(ctx, tenant); err != nil {
		return err
	}
	if done, err := w.isFolded(ctx, tenant); done || err != nil {
		return err
	}
	logger.InfoContext(ctx, "folding the text of users", "tenant", tenant)
	changed, err := w.FoldTenant(ctx, tenant)
	if err != nil {
		return err
	}
	logger.InfoContext(ctx, "folded the text of users", "tenant", tenant, "changed", changed)
	return nil
}

// FoldTenant corrects the folded text of a tenant's users and accounts, sets the mark, and returns
// the number of documents changed. Users may be written meanwhile.
func (w *UserWriter) FoldTenant(ctx context.Context, tenant string) (changed int64, err error) {
	for _, b := range []*foldingBatch{w.userFolding(tenant), w.accountFolding(tenant)} {
		err := w.foldCollection(ctx, tenant, b, b.add)
		changed += b.changed
		if err != nil {
			return changed, err
		}
	}
	return changed, w.markFolded(ctx, tenant)
}

// foldCollection calls visit for each document of a batch's collection, then flushes the batch.
// Visit must add the document to the batch.
func (w *UserWriter) foldCollection(ctx context.Context, tenant string, b *foldingBatch, visit func(context.Context, bson.Raw) error) error {
	name := b.collection.Name()
	err := eachDocument(ctx, w.db.TenantReads(tenant).Collection(name), b.projection, visit)
	if err == nil {
		err = b.flush(ctx)
	}
	if err != nil {
		return fmt.Errorf("fold the text of %s: %w", name, err)
	}
	return nil
}

// eachDocument calls visit for each document of a collection, in no order.
func eachDocument(ctx context.Context, c *driver.Collection, projection bson.D, visit func(context.Context, bson.Raw) error) error {
	cursor, err := c.Find(ctx, bson.D{}, options.Find().SetProjection(projection))
	if err != nil {
		return err
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(ctx) {
		if err := visit(ctx, cursor.Current); err != nil {
			return err
		}
	}
	return cursor.Err()
}

// PrepareFolding creates the indexes of RunFolding and the mark for a tenant without users and
// accounts: later ones get folded text when they are written. For other tenants it does nothing and
// leaves the work to RunFolding.
func (w *UserWriter) PrepareFolding(ctx context.Context, tenant string) error {
	for _, name := range []string{usersCollection, accountsCollection} {
		err := w.db.Tenant(tenant).Collection(name).FindOne(ctx, bson.D{}, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
		if err == nil {
			return nil
		}
		if !errors.Is(err, driver.ErrNoDocuments) {
			return fmt.Errorf("find %s: %w", name, err)
		}
	}
	if err := w.db.createLateIndexes(ctx, tenant); err != nil {
		return err
	}
	return w.markFolded(ctx, tenant)
}

func (w *UserWriter) markFolded(ctx context.Context, tenant string) error {
	_, err := w.db.Tenant(tenant).Collection(upgradesCollection).ReplaceOne(ctx, bson.D{{Key: "_id", Value: stored.FoldingMarkID}},
		stored.NewFoldingMark(), options.Replace().SetUpsert(true))
	if err != nil {
		return fmt.Errorf("mark folded text: %w", err)
	}
	return nil
}

func (w *UserWriter) isFolded(ctx context.Context, tenant string) (bool, error) {
	var mark stored.FoldingMark
	err := w.db.Tenant(tenant).Collection(upgradesCollection).FindOne(ctx, bson.D{{Key: "_id", Value: stored.FoldingMarkID}}).Decode(&mark)
	if err != nil && !errors.Is(err, driver.ErrNoDocuments) {
		return false, fmt.Errorf("read the mark of folded text: %w", err)
	}
	return mark.Version == users.FoldingVersion, nil
}
