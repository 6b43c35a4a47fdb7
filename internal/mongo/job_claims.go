package mongo

import (
	"context"
	"errors"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// claim is a document whose insertion succeeds only once per id, on every engine.
type claim struct {
	ID string    `bson:"_id"`
	At time.Time `bson:"at"`
}

func (s Jobs) claims() *driver.Collection { return s.db.Control().Collection(claimsCollection) }

func attemptPrefix(job string) string         { return "attempt:" + job + ":" }
func attemptClaim(job string, n int64) string { return attemptPrefix(job) + strconv.FormatInt(n, 10) }

// Claim implements jobs.Store.
func (s Jobs) Claim(ctx context.Context, id string, n int64, at time.Time) (won bool, err error) {
	_, err = s.claims().InsertOne(ctx, claim{ID: attemptClaim(id, n), At: at})
	if driver.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, wrapError(err, "claim an attempt")
}

// Claimed implements jobs.Store.
func (s Jobs) Claimed(ctx context.Context, id string, n int64) (at time.Time, claimed bool, err error) {
	var c claim
	err = s.claims().FindOne(ctx, bson.D{{Key: "_id", Value: attemptClaim(id, n)}}).Decode(&c)
	if errors.Is(err, driver.ErrNoDocuments) {
		return time.Time{}, false, nil
	}
	return c.At.UTC(), err == nil, wrapError(err, "read a claim")
}

// DeleteClaims implements jobs.Store.
func (s Jobs) DeleteClaims(ctx context.Context, id string) error {
	from := attemptPrefix(id)
	to := from[:len(from)-1] + ";" // ';' follows ':'
	_, err := s.claims().DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{
		{Key: "$gt", Value: from}, {Key: "$lt", Value: to},
	}}})
	return wrapError(err, "delete claims")
}
