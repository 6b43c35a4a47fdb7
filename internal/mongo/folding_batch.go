package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/users"
)

// foldingBatch corrects the folded text of documents of one collection.
//
// A document may change between the read and the correction, which then sets folded text of an old
// value. An update that is conditional on the text would prevent that, but FerretDB
// would scan all documents for each update. So flush reads a corrected document again and corrects
// it until its folded text is right. All other writes change text and folded text together.
type foldingBatch struct {
	collection   *driver.Collection
	projection   bson.D                // the fields that foldedMember needs
	foldedMember func(bson.Raw) bson.D // returns the right value of users.FoldedKey

	ids     []bson.RawValue
	updates []driver.WriteModel
	changed int64 // number of documents with wrong folded text
}

func (w *UserWriter) userFolding(tenant string) *foldingBatch {
	return &foldingBatch{
		collection: w.db.Tenant(tenant).Collection(usersCollection), foldedMember: users.FoldedUser,
		projection: bson.D{
			{Key: "identifiers", Value: 1}, {Key: "attributes", Value: 1}, {Key: "account_ids", Value: 1}, {Key: users.FoldedKey, Value: 1},
		},
	}
}

func (w *UserWriter) accountFolding(tenant string) *foldingBatch {
	return &foldingBatch{
		collection: w.db.Tenant(tenant).Collection(accountsCollection), foldedMember: users.FoldedAccount,
		projection: bson.D{{Key: "name", Value: 1}, {Key: users.FoldedKey, Value: 1}},
	}
}

// add queues the correction of a document, if it needs one, and flushes a full batch.
func (b *foldingBatch) add(ctx context.Context, doc bson.Raw) error {
	wrong, err := b.enqueue(doc)
	if err != nil || !wrong {
		return err
	}
	b.changed++
	if len(b.updates) < maxUpdates {
		return nil
	}
	return b.flush(ctx)
}

// enqueue queues the correction of a document, and reports whether it needs one.
func (b *foldingBatch) enqueue(doc bson.Raw) (wrong bool, err error) {
	update, err := users.RefoldUpdate(doc, b.foldedMember(doc))
	if err != nil || update == nil {
		return false, err
	}
	id := doc.Lookup("_id")
	id.Value = append([]byte(nil), id.Value...) // the cursor reuses its buffer
	b.ids = append(b.ids, id)
	b.updates = append(b.updates, driver.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: id}}).SetUpdate(update))
	return true, nil
}

// flush applies the queued corrections until all documents are right.
func (b *foldingBatch) flush(ctx context.Context) error {
	for len(b.updates) > 0 {
		ids, updates := b.ids, b.updates
		b.ids, b.updates = nil, nil
		if _, err := bulkWrite(ctx, b.collection, updates); err != nil {
			return err
		}
		for _, id := range ids {
			doc, err := b.collection.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, options.FindOne().SetProjection(b.projection)).Raw()
			if errors.Is(err, driver.ErrNoDocuments) {
				continue
			}
			if err == nil {
				_, err = b.enqueue(doc)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
