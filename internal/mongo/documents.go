package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
)

// readBatch is the maximum number of documents per reply of a long read. By measurement, larger
// batches are not cheaper and smaller ones cost more, because the driver allocates a buffer per
// reply.
const readBatch = 2000

// documents reads one collection of a tenant, ordered by id. It implements pipeline.Documents
// except Match.
type documents struct {
	db   *DB
	name string // of the collection
	noun string // names the documents in errors, in the plural
}

func (d documents) collection(tenant string) *driver.Collection {
	return d.db.TenantReads(tenant).Collection(d.name)
}

// Count implements pipeline.Documents. The count is exact. It does not use the engine's metadata
// count, which is fast but can be wrong after an unclean shutdown and on a sharded cluster. Without
// a condition it counts the keys of an index and reads no documents.
func (d documents) Count(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
	o := options.Count()
	if s.IsAll() {
		o.SetHint(bson.D{{Key: "_id", Value: 1}})
	}
	n, err := d.collection(tenant).CountDocuments(ctx, selectionQuery(s), o)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", d.noun, err)
	}
	return n, nil
}

// SegmentEnd implements pipeline.Documents. It skips keys of the index that Read uses, and reads no
// documents.
func (d documents) SegmentEnd(ctx context.Context, tenant string, s filter.Selection, after string, n int) (string, error) {
	bounds, index := readOrder(s)
	raw, err := d.collection(tenant).FindOne(ctx, allOf(idRange(pipeline.IDRange{After: after}), bounds), options.FindOne().
		SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(index).SetSkip(int64(n)-1).
		SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return "", nil
	}
	if err != nil {
		return "", readError(ctx, d.noun, err)
	}
	id, ok := pipeline.StringValue(raw.Lookup("_id"))
	if !ok {
		return "", pipeline.NonStringIDError(d.noun, pipeline.BSONTypeName(raw.Lookup("_id")))
	}
	return id, nil
}

// Read implements pipeline.Documents. An unreachable database also wraps pipeline.ErrCursorLost.
// The index is forced: if the planner chose one on last_login, a user who logs in during the read
// could appear twice or not at all.
func (d documents) Read(ctx context.Context, tenant string, s filter.Selection, projection bson.D, span pipeline.IDRange) (pipeline.Cursor, error) {
	_, index := readOrder(s)
	c, err := d.findWithTimeLimit(ctx, tenant, allOf(idRange(span), selectionQuery(s)), findOptions{
		sort: bson.D{{Key: "_id", Value: 1}}, hint: index, projection: projection,
	})
	if err != nil {
		return nil, readError(ctx, d.noun, err)
	}
	return &documentCursor{cursor: c, noun: d.noun}, nil
}

// idRange matches string ids of a span. The id "" sorts first, so only a span from the start
// includes it.
func idRange(span pipeline.IDRange) bson.D {
	from := "$gt"
	if span.After == "" {
		from = "$gte"
	}
	ids := bson.D{{Key: from, Value: span.After}}
	if span.Until != "" {
		ids = append(ids, bson.E{Key: "$lte", Value: span.Until})
	}
	return bson.D{{Key: "_id", Value: ids}}
}

// allOf joins conditions with $and and skips empty ones.
func allOf(conditions ...bson.D) bson.D {
	var some bson.A
	for _, d := range conditions {
		if len(d) > 0 {
			some = append(some, d)
		}
	}
	if len(some) == 0 {
		return bson.D{}
	}
	return bson.D{{Key: "$and", Value: some}}
}
