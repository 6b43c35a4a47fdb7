package live

import (
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/jobs"
)

// maxKnownJobs is how many jobs of a room are known before those that have ended are forgotten.
const maxKnownJobs = 100

// room is the sockets of one requester, and what this server knows about the requester's jobs. The
// hub's mutex guards it.
type room struct {
	sockets map[*socket]struct{}
	jobs    map[string]knownJob // by id
}

// knownJob is the newest version of a job that this server has received. Sockets receive only newer
// ones.
type knownJob struct {
	version int64
	newest  *update // nil if the job has ended and no snapshot is being read
}

// publish sends a job's new state to its requester's sockets.
func (h *Hub) publish(job *export.Job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	slot := jobs.SlotOf(job)
	r := h.rooms[slot]
	if r == nil {
		return
	}
	if known, found := r.jobs[job.ID]; found && known.version >= job.Version() {
		return
	}
	u := h.newUpdate(job)
	if job.Status.Live() || h.snapshots.pending(slot) {
		r.jobs[job.ID] = knownJob{job.Version(), u}
	} else {
		r.jobs[job.ID] = knownJob{job.Version(), nil}
	}
	if len(r.jobs) > maxKnownJobs {
		r.forgetEnded()
	}
	r.offer(u)
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
	h.number++
	return &update{encoder: h.encoder, job: job, number: h.number}
}

// readUpdate returns an update for a job that was read from the store.
func (h *Hub) readUpdate(job *export.Job) *update {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newUpdate(job)
}

// queueChanged sends the queued jobs again: their positions may have changed. All sockets share one
// read of the queue.
func (h *Hub) queueChanged() {
	h.encoder.positions.changed()
	h.mu.Lock()
	defer h.mu.Unlock()
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
		r.jobs[id] = knownJob{known.version, u}
		r.offer(u)
	}
}

// refresh sends a new snapshot to every socket, because messages may have been lost. The sockets of
// a requester share one read.
func (h *Hub) refresh() {
	h.encoder.positions.changed()
	h.mu.Lock()
	defer h.mu.Unlock()
	maxDelay := min(time.Duration(len(h.rooms))*delayPerRequester, maxRefreshDelay)
	for slot, r := range h.rooms {
		h.requestSnapshots(slot, r, maxDelay)
	}
}

// requestSnapshots makes every socket of a room await a snapshot that is read after this call. The
// caller holds the hub's mutex.
func (h *Hub) requestSnapshots(slot jobs.Slot, r *room, maxDelay time.Duration) {
	var links exporter.Linker
	for s := range r.sockets {
		if links = s.subscriber.Links; links != nil {
			break
		}
	}
	p := h.snapshots.request(slot, links, maxDelay)
	for s := range r.sockets {
		s.awaitSnapshot(p)
	}
}

// deliver completes the snapshots that a read serves. Jobs in them are at least as new as every
// update that was offered before: an update that arrived during the read replaces the state that was
// read. So all sockets of the room can send the same bytes.
func (h *Hub) deliver(slot jobs.Slot, read []*update, waiting []*snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[slot]
	if r != nil {
		again := h.snapshots.requested(slot)
		for i, u := range read {
			known, found := r.jobs[u.job.ID]
			switch {
			case found && known.newest != nil && known.version > u.job.Version():
				read[i] = known.newest
			case found && known.version >= u.job.Version():
			default:
				r.jobs[u.job.ID] = knownJob{u.job.Version(), u}
				r.offer(u) // to sockets that do not await this snapshot
			}
		}
		for id, known := range r.jobs { // an ended job is needed only while a snapshot is being read
			if known.newest != nil && !known.newest.job.Status.Live() && !again {
				r.jobs[id] = knownJob{known.version, nil}
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
		h.offerQueued(r) // positions may have changed since the read
	}
}
