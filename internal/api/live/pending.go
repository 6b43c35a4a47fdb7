package live

import "github.com/egress-io/egress/internal/export"

// pendingMessages is what a socket has to send.
type pendingMessages struct {
	snapshot *snapshot // nil: none
	queue    bool      // queue positions have changed
	jobs     map[string]*export.Job
}

// offer stores a job's state for the writer, unless a newer one is already pending.
func (s *socket) offer(job *export.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.pending.jobs[job.ID]; old != nil && old.Version() > job.Version() {
		return
	}
	s.pending.jobs[job.ID] = job
	if len(s.pending.jobs) > maxPendingJobs {
		clear(s.pending.jobs)
		s.pending.snapshot = s.hub.snapshots.request(s.subscriber.Slot, s.subscriber.Links, 0)
	}
	s.wakeWriter()
}

// requestSnapshot requests a snapshot that is read after this call.
func (s *socket) requestSnapshot() {
	s.awaitSnapshot(s.hub.snapshots.request(s.subscriber.Slot, s.subscriber.Links, 0))
}

// awaitSnapshot makes the socket send a snapshot when it is ready, instead of an earlier one.
func (s *socket) awaitSnapshot(p *snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending.snapshot == nil || s.pending.snapshot.number < p.number {
		s.pending.snapshot = p
	}
	s.wakeWriter()
}

// snapshotReady returns a channel that is closed when the awaited snapshot is ready, nil if none is
// awaited.
func (s *socket) snapshotReady() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending.snapshot == nil {
		return nil
	}
	return s.pending.snapshot.done
}

func (s *socket) queueChanged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.queue = true
	s.wakeWriter()
}

// takePending returns the pending messages that can be sent. A snapshot that is not ready stays
// pending, and before the first snapshot everything else does too.
func (s *socket) takePending() pendingMessages {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, rest := s.pending, pendingMessages{jobs: map[string]*export.Job{}}
	if d.snapshot != nil && !d.snapshot.ready() {
		if !s.snapshotSent {
			return pendingMessages{}
		}
		rest.snapshot, d.snapshot = d.snapshot, nil
	}
	s.pending = rest
	return d
}

func (s *socket) wakeWriter() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
