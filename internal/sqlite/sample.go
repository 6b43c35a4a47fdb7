package sqlite

import (
	"context"
	"errors"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"
)

const (
	// sampleBlock is the number of users that a sample reads in a row. Neighbours are often alike, so
	// it is small; each block is one search of the tree.
	sampleBlock = 8
	// maxSampleBytes limits the documents of a sample.
	maxSampleBytes = 8 << 20
)

// Sample implements browse.Source. It divides the range of seq into equal parts, and reads a block
// from a random place in each. The order of the parts is random too, so that a sample that is cut by
// maxSampleBytes is not one of the oldest users.
func (u *Users) Sample(ctx context.Context, tenant string, n int, _ int64) (sample []bson.Raw, err error) {
	err = u.read(ctx, tenant, func(l *lease) error {
		first, err := l.integer("SELECT min(seq) FROM users")
		if err != nil {
			return err
		}
		last, err := l.integer("SELECT max(seq) FROM users")
		if err != nil {
			return err
		}
		parts := max(int64(n)/sampleBlock, 1)
		width := (last-first)/parts + 1
		if width <= sampleBlock { // few users: all of them
			parts, width = 1, last-first+1
		}
		s := sampler{lease: l, limit: n}
		for _, part := range rand.Perm(int(parts)) { //nolint:gosec // no secret
			from := first + int64(part)*width
			if err := s.readBlock(ctx, from, from+width, parts == 1); err != nil || s.full() {
				sample = s.docs
				return err
			}
		}
		sample = s.docs
		return nil
	})
	return sample, err
}

// sampler collects a sample.
type sampler struct {
	*lease
	limit int // users
	docs  []bson.Raw
	bytes int
}

func (s *sampler) full() bool { return len(s.docs) >= s.limit || s.bytes >= maxSampleBytes }

// readBlock adds users with from <= seq < until: all of them, or a block from a random place.
func (s *sampler) readBlock(ctx context.Context, from, until int64, all bool) error {
	limit := int64(-1)
	if !all {
		limit = sampleBlock
		from += rand.Int64N(until - from - sampleBlock + 1) //nolint:gosec // no secret
	}
	err := s.documents(ctx, "SELECT doc FROM users WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?", func(doc bson.Raw) error {
		s.docs = append(s.docs, append(bson.Raw(nil), doc...))
		s.bytes += len(doc)
		if s.full() {
			return errEnough
		}
		return nil
	}, from, until, limit)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
