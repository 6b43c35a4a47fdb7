package faults

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// Store wraps a store of jobs, which also holds the checkpoints.
func (p *Plan) Store(inner jobs.Store) jobs.Store { return store{p, inner} }

type store struct {
	p     *Plan
	inner jobs.Store
}

func (s store) Insert(ctx context.Context, job *export.Job) error {
	return writeCall(ctx, s.p, Store, "insert", func(ctx context.Context) error { return s.inner.Insert(ctx, job) })
}

func (s store) Job(ctx context.Context, id string) (*export.Job, error) {
	return readCall(ctx, s.p, Store, "job", func(ctx context.Context) (*export.Job, error) { return s.inner.Job(ctx, id) })
}

func (s store) Holder(ctx context.Context, slot jobs.Slot) (*export.Job, error) {
	return readCall(ctx, s.p, Store, "holder", func(ctx context.Context) (*export.Job, error) { return s.inner.Holder(ctx, slot) })
}

func (s store) ByIdempotencyKey(ctx context.Context, slot jobs.Slot, key string) (*export.Job, error) {
	return readCall(ctx, s.p, Store, "by idempotency key", func(ctx context.Context) (*export.Job, error) { return s.inner.ByIdempotencyKey(ctx, slot, key) })
}

func (s store) RemoveIdempotencyKey(ctx context.Context, id string) error {
	return writeCall(ctx, s.p, Store, "remove idempotency key", func(ctx context.Context) error { return s.inner.RemoveIdempotencyKey(ctx, id) })
}

func (s store) Update(ctx context.Context, job *export.Job, guard jobs.Guard) error {
	return writeCall(ctx, s.p, Store, "update", func(ctx context.Context) error { return s.inner.Update(ctx, job, guard) })
}

func (s store) Fence(ctx context.Context, id string, attempt int64) error {
	return writeCall(ctx, s.p, Store, "fence", func(ctx context.Context) error { return s.inner.Fence(ctx, id, attempt) })
}

func (s store) List(ctx context.Context, q jobs.Query) ([]*export.Job, error) {
	return s.readJobs(ctx, "list", func(ctx context.Context) ([]*export.Job, error) { return s.inner.List(ctx, q) })
}

func (s store) Figures(ctx context.Context, tenant, from string, each func(jobs.Figure) error) error {
	_, err := readCall(ctx, s.p, Store, "figures", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.inner.Figures(ctx, tenant, from, each)
	})
	return err
}

func (s store) KeptFigures(ctx context.Context, tenant string, each func(jobs.Figure) error) error {
	_, err := readCall(ctx, s.p, Store, "kept figures", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.inner.KeptFigures(ctx, tenant, each)
	})
	return err
}

func (s store) Live(ctx context.Context, after string, limit int) ([]*export.Job, error) {
	return s.readJobs(ctx, "live", func(ctx context.Context) ([]*export.Job, error) { return s.inner.Live(ctx, after, limit) })
}

func (s store) QueueEntries(ctx context.Context) ([]jobs.Entry, error) {
	return readCall(ctx, s.p, Store, "queue entries", s.inner.QueueEntries)
}

func (s store) Turns(ctx context.Context) (map[string]int64, error) {
	return readCall(ctx, s.p, Store, "turns", s.inner.Turns)
}

func (s store) TakeTurn(ctx context.Context, tenant string, turn int64) error {
	return writeCall(ctx, s.p, Store, "take turn", func(ctx context.Context) error { return s.inner.TakeTurn(ctx, tenant, turn) })
}

func (s store) Dirty(ctx context.Context, before time.Time, limit int) ([]*export.Job, error) {
	return s.readJobs(ctx, "dirty", func(ctx context.Context) ([]*export.Job, error) { return s.inner.Dirty(ctx, before, limit) })
}

func (s store) Outdated(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return s.readJobs(ctx, "outdated", func(ctx context.Context) ([]*export.Job, error) { return s.inner.Outdated(ctx, now, limit) })
}

func (s store) Mailable(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return s.readJobs(ctx, "mailable", func(ctx context.Context) ([]*export.Job, error) { return s.inner.Mailable(ctx, now, limit) })
}

func (s store) readJobs(ctx context.Context, op string, call func(context.Context) ([]*export.Job, error)) ([]*export.Job, error) {
	return readCall(ctx, s.p, Store, op, call)
}

func (s store) Claim(ctx context.Context, id string, n int64, at time.Time) (bool, error) {
	return writeResult(ctx, s.p, Store, "claim", func(ctx context.Context) (bool, error) { return s.inner.Claim(ctx, id, n, at) })
}

func (s store) Claimed(ctx context.Context, id string, n int64) (time.Time, bool, error) {
	type answer struct {
		at      time.Time
		claimed bool
	}
	a, err := readCall(ctx, s.p, Store, "claimed", func(ctx context.Context) (a answer, err error) {
		a.at, a.claimed, err = s.inner.Claimed(ctx, id, n)
		return a, err
	})
	return a.at, a.claimed, err
}

func (s store) DeleteClaims(ctx context.Context, id string) error {
	return writeCall(ctx, s.p, Store, "delete claims", func(ctx context.Context) error { return s.inner.DeleteClaims(ctx, id) })
}

// Lock wraps a lock.
func (p *Plan) Lock(inner jobs.Lock) jobs.Lock { return lock{p, inner} }

type lock struct {
	p     *Plan
	inner jobs.Lock
}

// Take returns a job that does not exist if the fault is Garbage.
func (g lock) Take(ctx context.Context, slot jobs.Slot, jobID string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, g.p.answer)
	defer cancel()
	kind := g.p.nextFault(Lock, "take", HalfWrites, Late, Garbage)
	holder, err := inject(ctx, g.p, kind, func(ctx context.Context) (string, error) { return g.inner.Take(ctx, slot, jobID) })
	if kind == Garbage {
		holder = "nobody's"
	}
	return holder, err
}

func (g lock) TakeOver(ctx context.Context, slot jobs.Slot, from, jobID string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, g.p.answer)
	defer cancel()
	return writeResult(ctx, g.p, Lock, "take over", func(ctx context.Context) (bool, error) { return g.inner.TakeOver(ctx, slot, from, jobID) })
}

func (g lock) Set(ctx context.Context, slot jobs.Slot, jobID string) error {
	ctx, cancel := context.WithTimeout(ctx, g.p.answer)
	defer cancel()
	return writeCall(ctx, g.p, Lock, "set", func(ctx context.Context) error { return g.inner.Set(ctx, slot, jobID) })
}

func (g lock) Release(ctx context.Context, slot jobs.Slot, jobID string) error {
	ctx, cancel := context.WithTimeout(ctx, g.p.answer)
	defer cancel()
	return writeCall(ctx, g.p, Lock, "release", func(ctx context.Context) error { return g.inner.Release(ctx, slot, jobID) })
}

// Queue wraps a queue.
func (p *Plan) Queue(inner jobs.Queue) jobs.Queue { return queue{p, inner} }

type queue struct {
	p     *Plan
	inner jobs.Queue
}

func (q queue) Enqueue(ctx context.Context, jobID string, attempt int64) (jobs.TaskState, error) {
	ctx, cancel := context.WithTimeout(ctx, q.p.answer)
	defer cancel()
	return writeResult(ctx, q.p, Queue, "enqueue", func(ctx context.Context) (jobs.TaskState, error) {
		return q.inner.Enqueue(ctx, jobID, attempt)
	})
}

// Bus wraps a bus. Its messages are never late, because one connection keeps their order.
func (p *Plan) Bus(inner jobs.Bus) jobs.Bus { return bus{p, inner} }

type bus struct {
	p     *Plan
	inner jobs.Bus
}

func (b bus) Publish(ctx context.Context, job *export.Job) error {
	return b.send(ctx, "publish", func(ctx context.Context) error { return b.inner.Publish(ctx, job) })
}

func (b bus) PublishProgress(ctx context.Context, e jobs.ProgressEvent) error {
	return b.send(ctx, "publish", func(ctx context.Context) error { return b.inner.PublishProgress(ctx, e) })
}

func (b bus) Control(ctx context.Context, m jobs.ControlMessage) error {
	return b.send(ctx, "control", func(ctx context.Context) error { return b.inner.Control(ctx, m) })
}

func (b bus) send(ctx context.Context, op string, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, b.p.answer)
	defer cancel()
	_, err := inject(ctx, b.p, b.p.nextFault(Bus, op, HalfWrites), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, call(ctx)
	})
	return err
}
