package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/stored"
)

// Outbox stores the e-mails of all tenants in the control database, for servers that send none.
type Outbox struct {
	db   *DB
	size int // maximum number of e-mails per tenant
}

// NewOutbox returns the outbox of db.
func NewOutbox(db *DB) Outbox { return Outbox{db, stored.OutboxSize} }

func (o Outbox) writes() *driver.Collection { return o.db.Control().Collection(outboxCollection) }
func (o Outbox) reads() *driver.Collection  { return o.db.ControlReads().Collection(outboxCollection) }

// StoreMessage stores a message, unless one with its ID exists, and deletes the tenant's messages
// that are too old or too many.
func (o Outbox) StoreMessage(ctx context.Context, m *export.Message) error {
	_, err := o.writes().InsertOne(ctx, stored.NewMessage(m))
	if driver.IsDuplicateKeyError(err) {
		return nil
	}
	if err != nil {
		return wrapError(err, "store an e-mail")
	}
	return o.trim(ctx, m.Tenant, m.Time)
}

func (o Outbox) trim(ctx context.Context, tenant string, now time.Time) error {
	byTenant := bson.E{Key: "tenant", Value: tenant}
	var last struct {
		Key string `bson:"key"`
	}
	err := o.writes().FindOne(ctx, bson.D{byTenant}, options.FindOne().SetSort(bson.D{{Key: "key", Value: newestFirst}}).
		SetSkip(int64(o.size-1)).SetProjection(bson.D{{Key: "key", Value: 1}})).Decode(&last)
	if err != nil && !errors.Is(err, driver.ErrNoDocuments) {
		return wrapError(err, "find old e-mails")
	}
	_, err = o.writes().DeleteMany(ctx, bson.D{byTenant, {Key: "key", Value: bson.D{{Key: "$lt", Value: max(stored.OldestKey(now), last.Key)}}}})
	return wrapError(err, "delete old e-mails")
}

// Messages returns at most limit e-mails of a tenant, newest first, without their bodies. A userID
// selects the e-mails of one admin; before selects those older than the one with that OutboxID. ""
// selects all.
func (o Outbox) Messages(ctx context.Context, tenant, userID, before string, limit int) ([]*export.Message, error) {
	filter := bson.D{{Key: "tenant", Value: tenant}}
	if userID != "" {
		filter = append(filter, bson.E{Key: "user_id", Value: userID})
	}
	if before != "" {
		filter = append(filter, bson.E{Key: "key", Value: bson.D{{Key: "$lt", Value: before}}})
	}
	cursor, err := o.reads().Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "key", Value: newestFirst}}).SetLimit(int64(limit)).
		SetProjection(bson.D{{Key: "text", Value: 0}, {Key: "html", Value: 0}}))
	if err != nil {
		return nil, wrapError(err, "list e-mails")
	}
	var docs []stored.Message
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, wrapError(err, "list e-mails")
	}
	list := make([]*export.Message, len(docs))
	for i := range docs {
		list[i] = docs[i].Message()
	}
	return list, nil
}

// Message returns an e-mail of a tenant by its OutboxID, or errs.CodeNotFound.
func (o Outbox) Message(ctx context.Context, tenant, id string) (*export.Message, error) {
	var d stored.Message
	err := o.reads().FindOne(ctx, bson.D{{Key: "tenant", Value: tenant}, {Key: "key", Value: id}}).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, errs.Errorf(errs.CodeNotFound, "There is no such email.")
	}
	if err != nil {
		return nil, wrapError(err, "read an e-mail")
	}
	return d.Message(), nil
}
