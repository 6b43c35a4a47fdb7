package main

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export/csv"
	"github.com/egress-io/egress/internal/mongo"
)

// The driver's fastest settings, which the yardstick has: measured, others cost more.
const (
	rawBatch = 2000
	rawGOGC  = 400
)

// readRaw reads all users through a cursor of the driver and only counts.
func readRaw(ctx context.Context, db *mongo.DB, s spec) (outcome, error) {
	o := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(rawBatch)
	if s.Shape != every {
		o.SetProjection(csv.Projection(s.Shape.definition(""), s.Layout.columns(s.Shape)))
	}
	began := time.Now()
	c, err := db.TenantReads(s.Tenant).Collection(usersCollection).Find(ctx, bson.D{}, o)
	if err != nil {
		return outcome{}, err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var got outcome
	for c.Next(ctx) {
		got.Users++
		got.Bytes += int64(len(c.Current))
	}
	got.Together = time.Since(began).Seconds()
	return got, c.Err()
}
