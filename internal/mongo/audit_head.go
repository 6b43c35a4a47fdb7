package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

// The head of a chain is created before the first record and updated after each insert. It may be
// older than the chain's end, because a process ended in between or two processes updated it at
// once. That is harmless: the next append updates it.

// readHead reads a tenant's head. It returns an unsealed head for a document that Egress has not
// written.
func readHead(ctx context.Context, heads *driver.Collection, tenant string) (audit.Head, error) {
	raw, err := heads.FindOne(ctx, bson.D{{Key: "_id", Value: stored.AuditHeadID(tenant)}}).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return audit.Head{Tenant: tenant, Missing: true}, nil
	}
	if err != nil {
		return audit.Head{}, fmt.Errorf("read the head of an audit chain: %w", err)
	}
	return stored.DecodeAuditHead(raw, tenant), nil
}

// loadChain reads the end of a chain, and creates the head of a chain that has none.
func (l *AuditLog) loadChain(ctx context.Context, c *auditChain) error {
	head, err := readHead(ctx, l.db.Control().Collection(auditHeadsCollection), c.tenant)
	if err != nil {
		return err
	}
	if head.Missing {
		if head, err = l.createHead(ctx, c); err != nil {
			return err
		}
	}
	// A head that is missing although records exist, or that Egress has not written, is evidence:
	// the log continues and leaves it untouched.
	c.headInvalid = head.Missing || !l.key.AuthenticHead(&head)
	c.end = head
	if c.headInvalid {
		l.db.logger.ErrorContext(ctx, "the head of an audit chain is missing or was changed: run egress audit verify", "tenant", c.tenant)
		c.end.Seq, c.end.Hash = 0, audit.Genesis
		if _, err := l.seekEnd(ctx, c); err != nil {
			return err
		}
	}
	c.loaded = true
	return nil
}

// createHead creates the head of a chain that has no records yet. It counts the tenant's records
// that are older than the chain.
func (l *AuditLog) createHead(ctx context.Context, c *auditChain) (audit.Head, error) {
	c.end = audit.Head{Hash: audit.Genesis}
	missing := audit.Head{Tenant: c.tenant, Missing: true}
	if moved, err := l.seekEnd(ctx, c); err != nil || moved {
		return missing, err
	}
	n, err := l.db.Control().Collection(auditCollection).CountDocuments(ctx, bson.D{
		{Key: "tenant", Value: c.tenant}, {Key: "seq", Value: bson.D{{Key: "$exists", Value: false}}},
	})
	if err != nil {
		return missing, fmt.Errorf("count the records older than an audit chain: %w", err)
	}
	h := audit.Head{Tenant: c.tenant, Hash: audit.Genesis, Time: time.Now().UTC().Truncate(time.Millisecond), RecordsBefore: n}
	l.key.Seal(&h)
	heads := l.db.Control().Collection(auditHeadsCollection)
	_, err = heads.InsertOne(ctx, stored.NewAuditHead(&h))
	if driver.IsDuplicateKeyError(err) {
		return readHead(ctx, heads, c.tenant)
	}
	if err != nil {
		return missing, fmt.Errorf("create the head of an audit chain: %w", err)
	}
	return h, nil
}

// seekEnd moves the known end to the last record of the chain, and reports whether it moved.
func (l *AuditLog) seekEnd(ctx context.Context, c *auditChain) (moved bool, err error) {
	var d struct {
		Place string `bson:"place"`
		Hash  string `bson:"hash"`
	}
	after, end := stored.AuditPositions(c.tenant, c.end.Seq)
	err = l.db.Control().Collection(auditCollection).FindOne(ctx, bson.D{{Key: "place", Value: bson.D{
		{Key: "$gt", Value: after}, {Key: "$lt", Value: end},
	}}}, options.FindOne().SetSort(bson.D{{Key: "place", Value: -1}}).SetProjection(bson.D{{Key: "place", Value: 1}, {Key: "hash", Value: 1}})).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find the end of an audit chain: %w", err)
	}
	seq, err := stored.ParseAuditPosition(c.tenant, d.Place)
	if err != nil {
		return false, err
	}
	c.end.Seq, c.end.Hash = seq, d.Hash
	return true, nil
}

// moveHead writes the new end to the head. It only logs a failure, because the records are stored.
func (l *AuditLog) moveHead(ctx context.Context, c *auditChain) {
	if c.headInvalid {
		return
	}
	h := c.end
	l.key.Seal(&h)
	_, err := l.db.Control().Collection(auditHeadsCollection).UpdateOne(ctx,
		bson.D{{Key: "_id", Value: stored.AuditHeadID(c.tenant)}, {Key: "seq", Value: bson.D{{Key: "$lt", Value: h.Seq}}}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "seq", Value: h.Seq}, {Key: "hash", Value: h.Hash}, {Key: "mac", Value: h.Mac}}}})
	if err != nil {
		l.db.logger.WarnContext(ctx, "cannot update the head of an audit chain; the next append updates it", "tenant", c.tenant, "error", err)
	}
}
