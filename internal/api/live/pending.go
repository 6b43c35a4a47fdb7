package live

import "slices"

// pendingMessages is what a socket has to send.
type pendingMessages struct {
	snapshot *snapshot // nil: none
	updates  []*update // one per job
}

// offer stores an update for the writer, in place of an older one of the same job.
func (s *socket) offer(u *update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offerLocked(u)
}

// offerInsteadOf offers an update from a read, unless the socket awaits a snapshot of that read.
func (s *socket) offerInsteadOf(u *update, snapshots []*snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(snapshots, s.pending.snapshot) {
		s.offerLocked(u)
	}
}

func (s *socket) offerLocked(u *update) {
	s.wakeWriter()
	for i, old := range s.pending.updates {
		if old.job.ID == u.job.ID {
			s.pending.updates[i] = u
			return
		}
	}
	if len(s.pending.updates) == maxPendingJobs {
		clear(s.pending.updates)
		s.pending.updates = s.pending.updates[:0]
		s.pending.snapshot = s.hub.snapshots.request(s.subscriber.Slot, 0)
		return
	}
	s.pending.updates = append(s.pending.updates, u)
}

// requestSnapshot requests a snapshot that is read after this call.
func (s *socket) requestSnapshot() {
	s.awaitSnapshot(s.hub.snapshots.request(s.subscriber.Slot, 0))
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

// takePending returns the pending messages that can be sent. A snapshot that is not ready stays
// pending, and before the first snapshot everything else does too. Call reuse after sending.
func (s *socket) takePending() pendingMessages {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, rest := s.pending, pendingMessages{updates: s.spare}
	if d.snapshot != nil && !d.snapshot.ready() {
		if !s.snapshotSent {
			return pendingMessages{}
		}
		rest.snapshot, d.snapshot = d.snapshot, nil
	}
	s.pending, s.spare = rest, nil
	return d
}

// reuse keeps the memory of updates that were sent for later ones.
func (s *socket) reuse(sent []*update) {
	clear(sent)
	s.spare = sent[:0]
}

func (s *socket) wakeWriter() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
