package pipeline

import (
	"context"

	"github.com/egress-io/egress/internal/errs"
)

// IDRange is a range of ids: greater than After, and at most Until. An empty string leaves that end
// open.
type IDRange struct{ After, Until string }

// segment is a range of ids that one reader reads, while other readers read the following segments.
type segment struct {
	span   IDRange
	blocks chan *block   // in ascending order of ids; closed after the last
	turn   chan struct{} // closed once all earlier segments are in the file
}

// The size of a segment. The blocks that wait in it are the memory of a reader that is ahead.
const (
	segmentBytes  = 4 << 20 // of CSV, approximately
	segmentBlocks = 8       // that may wait, each with documents and CSV
	blockBytes    = 256 << 10
	minSegment    = 200    // users
	maxSegment    = 10_000 // users
)

// segmentUsers returns how many users a segment covers, given the size of the users in the sample.
// It does not affect the bytes of the file.
func (t *task) segmentUsers() int {
	if t.settings.SegmentUsers > 0 {
		return t.settings.SegmentUsers
	}
	typical := t.meter.typicalUsers()
	if typical.users == 0 || typical.bytes == 0 {
		return maxSegment / 4
	}
	return int(min(max(segmentBytes*typical.users/typical.bytes, minSegment), maxSegment))
}

// cutSegments divides the ids greater than after into segments. It sends each segment twice: to
// order, in ascending order for the sequencer, and to work, for the next free reader. The capacity
// of order limits how far it runs ahead.
func (t *task) cutSegments(ctx context.Context, after string, order, work chan<- *segment) error {
	defer close(order)
	defer close(work)
	users := t.segmentUsers()
	for {
		until := ""
		if t.settings.Readers > 1 {
			err := t.retryReads(ctx, nil, func() (err error) {
				until, err = t.documents.SegmentEnd(ctx, t.tenant, t.selection, after, users)
				return err
			})
			if err != nil {
				return err
			}
		}
		s := &segment{span: IDRange{After: after, Until: until}, blocks: make(chan *block, segmentBlocks), turn: make(chan struct{})}
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
			return errs.Errorf(errs.CodeUserIDsOutOfOrder, "The user database did not return users in the order of their IDs.")
		}
		after = until
	}
}
