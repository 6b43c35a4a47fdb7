package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/users"
)

// Schema returns the tenant's schema in its order, as the last write left it.
func (w *UserWriter) Schema(ctx context.Context, tenant string) (users.Schema, error) {
	return readSchema(ctx, w.db.Tenant(tenant))
}

// PutSchema makes or replaces the fields given, and leaves the others. A field that is not valid is an
// export.CodeInvalid, and then none is written.
func (w *UserWriter) PutSchema(ctx context.Context, tenant string, fields users.Schema) error {
	if err := fields.Validate(); err != nil {
		return err
	}
	models := make([]driver.WriteModel, len(fields))
	for i, f := range fields {
		models[i] = driver.NewReplaceOneModel().SetFilter(bson.D{{Key: "_id", Value: f.Slug}}).SetReplacement(f).SetUpsert(true)
	}
	if _, err := bulkWrite(ctx, w.db.Tenant(tenant).Collection(schemaCollection), models); err != nil {
		return fmt.Errorf("write schema: %w", err)
	}
	return nil
}

// DeleteField removes a field from the schema and tells whether it was there. The values that users have stay: exports
// report them as values without a column.
func (w *UserWriter) DeleteField(ctx context.Context, tenant, slug string) (bool, error) {
	res, err := w.db.Tenant(tenant).Collection(schemaCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: slug}})
	if err != nil {
		return false, fmt.Errorf("delete schema field: %w", err)
	}
	return res.DeletedCount > 0, nil
}
