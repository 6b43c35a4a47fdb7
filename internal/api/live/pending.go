package live

import (
	"slices"
)

// pendingMessages is what a socket has to send.
type pendingMessages struct {
	snapshot  *snapshot // nil: none
	updates   []*update // one per job
	reconnect frame     // {"type":"reconnect"}; nil: none
	ping      bool
	pong      []byte // the answer to a ping of the client; nil: none
}

func (d *pendingMessages) empty() bool {
	return d.snapshot == nil && len(d.updates) == 0 && !d.controls()
}

// controls reports whether there is something to send that is not about jobs.
func (d *pendingMessages) controls() bool { return d.reconnect != nil || d.ping || d.pong != nil }

// offer stores an update for the writer, in place of an older one of the same job. The caller holds the
// hub's mutex.
func (s *socket) offer(u *update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offerLocked(u)
}

// offerInsteadOf offers an update from a read, unless the socket awaits a snapshot of that read. The
// caller holds the hub's mutex.
func (s *socket) offerInsteadOf(u *update, snapshots []*snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(snapshots, s.pending.snapshot) {
		s.offerLocked(u)
	}
}

func (s *socket) offerLocked(u *update) {
	if !s.holds(u) {
		s.join()
	}
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

// awaitSnapshot makes the socket send a snapshot when it is ready, instead of an earlier one.
func (s *socket) awaitSnapshot(p *snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending.snapshot == nil || s.pending.snapshot.number < p.number {
		s.pending.snapshot = p
	}
	s.wakeIfReady()
}

// snapshotCompleted makes the socket send its snapshot if that is ready.
func (s *socket) snapshotCompleted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakeIfReady()
}

// sessionChecked allows the socket to send.
func (s *socket) sessionChecked() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.checked {
		s.checked = true
		s.wakeIfReady()
	}
}

func (s *socket) wakeIfReady() {
	if s.pending.snapshot != nil && s.pending.snapshot.ready() {
		s.wakeWriter()
	}
}

// takePending returns the pending messages that can be sent, or the reason to close the socket. If
// there is nothing, the caller has stopped to be the writer. A snapshot that is not ready stays
// pending, and before the first snapshot everything else does too.
func (s *socket) takePending() (pendingMessages, *closeReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason != nil {
		return pendingMessages{}, s.reason
	}
	d := pendingMessages{ping: s.pending.ping, pong: s.pending.pong, reconnect: s.pending.reconnect}
	s.pending.ping, s.pending.pong, s.pending.reconnect = false, nil, nil
	ready := s.pending.snapshot != nil && s.pending.snapshot.ready()
	if s.checked && (s.snapshotSent || ready) {
		if ready {
			d.snapshot, s.pending.snapshot = s.pending.snapshot, nil
		}
		if len(s.pending.updates) > 0 {
			d.updates, s.pending.updates, s.spare = s.pending.updates, s.spare, nil
			s.tickSent()
		}
	}
	s.writing = !d.empty()
	return d, nil
}

// reuse keeps the memory of updates that were sent for later ones.
func (s *socket) reuse(sent []*update) {
	clear(sent)
	s.spare = sent[:0]
}
