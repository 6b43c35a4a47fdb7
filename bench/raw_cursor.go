package main

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/mongo"
)

// The fastest settings for a driver cursor, found by measurement.
const (
	rawBatch = 2000
	rawGOGC  = 400
)

// readRaw reads all users through a driver cursor and only counts them.
func readRaw(ctx context.Context, db *mongo.DB, s childSpec) (result, error) {
	o := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(rawBatch)
	if s.Shape != allFields {
		o.SetProjection(csv.Projection(s.Shape.definition(""), s.Data.columns(s.Shape)))
	}
	began := time.Now()
	c, err := db.TenantReads(s.Tenant).Collection(usersCollection).Find(ctx, bson.D{}, o)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var got result
	for c.Next(ctx) {
		got.Users++
		got.Bytes += int64(len(c.Current))
	}
	got.Total = time.Since(began).Seconds()
	return got, c.Err()
}
