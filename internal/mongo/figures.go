package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// Figures counts the users of a store; export.All, or "", counts those of every one.
func (u *Users) Figures(ctx context.Context, tenant, storeID string, now time.Time) (users.Figures, error) {
	var store bson.D
	if storeID != "" {
		store = filter.InStore(storeID)
	}
	total, err := u.sharedCount(ctx, tenant, and(store))
	if err != nil {
		return users.Figures{}, err
	}
	week := bson.D{{Key: filter.Registered, Value: bson.D{{Key: "$gte", Value: now.UTC().Truncate(time.Minute).AddDate(0, 0, -7)}}}}
	recent, err := u.sharedCount(ctx, tenant, and(store, week))
	if err != nil {
		return users.Figures{}, err
	}
	return users.Figures{Total: total, LastSevenDays: recent}, nil
}
