package jobs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/egress-io/egress/internal/export"
)

// Entry is a live async job as the queue order sees it.
type Entry struct {
	ID          string
	Tenant      string
	RequesterID string
	Status      export.Status
	Stalled     int
	Heartbeat   time.Time
}

// EntryOf returns the queue entry of a job.
func EntryOf(job *export.Job) Entry {
	return Entry{
		ID: job.ID, Tenant: job.Tenant, RequesterID: job.Requester.ID, Status: job.Status, Stalled: job.Stalled, Heartbeat: job.Heartbeat,
	}
}

// owner returns the slot of the job's requester.
func (e Entry) owner() Slot { return Slot{Tenant: e.Tenant, RequesterID: e.RequesterID} }

// queueOrder is every live async job and the last turn of each tenant.
type queueOrder struct {
	entries []Entry
	turns   map[string]int64 // last turn by tenant; higher is later
}

// queueReader reads the queue and its order.
type queueReader struct {
	*core
	reads singleflight.Group // for positions
}

// readQueue reads the queue from the store.
func (q *queueReader) readQueue(ctx context.Context) (l queueOrder, err error) {
	if l.entries, err = q.store.QueueEntries(ctx); err != nil {
		return l, err
	}
	l.turns, err = q.store.Turns(ctx)
	return l, err
}

// nextTurn returns a turn that is higher than all turns so far.
func (l queueOrder) nextTurn() int64 {
	last := int64(0)
	for _, turn := range l.turns {
		last = max(last, turn)
	}
	return last + 1
}

// queuePlace is a waiting job and the values that decide when it is taken.
type queuePlace struct {
	Entry
	held  bool   // another job of its requester goes first: no worker may take this one yet
	rank  int    // how many jobs of its tenant run or are taken earlier
	nth   int    // how many waiting jobs of its tenant are taken earlier
	first string // the id of its tenant's first waiting job
}

// waiting returns the jobs that wait for a worker, in the order in which workers take them if
// nothing else happens. Jobs in skipped belong to another worker: they count as running.
//
// Each worker takes a job of the tenant with the fewest running jobs; of several such tenants, the
// one whose last turn is the oldest. Within a tenant, started jobs go first, then the oldest
// requests. So for each run of its own tenant before it, a job waits for at most one run of every
// other tenant.
//
// At most one job of a requester runs at a time. The others are held, and come after all other jobs
// of their tenant.
func (q *queueReader) waiting(l queueOrder, skipped map[string]bool) []queuePlace {
	running, first := map[string]int{}, firstOfRequesters(l.entries, skipped)
	var waiting []queuePlace
	for _, e := range l.entries {
		switch {
		case skipped[e.ID] || q.runs(e):
			running[e.Tenant]++
		case q.waits(e):
			waiting = append(waiting, queuePlace{Entry: e, held: first[e.owner()] != e.ID})
		}
	}
	slices.SortFunc(waiting, func(a, b queuePlace) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), compareBool(a.held, b.held), compareStarted(a.Status, b.Status), strings.Compare(a.ID, b.ID))
	})
	for i := range waiting {
		p := &waiting[i]
		p.first, p.rank = p.ID, running[p.Tenant]
		if i > 0 && waiting[i-1].Tenant == p.Tenant {
			before := &waiting[i-1]
			p.first, p.nth, p.rank = before.first, before.nth+1, before.rank+1
		}
	}
	slices.SortFunc(waiting, func(a, b queuePlace) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.nth, b.nth), cmp.Compare(l.turns[a.Tenant], l.turns[b.Tenant]),
			strings.Compare(a.first, b.first))
	})
	return waiting
}

// firstOfRequesters returns the id of the job of each requester that goes before its others: the one
// that a worker has, or that was started, or the oldest. It stays the first until it ends, so all
// workers agree on it.
func firstOfRequesters(entries []Entry, skipped map[string]bool) map[Slot]string {
	first := map[Slot]Entry{}
	for _, e := range entries {
		other, found := first[e.owner()]
		if !found || cmp.Or(compareBool(!skipped[e.ID], !skipped[other.ID]), compareStarted(e.Status, other.Status), strings.Compare(e.ID, other.ID)) < 0 {
			first[e.owner()] = e
		}
	}
	ids := make(map[Slot]string, len(first))
	for owner, e := range first {
		ids[owner] = e.ID
	}
	return ids
}

// compareBool sorts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// compareStarted sorts started jobs before queued ones.
func compareStarted(a, b export.Status) int {
	switch {
	case a == b || a.Running() && b.Running():
		return 0
	case a.Running():
		return -1
	default:
		return 1
	}
}

// waits reports whether a worker may take the job: it is queued, or its attempt ended without an
// outcome.
func (q *queueReader) waits(e Entry) bool {
	return e.Status == export.Queued || q.heartbeatStale(e.Status, e.Heartbeat) && !exhausted(e.Heartbeat, e.Stalled)
}

// runs reports whether a worker is busy with the job. A job that waits for its next attempt has a
// heartbeat in the future; the tolerance covers clocks that differ slightly.
func (q *queueReader) runs(e Entry) bool {
	return e.Status.Running() && !q.heartbeatStale(e.Status, e.Heartbeat) && e.Heartbeat.Sub(q.now()) <= q.set.StaleAfter/2
}

// position returns the position of a queued job; see Service.QueuePosition.
func (q *queueReader) position(ctx context.Context, job *export.Job) (int64, error) {
	if job.Status != export.Queued || job.Mode != export.Async {
		return 0, nil
	}
	// Concurrent callers share one read. A read that started before the job was inserted lacks it.
	shared, err, _ := q.reads.Do("", func() (any, error) { return q.readQueue(context.WithoutCancel(ctx)) })
	if err == nil {
		l, _ := shared.(queueOrder)
		if n := q.positionIn(l, job.ID); n > 0 {
			return n, nil
		}
		l, err = q.readQueue(ctx)
		if err == nil {
			return q.positionIn(l, job.ID), nil // 0: the job started meanwhile
		}
	}
	return 0, unavailable(err, "read the queue")
}

// positions returns the position of every waiting job, by id; see Service.QueuePositions.
func (q *queueReader) positions(ctx context.Context) (map[string]int64, error) {
	l, err := q.readQueue(ctx)
	if err != nil {
		return nil, unavailable(err, "read the queue")
	}
	all := map[string]int64{}
	for i, p := range q.waiting(l, nil) {
		all[p.ID] = int64(i) + 1
	}
	return all, nil
}

func (q *queueReader) positionIn(l queueOrder, id string) int64 {
	return int64(slices.IndexFunc(q.waiting(l, nil), func(p queuePlace) bool { return p.ID == id })) + 1
}
