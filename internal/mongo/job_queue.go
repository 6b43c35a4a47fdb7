package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/stored"
)

// queueFields are the fields that determine a job's position in the queue.
var queueFields = bson.D{
	{Key: "tenant", Value: 1}, {Key: "requester_id", Value: 1}, {Key: "status", Value: 1}, {Key: "stalled", Value: 1}, {Key: "heartbeat", Value: 1},
}

// QueueEntries implements jobs.Store. It uses the write client, because it decides which job a
// worker takes.
func (s Jobs) QueueEntries(ctx context.Context) ([]jobs.Entry, error) {
	c, err := s.writes().Find(ctx, bson.D{
		{Key: "live", Value: bson.D{{Key: "$exists", Value: true}}}, {Key: "mode", Value: export.Async},
	}, options.Find().SetSort(bson.D{{Key: "_id", Value: oldestFirst}}).SetProjection(queueFields))
	if err != nil {
		return nil, wrapError(err, "read the queue")
	}
	var docs []stored.QueueEntry
	if err := c.All(ctx, &docs); err != nil {
		return nil, wrapError(err, "read the queue")
	}
	queue := make([]jobs.Entry, len(docs))
	for i := range docs {
		queue[i] = docs[i].Entry()
	}
	return queue, nil
}

func (s Jobs) turns() *driver.Collection { return s.db.Control().Collection(turnsCollection) }

// Turns implements jobs.Store.
func (s Jobs) Turns(ctx context.Context) (map[string]int64, error) {
	c, err := s.turns().Find(ctx, bson.D{})
	if err != nil {
		return nil, wrapError(err, "read the turns")
	}
	var docs []stored.Turn
	if err := c.All(ctx, &docs); err != nil {
		return nil, wrapError(err, "read the turns")
	}
	turns := make(map[string]int64, len(docs))
	for _, d := range docs {
		turns[d.Tenant] = d.Turn
	}
	return turns, nil
}

// TakeTurn implements jobs.Store.
func (s Jobs) TakeTurn(ctx context.Context, tenant string, n int64) error {
	take := func() error {
		_, err := s.turns().UpdateOne(ctx, bson.D{{Key: "_id", Value: tenant}},
			bson.D{{Key: "$max", Value: bson.D{{Key: "turn", Value: n}}}}, options.UpdateOne().SetUpsert(true))
		return err
	}
	err := take()
	if driver.IsDuplicateKeyError(err) { // another process created the document at the same time
		err = take()
	}
	return wrapError(err, "take a turn")
}
