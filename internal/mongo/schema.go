package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/users"
)

// Schema returns a tenant's schema, ordered by the fields' Order, including the latest write.
func (w *UserWriter) Schema(ctx context.Context, tenant string) (users.Schema, error) {
	return readSchema(ctx, w.db.Tenant(tenant))
}

// PutSchema adds or replaces the given fields, and keeps the others. If a field is invalid it
// writes nothing and returns errs.CodeInvalidRequest.
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

// DeleteField removes a field from the schema, and reports whether it existed. The users' values
// stay; exports report them as values without a column.
func (w *UserWriter) DeleteField(ctx context.Context, tenant, slug string) (bool, error) {
	res, err := w.db.Tenant(tenant).Collection(schemaCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: slug}})
	if err != nil {
		return false, fmt.Errorf("delete schema field: %w", err)
	}
	return res.DeletedCount > 0, nil
}
