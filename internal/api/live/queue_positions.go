package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// maxPositionAge is the default of queuePositions.maxAge.
const maxPositionAge = time.Second

// queuePositions are the positions of all waiting jobs. They are read once per change of the queue,
// for all sockets, and one read at a time: changes during a read share the next one.
type queuePositions struct {
	jobs    Jobs
	logger  *slog.Logger
	maxAge  time.Duration // how long positions are used if no change is reported: a report can be lost
	reading sync.Mutex    // held during a read

	mu      sync.Mutex
	changes int64 // how often the queue has changed

	// The last read:
	known  map[string]int64 // by job id; nil if the read failed
	asOf   int64            // the number of changes before the read began; 0: none was read
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
	position, change := q.lookUp(job.ID)
	if position > 0 {
		return position
	}
	q.reading.Lock()
	defer q.reading.Unlock()
	q.mu.Lock()
	shared, next := q.asOf >= change, q.changes // shared: another caller read the queue meanwhile
	q.mu.Unlock()
	if !shared {
		q.read(ctx, next)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.known[job.ID]
}

// lookUp returns a position from the last read, or 0 and the number of changes that the next read
// must include.
func (q *queuePositions) lookUp(id string) (position, change int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.asOf == q.changes {
		if n := q.known[id]; n > 0 && time.Since(q.readAt) < q.maxAge {
			return n, 0
		}
		q.changes++ // the job is newer than the read, or the read is too old, or it failed
	}
	return 0, q.changes
}

func (q *queuePositions) read(ctx context.Context, change int64) {
	begun := time.Now()
	known, err := q.jobs.QueuePositions(ctx)
	if err != nil {
		q.logger.WarnContext(ctx, "cannot read the queue positions", "error", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known, q.asOf, q.readAt = known, change, begun
}
