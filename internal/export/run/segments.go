package run

import (
	"context"

	"github.com/egress-io/egress/internal/export"
)

// Span is a piece of the order of ids: those greater than After, up to and including Until. An empty string leaves that end
// open.
type Span struct{ After, Until string }

// segment is a span whose users one reader reads, while others read those behind it.
type segment struct {
	span   Span
	blocks chan *block // in the order of ids, encoded or about to be; closed behind the last
}

// What a segment holds. The blocks that wait in it are the memory of a reader that is ahead.
const (
	segmentBytes  = 4 << 20 // of CSV, about
	segmentBlocks = 8       // that may wait; each is about blockBytes of documents, and as much of CSV
	blockBytes    = 256 << 10
	minSegment    = 200    // users
	maxSegment    = 10_000 // users
)

// segmentUsers is how many users a segment passes over, by the size of those in the sample. It changes no byte of the file.
func (t *task) segmentUsers() int {
	if t.settings.SegmentUsers > 0 {
		return t.settings.SegmentUsers
	}
	if t.meter.sample.users == 0 || t.meter.sample.bytes == 0 {
		return maxSegment / 4
	}
	return int(min(max(segmentBytes*t.meter.sample.users/t.meter.sample.bytes, minSegment), maxSegment))
}

// cut divides what is behind an id into segments, and hands out each twice: in order for the one who puts them together, and
// to whichever reader is free. How far it is ahead is bounded by the capacity of order.
func (t *task) cut(ctx context.Context, after string, order, work chan<- *segment) error {
	defer close(order)
	defer close(work)
	users := t.segmentUsers()
	for {
		until := ""
		if t.settings.Readers > 1 {
			err := t.patiently(ctx, nil, func() (err error) {
				until, err = t.documents.Boundary(ctx, t.tenant, t.match, after, users)
				return err
			})
			if err != nil {
				return err
			}
		}
		s := &segment{span: Span{After: after, Until: until}, blocks: make(chan *block, segmentBlocks)}
		for _, to := range []chan<- *segment{order, work} {
			select {
			case to <- s:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if until == "" {
			return nil
		}
		if until <= after {
			return export.Errorf(export.CodeOrder, "The user database did not return users in the order of their ids.")
		}
		after = until
	}
}
