package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/filter"
)

// AuditLog keeps the audit log in the control database. It only adds and reads.
type AuditLog struct{ db *DB }

var _ audit.Log = AuditLog{}

// NewAuditLog returns the log of db.
func NewAuditLog(db *DB) AuditLog { return AuditLog{db} }

type auditDocument struct {
	ID        string     `bson:"_id"`
	Tenant    string     `bson:"tenant"`
	Kind      audit.Kind `bson:"kind"`
	Time      time.Time  `bson:"time"`
	AdminID   string     `bson:"admin_id,omitempty"`
	Email     string     `bson:"email,omitempty"`
	AccessKey string     `bson:"access_key,omitempty"`
	Address   string     `bson:"address,omitempty"`
	RequestID string     `bson:"request_id,omitempty"`
	Subject   string     `bson:"subject,omitempty"`
	Words     string     `bson:"words,omitempty"`
	Once      string     `bson:"once,omitempty"` // sparse unique index
}

// Append adds records. When it returns nil they are stored, or there was one before that says the same.
func (l AuditLog) Append(ctx context.Context, records ...audit.Record) error {
	docs := make([]auditDocument, len(records))
	for i, r := range records {
		docs[i] = auditDocument(r)
	}
	if _, err := insertNew(ctx, l.db.Control().Collection(auditCollection), docs); err != nil {
		return fmt.Errorf("append to the audit log: %w", err)
	}
	return nil
}

// Records returns a page of a tenant's records, newest first.
func (l AuditLog) Records(ctx context.Context, tenant string, q audit.Query) ([]audit.Record, error) {
	reads := l.db.controlReads.Database(l.db.name, options.Database().SetReadPreference(readpref.Primary()))
	c, err := reads.Collection(auditCollection).Find(ctx, auditMatch(tenant, q),
		options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(q.Limit)))
	if err != nil {
		return nil, fmt.Errorf("find in the audit log: %w", err)
	}
	var docs []auditDocument
	if err := c.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	list := make([]audit.Record, len(docs))
	for i, d := range docs {
		list[i] = audit.Record(d)
		list[i].Time = d.Time.UTC()
	}
	return list, nil
}

func auditMatch(tenant string, q audit.Query) bson.D {
	match := bson.D{{Key: "tenant", Value: tenant}}
	if q.Before != "" {
		match = append(match, bson.E{Key: "_id", Value: bson.D{{Key: "$lt", Value: q.Before}}})
	}
	if len(q.Kinds) > 0 {
		match = append(match, bson.E{Key: "kind", Value: bson.D{{Key: "$in", Value: q.Kinds}}})
	}
	var within bson.D
	if !q.From.IsZero() {
		within = append(within, bson.E{Key: "$gte", Value: q.From})
	}
	if !q.To.IsZero() {
		within = append(within, bson.E{Key: "$lte", Value: q.To})
	}
	if within != nil {
		match = append(match, bson.E{Key: "time", Value: within})
	}
	if q.Search != "" {
		var fields bson.A
		for _, field := range []string{"email", "access_key", "subject", "words"} {
			fields = append(fields, bson.D{{Key: field, Value: filter.Containing(q.Search)}})
		}
		match = append(match, bson.E{Key: "$or", Value: fields})
	}
	return match
}
