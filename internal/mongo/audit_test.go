package mongo

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/audit/audittest"
)

// auditDatabase is a database whose documents another program changes.
type auditDatabase struct {
	db  *DB
	ctx context.Context
}

var _ audittest.Database = auditDatabase{}

func (d auditDatabase) Log(key *audit.ChainKey) audittest.Log { return NewAuditLog(d.db, key) }

func (d auditDatabase) collection(c audittest.Collection) *driver.Collection {
	return d.db.Control().Collection(string(c))
}

func (d auditDatabase) Read(t *testing.T, c audittest.Collection, id string) (doc bson.D) {
	t.Helper()
	err := d.collection(c).FindOne(d.ctx, bson.D{{Key: "_id", Value: id}}).Decode(&doc)
	if err != nil && !errors.Is(err, driver.ErrNoDocuments) {
		t.Fatal(err)
	}
	return doc
}

func (d auditDatabase) Insert(t *testing.T, c audittest.Collection, doc any) {
	t.Helper()
	if _, err := d.collection(c).InsertOne(d.ctx, doc); err != nil {
		t.Fatal(err)
	}
}

func (d auditDatabase) Set(t *testing.T, c audittest.Collection, id string, fields bson.D) {
	t.Helper()
	res, err := d.collection(c).UpdateOne(d.ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$set", Value: fields}})
	if err != nil || res.ModifiedCount != 1 {
		t.Fatalf("%s: %+v, %v", id, res, err)
	}
}

func (d auditDatabase) Remove(t *testing.T, c audittest.Collection, id string) {
	t.Helper()
	res, err := d.collection(c).DeleteOne(d.ctx, bson.D{{Key: "_id", Value: id}})
	if err != nil || res.DeletedCount != 1 {
		t.Fatalf("%s: %+v, %v", id, res, err)
	}
}

func TestAuditLog(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		audittest.TestLog(t, auditDatabase{open(t), t.Context()})
	})
}

func TestAuditChain(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		audittest.TestChain(t, auditDatabase{open(t), t.Context()})
	})
}

func BenchmarkAuditAppend(b *testing.B) {
	db, ctx := connect(b)
	audittest.BenchmarkAppend(b, auditDatabase{withControlIndexes(b, db), ctx}.Log(audittest.Key(b)))
}
