package jobs_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/pipeline"
)

// fakeProcess is one process on fakes. Its clock moves only when a test moves it, and nothing runs in the
// background: the test calls the worker and the reconciler.
type fakeProcess struct {
	*jobs.Service
	ctx   context.Context
	store *jobstest.Memory
	lock  *lock
	queue *refusingQueue
	bus   *recordingBus
	run   executor // of the next attempt

	mu  sync.Mutex
	now time.Time
}

// newFakeProcess returns a process on fakes. Change may modify its options.
func newFakeProcess(t *testing.T, change ...func(*jobs.Options)) *fakeProcess {
	t.Helper()
	d := &fakeProcess{
		ctx: t.Context(), store: jobstest.NewMemory(), lock: &lock{holders: map[jobs.Slot]string{}},
		queue: &refusingQueue{fifo: newFIFO()}, bus: &recordingBus{}, now: time.Date(2026, 11, 23, 8, 31, 28, 0, time.UTC),
	}
	o := jobs.Options{
		Store: d.store, Lock: d.lock, Queue: d.queue, Bus: d.bus, Storage: &storage{}, Logger: logger(t), Now: d.time, Settings: jobs.Settings{MailElsewhere: true},
		Executor: combinedExecutor{executor: func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
			return d.run(ctx, job, obs)
		}},
	}
	for _, f := range change {
		f(&o)
	}
	d.Service = jobs.New(o)
	return d
}

func (d *fakeProcess) time() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *fakeProcess) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func (d *fakeProcess) create(t *testing.T, r jobs.Request) *export.Job {
	t.Helper()
	job, _, err := d.Create(d.ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func (d *fakeProcess) job(t *testing.T, id string) *export.Job {
	t.Helper()
	job, err := d.store.Job(d.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// work handles a wake-up by running f.
func (d *fakeProcess) work(t *testing.T, id string, f executor) {
	t.Helper()
	d.run = f
	if err := d.Work(d.ctx, id, 1); err != nil {
		t.Fatal(err)
	}
}

func (d *fakeProcess) reconcile(t *testing.T, all bool) {
	t.Helper()
	if err := d.Reconcile(d.ctx, all); err != nil && d.queue.refusal() == nil {
		t.Fatal(err)
	}
}

// published returns the newest published state of a job, or nil.
func (d *fakeProcess) published(t *testing.T, id string) *export.Job {
	t.Helper()
	if err := d.PublishNow(d.ctx); err != nil {
		t.Fatal(err)
	}
	return d.bus.newest(id)
}

// lock is a lock in memory that can be made unavailable.
type lock struct {
	mu      sync.Mutex
	holders map[jobs.Slot]string
	err     error
}

func (g *lock) Take(_ context.Context, slot jobs.Slot, id string) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return "", g.err
	}
	if g.holders[slot] == "" {
		g.holders[slot] = id
	}
	return g.holders[slot], nil
}

func (g *lock) TakeOver(_ context.Context, slot jobs.Slot, from, id string) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil || g.holders[slot] != from {
		return false, g.err
	}
	g.holders[slot] = id
	return true, nil
}

func (g *lock) Set(_ context.Context, slot jobs.Slot, id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err == nil {
		g.holders[slot] = id
	}
	return g.err
}

func (g *lock) Release(_ context.Context, slot jobs.Slot, id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err == nil && g.holders[slot] == id {
		delete(g.holders, slot)
	}
	return g.err
}

func (g *lock) refuse(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.err = err
}

// refusingQueue is a queue that counts calls and can refuse them.
type refusingQueue struct {
	*fifo
	count sync.Mutex
	asked int
	err   error
}

func (q *refusingQueue) Enqueue(ctx context.Context, id string, n int64) (jobs.TaskState, error) {
	q.count.Lock()
	q.asked++
	err := q.err
	q.count.Unlock()
	if err != nil {
		return 0, err
	}
	return q.fifo.Enqueue(ctx, id, n)
}

func (q *refusingQueue) refuse(err error) {
	q.count.Lock()
	defer q.count.Unlock()
	q.err, q.asked = err, 0
}

func (q *refusingQueue) refusal() error {
	q.count.Lock()
	defer q.count.Unlock()
	return q.err
}

// recordingBus is a jobs.Bus that stores what is published.
type recordingBus struct {
	mu       sync.Mutex
	jobs     []*export.Job
	progress []jobs.ProgressEvent
}

func (h *recordingBus) Publish(_ context.Context, job *export.Job) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs = append(h.jobs, job)
	return nil
}

func (h *recordingBus) PublishProgress(_ context.Context, e jobs.ProgressEvent) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.progress = append(h.progress, e)
	return nil
}

func (h *recordingBus) Control(context.Context, jobs.ControlMessage) error { return nil }

func (h *recordingBus) newest(id string) (newest *export.Job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, job := range h.jobs {
		if job.ID == id && (newest == nil || job.Version() > newest.Version()) {
			newest = job
		}
	}
	return newest
}
