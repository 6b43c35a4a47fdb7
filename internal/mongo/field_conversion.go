package mongo

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/users"
)

// ConvertField converts the non-text values of a field to text, formatted as in export files, and
// returns the number of users changed. It changes nothing else. On MongoDB it skips a value that
// another writer changes meanwhile; on FerretDB there is no other writer during an
// import. It is safe to call again after an error.
func (w *UserWriter) ConvertField(ctx context.Context, tenant string, f users.Field) (converted int64, err error) {
	if !users.ValidSlug(f.Slug) {
		return 0, fmt.Errorf("convert field: %q is no slug", f.Slug)
	}
	path := users.AttributePath(f.Slug)
	reads := w.db.Tenant(tenant) // the primary: a secondary may have older values
	if w.db.singleWriter {
		reads = w.db.TenantReads(tenant)
	}
	// One cursor, because FerretDB scans all users for every query that is not for one
	// id.
	cursor, err := reads.Collection(usersCollection).Find(ctx,
		bson.D{{Key: path, Value: bson.D{{Key: "$exists", Value: true}}}}, options.Find().SetProjection(bson.D{{Key: path, Value: 1}}))
	if err != nil {
		return 0, fmt.Errorf("read the values of a field: %w", err)
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	var models []driver.WriteModel
	write := func() error {
		if _, err := bulkWrite(ctx, w.db.Tenant(tenant).Collection(usersCollection), models); err != nil {
			return fmt.Errorf("convert the values of a field: %w", err)
		}
		converted += int64(len(models))
		models = models[:0]
		return nil
	}
	for cursor.Next(ctx) {
		model, err := w.conversionUpdate(f, path, cursor.Current)
		if err != nil {
			return converted, err
		}
		if model == nil {
			continue
		}
		if models = append(models, model); len(models) == maxUpdates {
			if err := write(); err != nil {
				return converted, err
			}
		}
	}
	if err := cursor.Err(); err != nil {
		return converted, fmt.Errorf("read the values of a field: %w", err)
	}
	return converted, write()
}

// conversionUpdate returns the update for a user whose value is not text, or nil.
func (w *UserWriter) conversionUpdate(f users.Field, path string, doc bson.Raw) (driver.WriteModel, error) {
	old := doc.Lookup("attributes", f.Slug)
	if old.Type == 0 || old.Type == bson.TypeString || old.Type == bson.TypeNull { // 0: missing
		return nil, nil
	}
	u, err := users.Decode(doc)
	if err != nil {
		return nil, err
	}
	filter := bson.D{{Key: "_id", Value: cloneValue(doc.Lookup("_id"))}}
	if !w.db.singleWriter { // FerretDB would scan all users for a filter on two fields
		filter = append(filter, bson.E{Key: path, Value: cloneValue(old)})
	}
	text := users.Format(f.Type, u.Attributes[f.Slug])
	set := bson.D{{Key: "$set", Value: bson.D{{Key: path, Value: text}}}}
	return driver.NewUpdateOneModel().SetFilter(filter).SetUpdate(set), nil
}

// cloneValue copies a value out of the cursor's buffer.
func cloneValue(v bson.RawValue) bson.RawValue {
	v.Value = slices.Clone(v.Value)
	return v
}
