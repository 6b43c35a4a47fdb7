package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/users"
)

// AddStores adds the user stores that are missing, and returns their number. If an existing store
// has only its id as title, AddStores sets the given title; it keeps any other title.
func (w *UserWriter) AddStores(ctx context.Context, tenant string, stores []users.Store) (added int, err error) {
	c := w.db.Tenant(tenant).Collection(storesCollection)
	added, err = insertOrSetTitle(ctx, c, "title", users.StoresMadeAt(stores, time.Now()), func(s users.Store) (string, string) { return s.ID, s.Title })
	if err != nil {
		return added, fmt.Errorf("write user stores: %w", err)
	}
	return added, nil
}

// AddProducts does for products what AddStores does for user stores.
func (w *UserWriter) AddProducts(ctx context.Context, tenant string, products []users.Product) (added int, err error) {
	c := w.db.Tenant(tenant).Collection(productsCollection)
	added, err = insertOrSetTitle(ctx, c, "label", products, func(p users.Product) (string, string) { return p.ID, p.Label })
	if err != nil {
		return added, fmt.Errorf("write products: %w", err)
	}
	return added, nil
}

// insertOrSetTitle inserts the documents that are missing, and sets the title of those whose title
// is their id.
func insertOrSetTitle[T any](ctx context.Context, c *driver.Collection, field string, list []T, keys func(T) (id, title string)) (int, error) {
	existing, err := insertNew(ctx, c, list)
	if err != nil {
		return 0, err
	}
	var models []driver.WriteModel
	for _, index := range existing {
		if id, title := keys(list[index]); title != id {
			models = append(models, driver.NewUpdateOneModel().
				SetFilter(bson.D{{Key: "_id", Value: id}, {Key: field, Value: id}}).
				SetUpdate(titleUpdate(field, title)))
		}
	}
	_, err = bulkWrite(ctx, c, models)
	return len(list) - len(existing), err
}

// titleUpdate sets a title, and its folded text if the field has an index on that.
func titleUpdate(field, title string) bson.D {
	set := bson.D{{Key: field, Value: title}}
	if !users.IndexedText(field) {
		return bson.D{{Key: "$set", Value: set}}
	}
	path := users.FoldedPath(field)
	if text := users.FoldedText(field, title); text != nil {
		return bson.D{{Key: "$set", Value: append(set, bson.E{Key: path, Value: text})}}
	}
	return bson.D{{Key: "$set", Value: set}, {Key: "$unset", Value: bson.D{{Key: path, Value: ""}}}}
}
