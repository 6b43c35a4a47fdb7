package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/users"
)

// UserWriter writes tenants' users and what they refer to. Everything goes through the write client, so that it is
// atomic on every engine.
type UserWriter struct{ db *DB }

// NewUserWriter returns the writer of the tenants in db.
func NewUserWriter(db *DB) *UserWriter { return &UserWriter{db} }

// WriteUsers makes or replaces users, and tells how many are new. Each id may be there once. Calling it again after an
// error is safe.
func (w *UserWriter) WriteUsers(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error) {
	return put(ctx, w.db.Tenant(tenant).Collection(usersCollection), "users", docs)
}

// WriteStateEvents makes or replaces state events, as WriteUsers does users.
func (w *UserWriter) WriteStateEvents(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error) {
	return put(ctx, w.db.Tenant(tenant).Collection(eventsCollection), "state events", docs)
}

// put makes or replaces documents by their ids, in no order. Noun says what they are, in the plural, for errors.
//
// The embedded engine inserts new documents some twenty times as fast as it replaces them one by one, but an insert of one
// that is there costs it more than replacing. So a sample decides: where all of it is there, as when a file is imported
// again, the documents are replaced; else all are inserted, and those that turn out to be there are replaced.
func put(ctx context.Context, c *driver.Collection, noun string, docs []bson.Raw) (created int, err error) {
	again, err := sampleThere(ctx, c, docs)
	if err != nil {
		return 0, fmt.Errorf("look for %s: %w", noun, err)
	}
	if !again {
		taken, err := insertNew(ctx, c, docs)
		if err != nil {
			return 0, fmt.Errorf("insert %s: %w", noun, err)
		}
		created = len(docs) - len(taken)
		rest := make([]bson.Raw, len(taken))
		for i, at := range taken {
			rest[i] = docs[at]
		}
		docs = rest
	}
	models := make([]driver.WriteModel, len(docs))
	for i, doc := range docs {
		models[i] = driver.NewReplaceOneModel().SetFilter(byID(doc)).SetReplacement(doc).SetUpsert(true)
	}
	upserted, err := bulkWrite(ctx, c, models)
	if err != nil {
		return created + upserted, fmt.Errorf("replace %s: %w", noun, err)
	}
	return created + upserted, nil
}

// sampleThere reports whether the first, the middle and the last of docs are in the collection.
func sampleThere(ctx context.Context, c *driver.Collection, docs []bson.Raw) (bool, error) {
	if len(docs) == 0 {
		return true, nil
	}
	for _, doc := range []bson.Raw{docs[0], docs[len(docs)/2], docs[len(docs)-1]} {
		err := c.FindOne(ctx, byID(doc), options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
		if errors.Is(err, driver.ErrNoDocuments) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

func byID(doc bson.Raw) bson.D { return bson.D{{Key: "_id", Value: doc.Lookup("_id")}} }

// PutUsers writes users with the registry entries that they need, and tells how many are new. It is for few users: all
// are encoded at once. Stores, products and accounts are not made.
func (w *UserWriter) PutUsers(ctx context.Context, tenant string, list ...users.User) (created int, err error) {
	docs := make([]bson.Raw, len(list))
	names := entrySet{}
	for i, u := range list {
		if docs[i], err = users.Encode(u); err != nil {
			return 0, err
		}
		if err := names.add(docs[i]); err != nil {
			return 0, err
		}
	}
	if err := w.AddRegistry(ctx, tenant, names.registry()); err != nil {
		return 0, err
	}
	return w.WriteUsers(ctx, tenant, docs)
}

// insertNew inserts the documents whose id is not there yet, and returns the places in the list of the others. It asks
// nothing first: the embedded engine answers a question for many ids by looking at every document.
func insertNew[T any](ctx context.Context, c *driver.Collection, list []T) (taken []int, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	_, err = c.InsertMany(ctx, list, options.InsertMany().SetOrdered(false))
	return duplicates(err)
}

// maxUpdates is how many updates one command may hold. FerretDB 1.24 keeps a connection to SQLite for each of them until
// the command ends, and it has 100: with more the command never ends.
const maxUpdates = 20

// bulkWrite sends updates and replacements, in no order, and tells how many documents they made.
func bulkWrite(ctx context.Context, c *driver.Collection, models []driver.WriteModel) (upserted int, err error) {
	for some := range slices.Chunk(models, maxUpdates) {
		res, err := c.BulkWrite(ctx, some, options.BulkWrite().SetOrdered(false))
		if res != nil {
			upserted += int(res.UpsertedCount)
		}
		if err != nil {
			return upserted, err
		}
	}
	return upserted, nil
}

const duplicateKey = 11000

// duplicates separates the places of inserted documents whose id was taken from every other failure of an unordered
// insert.
func duplicates(err error) (places []int, other error) {
	bulk, ok := errors.AsType[driver.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil {
		return nil, err
	}
	for _, e := range bulk.WriteErrors {
		if !e.HasErrorCode(duplicateKey) {
			return nil, err
		}
		places = append(places, e.Index)
	}
	slices.Sort(places)
	return places, nil
}
