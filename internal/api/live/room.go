package live

import (
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

const (
	// maxKnownJobs is how many jobs of a room are known before those that have ended are forgotten.
	maxKnownJobs = 100

	// lostStateDelay is the maximum delay of a snapshot that replaces a lost state. The store may
	// receive a state up to a second after it was published.
	lostStateDelay = 2 * time.Second
)

// room is the sockets of one requester, and what this server knows about the requester's jobs. The
// hub's mutex guards it.
type room struct {
	sockets map[*socket]struct{}
	jobs    map[string]knownJob // by id

	held   bool          // a tick waits in pace.held
	heldAt time.Duration // since when, on the hub's clock
}

// knownJob is the newest version of a job that this server has received. Sockets receive only newer
// ones.
type knownJob struct {
	version int64
	newest  *update // nil if the job has ended and no snapshot is being read
	held    bool    // newest is a tick that was not offered yet
}

// publish sends a job's new state to its requester's sockets.
func (h *Hub) publish(job *export.Job) {
	h.mu.Lock()
	defer h.unlock()
	slot := jobs.SlotOf(job)
	r := h.rooms[slot]
	if r == nil {
		return
	}
	known, found := r.jobs[job.ID]
	if found && known.version >= job.Version() {
		return
	}
	u := h.newUpdate(job)
	u.follow(known.newest)
	h.offer(slot, r, u)
}

// publishProgress sends a job's progress to its requester's sockets. If this server lacks the state
// that it belongs to, the sockets receive a snapshot instead.
func (h *Hub) publishProgress(e *jobs.ProgressEvent) {
	h.mu.Lock()
	defer h.unlock()
	slot := e.Slot()
	r := h.rooms[slot]
	if r == nil {
		return
	}
	known, found := r.jobs[e.JobID]
	if found && known.version >= e.Version {
		return
	}
	if known.newest != nil {
		if job := e.Apply(known.newest.job); job != nil {
			u := h.newUpdate(job)
			u.followWithProgress(known.newest, e.Progress.Throughput != nil)
			h.offer(slot, r, u)
			return
		}
	}
	if !h.snapshots.pending(slot) {
		h.requestSnapshots(slot, r, jitter(lostStateDelay))
	}
}

// offer gives a new version of a job to every socket of its requester. The caller holds the hub's
// mutex.
func (h *Hub) offer(slot jobs.Slot, r *room, u *update) {
	job := u.job
	known := knownJob{version: job.Version(), newest: u}
	if u.tick() {
		known.held = h.holdTick(r)
	} else {
		h.pace.use(len(r.sockets))
	}
	if !job.Status.Live() && !h.snapshots.pending(slot) {
		known.newest = nil
	}
	r.jobs[job.ID] = known
	if len(r.jobs) > maxKnownJobs {
		r.forgetEnded()
	}
	if known.held {
		h.releaseRooms(h.now())
	} else {
		r.offer(u)
	}
}

// offer gives an update to every socket of the room.
func (r *room) offer(u *update) {
	for s := range r.sockets {
		s.offer(u)
	}
}

func (r *room) forgetEnded() {
	for id, known := range r.jobs {
		if known.newest == nil || !known.newest.job.Status.Live() {
			delete(r.jobs, id)
		}
	}
}

// newUpdate returns an update with the next number. The caller holds the hub's mutex.
func (h *Hub) newUpdate(job *export.Job) *update {
	u := &update{encoder: h.encoder, job: job}
	h.enumerate(u)
	return u
}

// enumerate gives an update the next number. The caller holds the hub's mutex.
func (h *Hub) enumerate(u *update) {
	h.number++
	u.number, u.state, u.series = h.number, h.number, h.number
}

// queueChanged sends the queued jobs again: their positions may have changed. All sockets share one
// read of the queue.
func (h *Hub) queueChanged() {
	h.encoder.positions.changed()
	h.mu.Lock()
	defer h.unlock()
	for _, r := range h.rooms {
		h.offerQueued(r)
	}
}

// offerQueued offers the queued jobs of a room again. Each socket sends them if the position differs
// from what it has sent. The caller holds the hub's mutex.
func (h *Hub) offerQueued(r *room) {
	for id, known := range r.jobs {
		if known.newest == nil || known.newest.job.Status != export.Queued {
			continue
		}
		u := h.newUpdate(known.newest.job)
		u.follow(known.newest)
		r.jobs[id] = knownJob{version: known.version, newest: u}
		r.offer(u)
	}
}

// refresh sends a new snapshot to every socket, because messages may have been lost. The sockets of
// a requester share one read.
func (h *Hub) refresh() {
	h.encoder.positions.changed()
	h.mu.Lock()
	defer h.mu.Unlock()
	between := min(delayPerRequester, maxRefreshDelay/time.Duration(max(1, len(h.rooms))))
	var delay time.Duration
	for slot, r := range h.rooms { // in no certain order
		h.requestSnapshots(slot, r, delay)
		delay += between
	}
}

// requestSnapshots makes every socket of a room await a snapshot that is read after this call and a
// delay. The caller holds the hub's mutex.
func (h *Hub) requestSnapshots(slot jobs.Slot, r *room, delay time.Duration) {
	p := h.snapshots.request(slot, delay)
	for s := range r.sockets {
		s.awaitSnapshot(p)
	}
}

// deliver completes the snapshots that a read serves. Jobs in them are at least as new as every
// update that was offered before: an update that arrived during the read replaces the state that was
// read. So all sockets of the room can send the same bytes.
func (h *Hub) deliver(slot jobs.Slot, read []*update, waiting []*snapshot) {
	h.mu.Lock()
	defer h.unlock()
	r := h.rooms[slot]
	if r != nil {
		again := h.snapshots.requested(slot)
		for i, u := range read {
			known, found := r.jobs[u.job.ID]
			switch {
			case found && known.newest != nil && known.version > u.job.Version():
				read[i] = known.newest
			case found && known.version == u.job.Version():
				if known.newest != nil {
					u.number, u.state, u.series = known.newest.number, known.newest.state, known.newest.series
				}
			case found && known.version > u.job.Version():
			default:
				h.enumerate(u)
				u.follow(known.newest)
				r.jobs[u.job.ID] = knownJob{version: u.job.Version(), newest: u}
				for s := range r.sockets {
					s.offerInsteadOf(u, waiting)
				}
			}
		}
		for id, known := range r.jobs { // an ended job is needed only while a snapshot is being read
			if known.newest != nil && !known.newest.job.Status.Live() && !again {
				r.jobs[id] = knownJob{version: known.version}
			}
		}
		if len(r.jobs) > maxKnownJobs {
			r.forgetEnded()
		}
	}
	slices.SortFunc(read, func(a, b *update) int { return strings.Compare(b.job.ID, a.job.ID) }) // newest first
	h.number++
	content := &snapshotContent{updates: read, number: h.number}
	for _, p := range waiting {
		p.content = content
		close(p.done)
	}
	if r != nil {
		h.pace.use(snapshotWrites * len(r.sockets))
		for s := range r.sockets {
			s.snapshotCompleted()
		}
		h.offerQueued(r) // positions may have changed since the read
	}
}
