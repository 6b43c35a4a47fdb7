package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/users"
)

// AddStores makes the user stores that are missing and tells how many. A store whose title is only its id takes the
// title that is given; any other title stays.
func (w *UserWriter) AddStores(ctx context.Context, tenant string, stores []users.Store) (added int, err error) {
	c := w.db.Tenant(tenant).Collection(storesCollection)
	added, err = addTitled(ctx, c, "title", stores, func(s users.Store) (string, string) { return s.ID, s.Title })
	if err != nil {
		return added, fmt.Errorf("write user stores: %w", err)
	}
	return added, nil
}

// AddProducts does for products what AddStores does for stores.
func (w *UserWriter) AddProducts(ctx context.Context, tenant string, products []users.Product) (added int, err error) {
	c := w.db.Tenant(tenant).Collection(productsCollection)
	added, err = addTitled(ctx, c, "label", products, func(p users.Product) (string, string) { return p.ID, p.Label })
	if err != nil {
		return added, fmt.Errorf("write products: %w", err)
	}
	return added, nil
}

// AddAccounts does for accounts what AddStores does for stores.
func (w *UserWriter) AddAccounts(ctx context.Context, tenant string, accounts []users.Account) (added int, err error) {
	c := w.db.Tenant(tenant).Collection(accountsCollection)
	added, err = addTitled(ctx, c, "name", accounts, func(a users.Account) (string, string) { return a.ID, a.Name })
	if err != nil {
		return added, fmt.Errorf("write accounts: %w", err)
	}
	return added, nil
}

// addTitled makes those that are missing, and gives titles to those that only had their id for one.
func addTitled[T any](ctx context.Context, c *driver.Collection, field string, list []T, keys func(T) (id, title string)) (int, error) {
	taken, err := insertNew(ctx, c, list)
	if err != nil {
		return 0, err
	}
	var models []driver.WriteModel
	for _, at := range taken {
		if id, title := keys(list[at]); title != id {
			models = append(models, driver.NewUpdateOneModel().
				SetFilter(bson.D{{Key: "_id", Value: id}, {Key: field, Value: id}}).
				SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: title}}}}))
		}
	}
	_, err = bulkWrite(ctx, c, models)
	return len(list) - len(taken), err
}
