package mongo

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

// Tenants returns the tenants that have audit records or a chain, sorted. "" stands for records
// without a tenant.
func (l *AuditLog) Tenants(ctx context.Context) ([]string, error) {
	var tenants []string
	for _, collection := range []string{auditCollection, auditHeadsCollection} {
		// Not distinct: FerretDB 1.24 rejects distinct with a time limit, which the driver sets for
		// a context with a deadline.
		c, err := l.reads(collection).Aggregate(ctx, bson.A{bson.D{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$tenant"}}}}})
		if err != nil {
			return nil, fmt.Errorf("list the tenants of the audit log: %w", err)
		}
		var groups []struct {
			Tenant any `bson:"_id"`
		}
		if err := c.All(ctx, &groups); err != nil {
			return nil, fmt.Errorf("list the tenants of the audit log: %w", err)
		}
		for _, g := range groups {
			if tenant, ok := g.Tenant.(string); ok {
				tenants = append(tenants, tenant)
			}
		}
	}
	slices.Sort(tenants)
	return slices.Compact(tenants), nil
}

// Verify checks the chain of a tenant, and that the chain contains the anchor unless that is nil.
// Records may be appended meanwhile.
func (l *AuditLog) Verify(ctx context.Context, tenant string, expect *audit.Anchor) (audit.Report, error) {
	head, err := readHead(ctx, l.reads(auditHeadsCollection), tenant)
	if err != nil {
		return audit.Report{}, err
	}
	return l.key.Verify(head, l.entries(ctx, tenant), expect)
}

// entries reads all records of a tenant, those outside the chain first.
func (l *AuditLog) entries(ctx context.Context, tenant string) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		c, err := l.reads(auditCollection).Find(ctx, bson.D{{Key: "tenant", Value: tenant}},
			options.Find().SetSort(bson.D{{Key: "seq", Value: 1}}).SetBatchSize(1000))
		if err != nil {
			yield(audit.Entry{}, fmt.Errorf("read the audit log: %w", err))
			return
		}
		defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
		for c.Next(ctx) {
			var e audit.Entry
			var d stored.PositionedAuditRecord
			if err := c.Decode(&d); err != nil {
				e.Unreadable = true
			} else {
				e.Record, e.Misplaced = d.Record.Record(), d.Misplaced()
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := c.Err(); err != nil {
			yield(audit.Entry{}, fmt.Errorf("read the audit log: %w", err))
		}
	}
}
