package live

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

const (
	// maxSnapshotReads is the maximum of concurrent reads. One that reads and one that waits for
	// its answer keep the database busy. More would only delay other requests.
	maxSnapshotReads = 2

	// After a Redis failover the reads start one after another, this far apart, so that requests are
	// answered between them. With many requesters they are closer, so that the last is not late. Servers
	// that read from the same database at the same time do it in other orders.
	delayPerRequester = 2500 * time.Microsecond
	maxRefreshDelay   = 2 * time.Second

	firstRetry = time.Second
	maxRetry   = 15 * time.Second
)

// snapshot is one read of a requester's jobs. All sockets that requested it before the read began
// share it.
type snapshot struct {
	number  int64         // increases with every request
	done    chan struct{} // closed when content is set
	content *snapshotContent
}

// snapshotContent is the jobs of one read, newest first. It is encoded once per audience.
type snapshotContent struct {
	updates []*update
	number  int64 // of the hub's last update before the snapshot was complete

	mu       sync.Mutex
	messages [audiences]frame // {"type":"snapshot"}; nil until it is encoded
}

// message returns the message {"type":"snapshot"} for a subscriber.
func (c *snapshotContent) message(m Subscriber) (frame, error) {
	a := plain
	for _, u := range c.updates {
		a = max(a, audienceOf(m, u.job))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.messages[a] != nil {
		return c.messages[a], nil
	}
	parts := [][]byte{snapshotPrefix}
	for i, u := range c.updates {
		body, err := u.body(audienceOf(m, u.job))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			parts = append(parts, separator)
		}
		parts = append(parts, body)
	}
	c.messages[a] = newFrame(append(parts, snapshotEnd)...)
	return c.messages[a], nil
}

// version returns the version of a job in the snapshot, or false.
func (c *snapshotContent) version(id string) (int64, bool) {
	for _, u := range c.updates {
		if u.job.ID == id {
			return u.job.Version(), true
		}
	}
	return 0, false
}

func (p *snapshot) ready() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// snapshots reads the jobs of requesters for their sockets. It runs one read per requester at a
// time, and maxSnapshotReads in total. A failed read is retried while the requester has a socket.
type snapshots struct {
	jobs       Jobs
	newUpdate  func(*export.Job) *update
	deliver    func(slot jobs.Slot, read []*update, waiting []*snapshot) // completes snapshots
	logger     *slog.Logger
	hasSockets func(jobs.Slot) bool // whether the requester has a socket
	retryAfter time.Duration
	permits    chan struct{}

	ctx     context.Context // done when the hub stops
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	reads  map[jobs.Slot]*snapshotRead
	number int64
}

// snapshotRead is the state of a requester's reads.
type snapshotRead struct {
	// Guarded by snapshots.mu:
	requested *snapshot     // the next read, not begun
	delay     time.Duration // before requested begins

	// Owned by the requester's goroutine:
	pending []*snapshot // begun and not completed; several after a failed read
}

// close cancels all reads and waits for them. Their snapshots never become ready.
func (s *snapshots) close() {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.running.Wait()
}

// request returns a snapshot of a requester's jobs. The read begins after this call, so the
// snapshot includes everything published before. It begins after the delay of the first request
// that it serves. request does not block.
func (s *snapshots) request(slot jobs.Slot, delay time.Duration) *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return &snapshot{done: make(chan struct{})}
	}
	r := s.reads[slot]
	if r == nil {
		r = &snapshotRead{}
		s.reads[slot] = r
		s.running.Go(func() { s.run(slot, r) })
	}
	if r.requested == nil {
		s.number++
		r.requested, r.delay = &snapshot{number: s.number, done: make(chan struct{})}, delay
	}
	return r.requested
}

// run reads snapshots for a requester until none is requested.
func (s *snapshots) run(slot jobs.Slot, r *snapshotRead) {
	for retry := s.retryAfter; s.waitForTurn(r); {
		result, err := s.read(slot)
		<-s.permits
		switch {
		case err == nil:
			s.deliver(slot, result, r.pending)
			r.pending, retry = nil, s.retryAfter
		case s.ctx.Err() == nil:
			s.logger.WarnContext(s.ctx, "cannot read a snapshot of jobs; retrying", "in", retry, "error", err)
			if !sleep(s.ctx, jitter(retry)) {
				return
			}
			retry = min(2*retry, maxRetry)
		}
		if s.finished(slot, r) {
			return
		}
	}
}

// waitForTurn waits for the delay and a permit of a read, then moves the requested snapshot to
// pending. It returns false if the hub stopped.
func (s *snapshots) waitForTurn(r *snapshotRead) bool {
	s.mu.Lock()
	delay := r.delay
	s.mu.Unlock()
	if delay > 0 && !sleep(s.ctx, delay) {
		return false
	}
	select {
	case s.permits <- struct{}{}:
	case <-s.ctx.Done():
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.requested != nil {
		r.pending = append(r.pending, r.requested)
	}
	r.requested, r.delay = nil, 0
	return true
}

// finished reports whether a requester's goroutine can end. A failed read is given up when the
// requester has no socket left.
func (s *snapshots) finished(slot jobs.Slot, r *snapshotRead) bool {
	retry := len(r.pending) > 0 && s.hasSockets(slot) // locks the hub's mutex, which is held when request is called: so lock it before ours
	s.mu.Lock()
	defer s.mu.Unlock()
	if retry || r.requested != nil {
		return false
	}
	delete(s.reads, slot)
	return true
}

// read reads a requester's jobs and their queue positions.
func (s *snapshots) read(slot jobs.Slot) ([]*update, error) {
	ctx, cancel := context.WithTimeout(s.ctx, readLimit)
	defer cancel()
	list, err := s.jobs.Snapshot(ctx, slot.Tenant, slot.RequesterID)
	if err != nil {
		return nil, err
	}
	updates := make([]*update, len(list))
	for i, job := range list {
		updates[i] = s.newUpdate(job)
		updates[i].queuePosition()
	}
	return updates, nil
}

// pending reports whether a snapshot of a requester's jobs is requested or being read.
func (s *snapshots) pending(slot jobs.Slot) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads[slot] != nil
}

// requested reports whether a read of a requester's jobs is requested that has not begun.
func (s *snapshots) requested(slot jobs.Slot) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.reads[slot]
	return r != nil && r.requested != nil
}

// idle reports whether no read is running or requested.
func (s *snapshots) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.reads) == 0
}

// jitter returns a random duration from d/2 to d.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1) //nolint:gosec // it spreads load, and is no secret
}

// sleep waits for d. It returns false if ctx is done first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
