package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/transfer"
)

// Transfer reads and writes whole collections. It implements transfer.Source and transfer.Target. It
// reads from the primary.
type Transfer struct{ db *DB }

var (
	_ transfer.Source = Transfer{}
	_ transfer.Target = Transfer{}
)

// NewTransfer returns the documents in db.
func NewTransfer(db *DB) Transfer { return Transfer{db} }

func (t Transfer) collection(tenant, name string) *driver.Collection {
	if tenant == "" {
		return t.db.Control().Collection(name)
	}
	return t.db.Tenant(tenant).Collection(name)
}

// Collections implements transfer.Reader. It leaves out the processes that use a control database
// and their settings, which belong to no other database.
func (Transfer) Collections(tenant string) []string {
	if tenant == "" {
		return []string{
			adminsCollection, auditCollection, auditHeadsCollection, challengesCollection, claimsCollection,
			factorClaimsCollection, factorsCollection, invitationsCollection, jobsCollection, keyPairsCollection,
			outboxCollection, preferencesCollection, resetsCollection, savedFiltersCollection, sessionsCollection, tenantsCollection, turnsCollection,
		}
	}
	return []string{
		accountsCollection, eventsCollection, productsCollection, registryCollection, schemaCollection,
		storesCollection, upgradesCollection, usersCollection,
	}
}

// Tenants implements transfer.Source.
func (t Transfer) Tenants(ctx context.Context) (ids []string, err error) {
	err = t.Each(ctx, "", tenantsCollection, "", func(id string, _ bson.Raw) error {
		ids = append(ids, id)
		return nil
	})
	return ids, err
}

// Count implements transfer.Reader.
func (t Transfer) Count(ctx context.Context, tenant, collection string) (int64, error) {
	n, err := t.collection(tenant, collection).CountDocuments(ctx, bson.D{})
	return n, wrapError(Outage(err), "count "+collection)
}

// Each implements transfer.Reader.
func (t Transfer) Each(ctx context.Context, tenant, collection, after string, f func(id string, doc bson.Raw) error) (err error) {
	query := bson.D{} // includes ids of other types, which a copy must not skip
	if after != "" {
		query = bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}}
	}
	c, err := t.collection(tenant, collection).Find(ctx, query, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return fmt.Errorf("read %s: %w", collection, Outage(err))
	}
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	for c.Next(ctx) {
		id := c.Current.Lookup("_id")
		if id.Type != bson.TypeString {
			return fmt.Errorf("a document of %s has an id of type %s, not string", collection, id.Type)
		}
		if err := f(id.StringValue(), c.Current); err != nil {
			return err
		}
	}
	return wrapError(Outage(c.Err()), "read "+collection)
}

// Put implements transfer.Target.
func (t Transfer) Put(ctx context.Context, tenant, collection string, docs []bson.Raw) error {
	if collection == usersCollection {
		defer t.db.addUserWrite(tenant)
	}
	_, err := upsert(ctx, t.collection(tenant, collection), collection, docs)
	return Outage(err)
}
