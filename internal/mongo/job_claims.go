package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/stored"
)

func (s Jobs) claims() *driver.Collection { return s.db.Control().Collection(claimsCollection) }

// Claim implements jobs.Store.
func (s Jobs) Claim(ctx context.Context, id string, n int64, at time.Time) (won bool, err error) {
	_, err = s.claims().InsertOne(ctx, stored.Claim{ID: stored.ClaimID(id, n), At: at})
	if driver.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, wrapError(err, "claim an attempt")
}

// Claimed implements jobs.Store.
func (s Jobs) Claimed(ctx context.Context, id string, n int64) (at time.Time, claimed bool, err error) {
	var c stored.Claim
	err = s.claims().FindOne(ctx, bson.D{{Key: "_id", Value: stored.ClaimID(id, n)}}).Decode(&c)
	if errors.Is(err, driver.ErrNoDocuments) {
		return time.Time{}, false, nil
	}
	return c.At.UTC(), err == nil, wrapError(err, "read a claim")
}

// DeleteClaims implements jobs.Store.
func (s Jobs) DeleteClaims(ctx context.Context, id string) error {
	after, before := stored.ClaimRange(id)
	_, err := s.claims().DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{
		{Key: "$gt", Value: after}, {Key: "$lt", Value: before},
	}}})
	return wrapError(err, "delete claims")
}
