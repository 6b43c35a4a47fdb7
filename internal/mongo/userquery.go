package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/filter"
)

// Users reads tenants' users. It implements run.Users.
type Users struct {
	documents
	directory run.Directory // for schema and stores
	counts    *sharedCounts
}

var _ run.Users = (*Users)(nil)

// NewUsers returns the users of db; directory tells each tenant's schema and stores.
func NewUsers(db *DB, directory run.Directory) *Users {
	return &Users{
		documents: documents{db: db, name: usersCollection, noun: "users", order: userOrder},
		directory: directory,
		counts:    &sharedCounts{},
	}
}

// Match implements run.Users.
func (u *Users) Match(ctx context.Context, tenant string, def export.Definition) (bson.D, error) {
	schema, err := u.directory.Schema(ctx, tenant)
	if err != nil {
		return nil, err
	}
	stores, err := u.directory.Stores(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return filter.Selection(ctx, def, schema, stores, u.Accounts(tenant))
}

// sharedCount is Count for screens, of which several may ask the same.
func (u *Users) sharedCount(ctx context.Context, tenant string, match bson.D) (int64, error) {
	return u.counts.count(ctx, tenant, match, func(ctx context.Context) (int64, error) { return u.Count(ctx, tenant, match) })
}

// Among implements run.Users.
func (u *Users) Among(ctx context.Context, tenant string, match bson.D, ids []string) (map[string]struct{}, error) {
	these := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
	c, err := u.collection(tenant).Find(ctx, and(these, match), options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, readError(ctx, u.noun, err)
	}
	var found []struct {
		ID string `bson:"_id"`
	}
	if err := c.All(ctx, &found); err != nil {
		return nil, readError(ctx, u.noun, err)
	}
	among := make(map[string]struct{}, len(found))
	for _, u := range found {
		among[u.ID] = struct{}{}
	}
	return among, nil
}

// userOrder is the index that is read along: that of one user store where match demands one, with that demand, else that of
// ids.
func userOrder(match bson.D) (store, order bson.D) {
	byStore := bson.D{{Key: "user_store_id", Value: 1}, {Key: "_id", Value: 1}}
	for _, e := range match {
		if e.Key == "user_store_id" {
			return bson.D{e}, byStore
		}
		conditions, joined := e.Value.(bson.A)
		if e.Key != "$and" || !joined {
			continue
		}
		for _, c := range conditions {
			if d, ok := c.(bson.D); ok && len(d) == 1 && d[0].Key == "user_store_id" {
				return d, byStore
			}
		}
	}
	return nil, bson.D{{Key: "_id", Value: 1}}
}

// Accounts looks up accounts of a tenant, for filters.
func (u *Users) Accounts(tenant string) filter.AccountFinder {
	return accountFinder{u.db.TenantReads(tenant).Collection(accountsCollection)}
}

type accountFinder struct{ accounts *driver.Collection }

// AccountIDs implements filter.AccountFinder.
func (f accountFinder) AccountIDs(ctx context.Context, match bson.D, limit int) ([]string, error) {
	c, err := f.accounts.Find(ctx, match, options.Find().SetLimit(int64(limit)).SetProjection(bson.D{{Key: "_id", Value: 1}}))
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
		if id, ok := a.ID.StringValueOK(); ok { // users name accounts by strings only
			ids = append(ids, id)
		}
	}
	return ids, nil
}
