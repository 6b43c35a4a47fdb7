package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/users"
)

// FindUsers returns users by what programs know of them, in the order of their ids, and how many there are. Attributes of type
// password are left out. Pages are cut by position: for programs that count them, and few pages.
func (u *Users) FindUsers(ctx context.Context, tenant string, l users.Lookup) (found []users.User, total int64, err error) {
	schema, err := u.directory.Schema(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	match, err := u.matchQuery(ctx, tenant, l.Query, schema)
	if err != nil {
		return nil, 0, err
	}
	exact := bson.D{}
	if l.Email != "" {
		exact = append(exact, bson.E{Key: "identifiers.email_address", Value: l.Email})
	}
	if l.Username != "" {
		exact = append(exact, bson.E{Key: "identifiers.username", Value: l.Username})
	}
	for system, key := range l.ForeignKeys {
		exact = append(exact, bson.E{Key: "foreign_keys." + system, Value: key})
	}
	match = and(exact, match)
	if total, err = u.sharedCount(ctx, tenant, match); err != nil {
		return nil, 0, err
	}
	c, err := u.collection(tenant).Find(ctx, match, options.Find().
		SetSort(bson.D{{Key: "_id", Value: 1}}).SetSkip(l.Skip).SetLimit(l.Limit))
	if err != nil {
		return nil, 0, fmt.Errorf("find users: %w", err)
	}
	var raws []bson.Raw
	if err := c.All(ctx, &raws); err != nil {
		return nil, 0, fmt.Errorf("find users: %w", err)
	}
	found = make([]users.User, 0, len(raws))
	for _, raw := range raws {
		user, err := visible(raw, schema)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, user)
	}
	return found, total, nil
}

// FindAccounts returns a page of a tenant's accounts in the order of their ids, and how many there are.
func (u *Users) FindAccounts(ctx context.Context, tenant string, skip, limit int64) (found []users.Account, total int64, err error) {
	c := u.db.TenantReads(tenant).Collection(accountsCollection)
	if total, err = c.CountDocuments(ctx, bson.D{}); err != nil {
		return nil, 0, fmt.Errorf("count accounts: %w", err)
	}
	found, err = find[users.Account](ctx, c, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetSkip(skip).SetLimit(limit))
	if err != nil {
		return nil, 0, fmt.Errorf("read accounts: %w", err)
	}
	return found, total, nil
}
