package mongo

import (
	"context"
	"errors"
	"time"

	"github.com/oklog/ulid/v2"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
)

// What an outbox keeps of a tenant's mails: the newest, and none that is older.
const (
	outboxSize = 500
	outboxAge  = 30 * 24 * time.Hour
)

// Outbox keeps the e-mails of every tenant in the control database, where none are sent.
type Outbox struct {
	db   *DB
	size int // how many of a tenant's are kept
}

// NewOutbox returns the outbox of a database.
func NewOutbox(db *DB) Outbox { return Outbox{db, outboxSize} }

// messageDocument is a mail as it is kept. Its Message-ID is the key: the same mail is kept once.
type messageDocument struct {
	ID      string    `bson:"_id"`
	Key     string    `bson:"key"` // names it; sorts by the time of keeping
	Tenant  string    `bson:"tenant"`
	JobID   string    `bson:"job_id"`
	UserID  string    `bson:"user_id"`
	To      string    `bson:"to"`
	Subject string    `bson:"subject"`
	Text    string    `bson:"text"`
	HTML    string    `bson:"html"`
	Time    time.Time `bson:"time"`
}

func (d *messageDocument) message() *export.Message {
	return &export.Message{
		ID: d.ID, OutboxID: d.Key, Tenant: d.Tenant, JobID: d.JobID, UserID: d.UserID, To: d.To, Subject: d.Subject, Text: d.Text,
		HTML: d.HTML, Time: d.Time.UTC(),
	}
}

func (o Outbox) writes() *driver.Collection { return o.db.Control().Collection(outboxCollection) }
func (o Outbox) reads() *driver.Collection  { return o.db.ControlReads().Collection(outboxCollection) }

// Keep keeps a message, unless one with its ID is kept, and forgets of its tenant's what is too much or too old.
func (o Outbox) Keep(ctx context.Context, m *export.Message) error {
	_, err := o.writes().InsertOne(ctx, messageDocument{
		ID: m.ID, Key: ulid.MustNew(ulid.Timestamp(m.Time), ulid.DefaultEntropy()).String(), Tenant: m.Tenant, JobID: m.JobID,
		UserID: m.UserID, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Time: m.Time,
	})
	if driver.IsDuplicateKeyError(err) {
		return nil
	}
	if err != nil {
		return describe(err, "keep an e-mail")
	}
	return o.trim(ctx, m.Tenant, m.Time)
}

func (o Outbox) trim(ctx context.Context, tenant string, now time.Time) error {
	mine := bson.E{Key: "tenant", Value: tenant}
	oldest := ulid.MustNew(ulid.Timestamp(now.Add(-outboxAge)), zeros{}).String()
	var last struct {
		Key string `bson:"key"`
	}
	err := o.writes().FindOne(ctx, bson.D{mine}, options.FindOne().SetSort(bson.D{{Key: "key", Value: newestFirst}}).
		SetSkip(int64(o.size-1)).SetProjection(bson.D{{Key: "key", Value: 1}})).Decode(&last)
	if err != nil && !errors.Is(err, driver.ErrNoDocuments) {
		return describe(err, "look for old e-mails")
	}
	_, err = o.writes().DeleteMany(ctx, bson.D{mine, {Key: "key", Value: bson.D{{Key: "$lt", Value: max(oldest, last.Key)}}}})
	return describe(err, "delete old e-mails")
}

// zeros is the entropy of the smallest ULID of an instant.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Messages returns up to limit mails of a tenant, newest first, without their texts; of one admin where userID is not "",
// and those before the one whose OutboxID is before, where that is not "".
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
		return nil, describe(err, "list e-mails")
	}
	var docs []messageDocument
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, describe(err, "list e-mails")
	}
	list := make([]*export.Message, len(docs))
	for i := range docs {
		list[i] = docs[i].message()
	}
	return list, nil
}

// Message returns a mail of a tenant by its OutboxID, or CodeNotFound.
func (o Outbox) Message(ctx context.Context, tenant, id string) (*export.Message, error) {
	var d messageDocument
	err := o.reads().FindOne(ctx, bson.D{{Key: "tenant", Value: tenant}, {Key: "key", Value: id}}).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, export.Errorf(export.CodeNotFound, "There is no such e-mail.")
	}
	if err != nil {
		return nil, describe(err, "read an e-mail")
	}
	return d.message(), nil
}
