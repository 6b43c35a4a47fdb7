package live

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/egress-io/egress/internal/export"
)

// maxPositionAge is the default of queuePositions.maxAge.
const maxPositionAge = time.Second

// queuePositions are the positions of all waiting jobs. They are read once per change of the queue,
// for all sockets.
type queuePositions struct {
	jobs   Jobs
	logger *slog.Logger
	reads  singleflight.Group
	maxAge time.Duration // how long positions are used if no change is reported: a report can be lost

	mu      sync.Mutex
	changes int64 // how often the queue has changed

	// The last read:
	known  map[string]int64 // by job id; nil: none
	asOf   int64            // the number of changes before the read began
	readAt time.Time        // when the read began
}

// changed records that the queue has changed: the next call of position reads it again.
func (q *queuePositions) changed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.changes++
}

// position returns the position of a queued async job from 1, and 0 for any other job or if the queue
// cannot be read.
func (q *queuePositions) position(ctx context.Context, job *export.Job) int64 {
	if job.Status != export.Queued || job.Mode != export.Async {
		return 0
	}
	q.mu.Lock()
	if q.known != nil && q.asOf == q.changes && time.Since(q.readAt) < q.maxAge {
		if n := q.known[job.ID]; n > 0 {
			q.mu.Unlock()
			return n
		}
	}
	if q.known != nil && q.asOf == q.changes {
		q.changes++ // the job is newer than the read, or the read is too old
	}
	change := q.changes
	q.mu.Unlock()
	shared, err, _ := q.reads.Do(strconv.FormatInt(change, 10), func() (any, error) { return q.read(ctx, change) })
	if err != nil {
		q.logger.WarnContext(ctx, "cannot read the queue positions", "error", err)
		return 0
	}
	known, _ := shared.(map[string]int64)
	return known[job.ID]
}

func (q *queuePositions) read(ctx context.Context, change int64) (map[string]int64, error) {
	begun := time.Now()
	known, err := q.jobs.QueuePositions(ctx)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.known == nil || change >= q.asOf {
		q.known, q.asOf, q.readAt = known, change, begun
	}
	return known, nil
}
