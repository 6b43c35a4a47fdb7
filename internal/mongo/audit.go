package mongo

import (
	"context"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

// AuditLog stores the audit log in the control database. It appends and reads, and never changes or
// deletes records. A process creates one AuditLog, which serializes its appends; several processes
// may append at once.
type AuditLog struct {
	db  *DB
	key *audit.ChainKey

	mu     sync.Mutex
	chains map[string]*auditChain // by tenant
}

var _ audit.Log = (*AuditLog)(nil)

// NewAuditLog returns the audit log of db, which chains records with key.
func NewAuditLog(db *DB, key *audit.ChainKey) *AuditLog {
	return &AuditLog{db: db, key: key, chains: map[string]*auditChain{}}
}

// Records returns a page of a tenant's records, newest first.
func (l *AuditLog) Records(ctx context.Context, tenant string, q audit.Query) ([]audit.Record, error) {
	return l.find(ctx, auditMatch(tenant, q), options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(q.Limit)))
}

// Follow implements audit.Log.
func (l *AuditLog) Follow(ctx context.Context, tenant, after string, limit int) (list []audit.Record, err error) {
	var last audit.Record
	if after != "" {
		found, err := l.find(ctx, bson.D{{Key: "_id", Value: after}, {Key: "tenant", Value: tenant}}, options.Find().SetLimit(1))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, audit.ErrUnknownRecord
		}
		last = found[0]
	}
	if last.Seq == 0 { // records older than the chain
		list, err = l.find(ctx, bson.D{
			{Key: "tenant", Value: tenant}, {Key: "seq", Value: bson.D{{Key: "$exists", Value: false}}},
			{Key: "_id", Value: bson.D{{Key: "$gt", Value: last.ID}}},
		}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)))
		if err != nil || len(list) == limit {
			return list, err
		}
	}
	chained, err := l.find(ctx, bson.D{{Key: "tenant", Value: tenant}, {Key: "seq", Value: bson.D{{Key: "$gt", Value: last.Seq}}}},
		options.Find().SetSort(bson.D{{Key: "seq", Value: 1}}).SetLimit(int64(limit-len(list))))
	return append(list, chained...), err
}

// reads returns a collection for reads from the primary.
func (l *AuditLog) reads(collection string) *driver.Collection {
	return l.db.controlReads.Database(l.db.name, options.Database().SetReadPreference(readpref.Primary())).Collection(collection)
}

func (l *AuditLog) find(ctx context.Context, match bson.D, o *options.FindOptionsBuilder) ([]audit.Record, error) {
	c, err := l.reads(auditCollection).Find(ctx, match, o)
	if err != nil {
		return nil, fmt.Errorf("find in the audit log: %w", err)
	}
	var docs []stored.AuditRecord
	if err := c.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	list := make([]audit.Record, len(docs))
	for i, d := range docs {
		list[i] = d.Record()
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
			fields = append(fields, bson.D{{Key: field, Value: containsRegex(q.Search)}})
		}
		match = append(match, bson.E{Key: "$or", Value: fields})
	}
	return match
}
