package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// upsert inserts or replaces documents by id, in no order, and returns the number of new ones. Noun
// names the documents in errors, in the plural.
//
// FerretDB inserts new documents about twenty times as fast as it replaces them, but
// inserting one that exists is slower than replacing it. So a sample decides: if all of the sample
// exists, as when a file is imported again, all documents are replaced. Else all are inserted, and
// those that exist are replaced.
func upsert(ctx context.Context, c *driver.Collection, noun string, docs []bson.Raw) (created int, err error) {
	allExist, err := sampleExists(ctx, c, docs)
	if err != nil {
		return 0, fmt.Errorf("find %s: %w", noun, err)
	}
	if !allExist {
		taken, err := insertNew(ctx, c, docs)
		if err != nil {
			return 0, fmt.Errorf("insert %s: %w", noun, err)
		}
		created = len(docs) - len(taken)
		existing := make([]bson.Raw, len(taken))
		for i, index := range taken {
			existing[i] = docs[index]
		}
		docs = existing
	}
	models := make([]driver.WriteModel, len(docs))
	for i, doc := range docs {
		models[i] = driver.NewReplaceOneModel().SetFilter(idFilter(doc)).SetReplacement(doc).SetUpsert(true)
	}
	upserted, err := bulkWrite(ctx, c, models)
	if err != nil {
		return created + upserted, fmt.Errorf("replace %s: %w", noun, err)
	}
	return created + upserted, nil
}

// sampleExists reports whether the first, the middle and the last document are in the collection.
func sampleExists(ctx context.Context, c *driver.Collection, docs []bson.Raw) (bool, error) {
	if len(docs) == 0 {
		return true, nil
	}
	for _, doc := range []bson.Raw{docs[0], docs[len(docs)/2], docs[len(docs)-1]} {
		err := c.FindOne(ctx, idFilter(doc), options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
		if errors.Is(err, driver.ErrNoDocuments) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

func idFilter(doc bson.Raw) bson.D { return bson.D{{Key: "_id", Value: doc.Lookup("_id")}} }

// insertNew inserts the documents whose id does not exist yet, and returns the indexes of the
// others in the list. It does not look up the ids first, because FerretDB scans all
// documents to look up many ids.
func insertNew[T any](ctx context.Context, c *driver.Collection, list []T) (taken []int, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	_, err = c.InsertMany(ctx, list, options.InsertMany().SetOrdered(false))
	return splitDuplicates(err)
}

// maxUpdates is the maximum number of updates per command. FerretDB 1.24 holds a SQLite connection
// for each update until the command ends, and has 100 of them: with more updates the command never
// ends.
const maxUpdates = 20

// bulkWrite sends updates and replacements, in no order, and returns the number of documents that
// they inserted.
func bulkWrite(ctx context.Context, c *driver.Collection, models []driver.WriteModel) (upserted int, err error) {
	for chunk := range slices.Chunk(models, maxUpdates) {
		res, err := c.BulkWrite(ctx, chunk, options.BulkWrite().SetOrdered(false))
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

// splitDuplicates returns the indexes of the documents that an insert rejected because their id
// exists. It returns any other failure unchanged.
func splitDuplicates(err error) (indexes []int, other error) {
	bulk, ok := errors.AsType[driver.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil {
		return nil, err
	}
	for _, e := range bulk.WriteErrors {
		if !e.HasErrorCode(duplicateKey) {
			return nil, err
		}
		indexes = append(indexes, e.Index)
	}
	slices.Sort(indexes)
	return indexes, nil
}
