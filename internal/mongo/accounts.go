package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

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
	collection := d.db.TenantReads(tenant).Collection(accountsCollection)
	for chunk := range slices.Chunk(ids, maxIDsPerQuery) {
		accounts, err := findMany[users.Account](ctx, collection, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: chunk}}}})
		if err != nil {
			return nil, fmt.Errorf("read accounts: %w", err)
		}
		for _, a := range accounts {
			byID[a.ID] = a
		}
	}
	return byID, nil
}

// Accounts returns at most limit accounts of a tenant, ordered by id, that follow the id after (""
// for the first page).
func (d *Directory) Accounts(ctx context.Context, tenant, after string, limit int) ([]users.Account, error) {
	accounts, err := findMany[users.Account](ctx, d.db.TenantReads(tenant).Collection(accountsCollection),
		bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return accounts, nil
}

// maxIDsPerQuery bounds the size of a command.
const maxIDsPerQuery = 5000

// Account implements browse.Source.
func (u *Users) Account(ctx context.Context, tenant, id string) (a users.Account, err error) {
	err = u.db.TenantReads(tenant).Collection(accountsCollection).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&a)
	if errors.Is(err, driver.ErrNoDocuments) {
		return a, errs.Errorf(errs.CodeNotFound, "There is no account with this ID.")
	}
	if err != nil {
		return a, fmt.Errorf("read an account: %w", err)
	}
	return a, nil
}

// FindAccounts implements browse.Source.
func (u *Users) FindAccounts(
	ctx context.Context, tenant string, match filter.Condition, skip, limit int64,
) (found []users.Account, total int64, err error) {
	c := u.db.TenantReads(tenant).Collection(accountsCollection)
	query, o := bson.D{}, options.Count()
	if match == nil {
		o.SetHint(bson.D{{Key: "_id", Value: 1}})
	} else {
		query = queryOf(match)
	}
	if total, err = c.CountDocuments(ctx, query, o); err != nil {
		return nil, 0, fmt.Errorf("count accounts: %w", err)
	}
	found, err = findMany[users.Account](ctx, c, query, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetSkip(skip).SetLimit(limit))
	if err != nil {
		return nil, 0, fmt.Errorf("read accounts: %w", err)
	}
	return found, total, nil
}

// Catalog implements browse.Source.
func (u *Users) Catalog(tenant string) filter.Catalog {
	db := u.db.TenantReads(tenant)
	return catalog{db.Collection(accountsCollection), db.Collection(productsCollection)}
}

// catalog implements filter.Catalog.
type catalog struct{ accounts, products *driver.Collection }

// AccountIDs implements filter.Catalog.
func (f catalog) AccountIDs(ctx context.Context, match filter.Condition, limit int) ([]string, error) {
	c, err := f.accounts.Find(ctx, queryOf(match), options.Find().SetLimit(int64(limit)).SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	var found []struct {
		ID bson.RawValue `bson:"_id"`
	}
	if err := c.All(ctx, &found); err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	ids := make([]string, 0, len(found))
	for _, a := range found {
		if id, ok := a.ID.StringValueOK(); ok { // users refer to accounts by strings only
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// ProductIDs implements filter.Catalog. It evaluates the condition itself: products are few, and have no
// folded labels.
func (f catalog) ProductIDs(ctx context.Context, match filter.Condition, limit int) ([]string, error) {
	c, err := f.products.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("find products: %w", err)
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	ids := []string{}
	for len(ids) < limit && c.Next(ctx) {
		id, ok := c.Current.Lookup("_id").StringValueOK() // grants refer to products by strings only
		if ok && (match == nil || match.Matches(c.Current)) {
			ids = append(ids, id)
		}
	}
	if err := c.Err(); err != nil {
		return nil, fmt.Errorf("find products: %w", err)
	}
	return ids, nil
}

// AddAccounts does for accounts what AddProducts does for products. It also stores the folded names.
func (w catalogWriter) AddAccounts(ctx context.Context, tenant string, accounts []users.Account) (added int, err error) {
	c := w.db.Tenant(tenant).Collection(accountsCollection)
	docs := make([]stored.Account, len(accounts))
	for i, a := range accounts {
		docs[i] = stored.NewAccount(a)
	}
	added, err = insertOrSetTitle(ctx, c, "name", docs, func(a stored.Account) titledItem {
		return titledItem{a.ID, a.Name, a.Members}
	})
	if err != nil {
		return added, fmt.Errorf("write accounts: %w", err)
	}
	return added, nil
}
