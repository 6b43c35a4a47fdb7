package mongo

import (
	"context"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/pipeline"
)

const (
	// sampleBlocks is the number of places from which a sample reads users. Each is one query.
	sampleBlocks = 32
	// maxSampleBytes limits the documents of a sample.
	maxSampleBytes = 8 << 20
)

// Sample implements browse.Source. It divides the index of ids into equal parts, and reads a block
// of users from a random place in each: a query skips keys from the previous block on, so all
// queries together pass each key once. It does not use $sample, which scans all documents on some
// engines.
func (u *Users) Sample(ctx context.Context, tenant string, n int, total int64) (sample []bson.Raw, err error) {
	block, width, blockBytes := max(n/sampleBlocks, 1), total/sampleBlocks, maxSampleBytes/sampleBlocks
	if width <= int64(block) { // few users: all of them
		block, width, blockBytes = n, int64(n), maxSampleBytes
	}
	after, passed := "", int64(0) // passed: the number of keys up to after
	for part := int64(0); len(sample) < n; part++ {
		from := part*width + rand.Int64N(width-int64(block)+1) //nolint:gosec // no secret
		docs, err := u.findAllWithTimeLimit(ctx, tenant, idRange(pipeline.IDRange{After: after}), findOptions{
			sort: bson.D{{Key: "_id", Value: 1}}, hint: bson.D{{Key: "_id", Value: 1}}, skip: from - passed, limit: int64(block),
		})
		if err != nil {
			return nil, readError(ctx, u.noun, err)
		}
		bytes := 0
		for _, doc := range docs {
			if bytes += len(doc); bytes <= blockBytes || len(doc) == bytes { // at least one
				sample = append(sample, doc)
			}
		}
		if len(docs) < block {
			break
		}
		after, _ = pipeline.StringValue(docs[block-1].Lookup("_id"))
		passed = from + int64(block)
	}
	return sample, nil
}
