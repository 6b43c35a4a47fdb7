package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export/run"
)

// readBatch is how many documents a reply of a long read holds at most. Measured: larger ones cost no less, smaller ones
// more, since the driver makes a buffer per reply.
const readBatch = 2000

// documents reads one collection of a tenant in the order of its ids. It implements run.Documents but for Match.
type documents struct {
	db   *DB
	name string // of the collection
	noun string // what is in it, in the plural, for errors

	// order is the index along which the documents of a match are read, and the part of match that bounds what of it is
	// passed over; nil where that is all of it. Within the bounds the index is in the order of ids.
	order func(match bson.D) (bounds, index bson.D)
}

func (d documents) collection(tenant string) *driver.Collection {
	return d.db.TenantReads(tenant).Collection(d.name)
}

// Count implements run.Documents. Without a condition the collection's own count answers at once.
func (d documents) Count(ctx context.Context, tenant string, match bson.D) (int64, error) {
	var n int64
	var err error
	if len(match) == 0 {
		n, err = d.collection(tenant).EstimatedDocumentCount(ctx)
	} else {
		n, err = d.collection(tenant).CountDocuments(ctx, match)
	}
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", d.noun, err)
	}
	return n, nil
}

// ForeignIDs implements run.Documents. Types are bracketed in the order of ids: where the first and the last are strings,
// all are, and that costs two look-ups in the index however many documents there are.
func (d documents) ForeignIDs(ctx context.Context, tenant string) (string, error) {
	for _, direction := range []int{1, -1} {
		raw, err := d.collection(tenant).FindOne(ctx, bson.D{}, options.FindOne().
			SetSort(bson.D{{Key: "_id", Value: direction}}).
			SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
		if errors.Is(err, driver.ErrNoDocuments) {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("look at the ids of %s: %w", d.noun, err)
		}
		if id := raw.Lookup("_id"); id.Type != bson.TypeString {
			return id.Type.String(), nil
		}
	}
	return "", nil
}

// Boundary implements run.Documents. It passes over keys of the index along which Read reads, and looks at no document.
func (d documents) Boundary(ctx context.Context, tenant string, match bson.D, after string, n int) (string, error) {
	bounds, index := d.order(match)
	raw, err := d.collection(tenant).FindOne(ctx, and(idsIn(run.Span{After: after}), bounds), options.FindOne().
		SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(index).SetSkip(int64(n)-1).
		SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return "", nil
	}
	if err != nil {
		return "", readError(ctx, d.noun, err)
	}
	id, ok := raw.Lookup("_id").StringValueOK()
	if !ok {
		return "", fmt.Errorf("find where a segment ends: an id is not text but %s", raw.Lookup("_id").Type)
	}
	return id, nil
}

// Read implements run.Documents. That the database cannot be reached wraps run.ErrCursorLost too. The index is forced: by
// one on last_login, say, a user who logs in meanwhile would be met twice, or not at all.
func (d documents) Read(ctx context.Context, tenant string, match, projection bson.D, span run.Span) (run.Cursor, error) {
	_, index := d.order(match)
	o := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(index).SetBatchSize(readBatch)
	if len(projection) > 0 {
		o.SetProjection(projection)
	}
	c, err := d.collection(tenant).Find(ctx, and(idsIn(span), match), o)
	if err != nil {
		return nil, readError(ctx, d.noun, err)
	}
	return &documentCursor{cursor: c, noun: d.noun}, nil
}

// idsIn matches ids that are strings of a span. A document whose id is "" comes first, so a span from the start includes it and
// no other does.
func idsIn(span run.Span) bson.D {
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

// and joins conditions, of which empty ones match everything.
func and(conditions ...bson.D) bson.D {
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
