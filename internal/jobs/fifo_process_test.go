package jobs_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/pipeline"
)

// fifo is a jobs.Queue in memory that delivers in order, like asynq.
type fifo struct {
	tasks chan string

	mu    sync.Mutex
	known map[string]jobs.TaskState
	down  bool
}

func newFIFO() *fifo {
	return &fifo{tasks: make(chan string, 10_000), known: map[string]jobs.TaskState{}}
}

// Enqueue implements jobs.Queue.
func (f *fifo) Enqueue(_ context.Context, jobID string, attempt int64) (jobs.TaskState, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := fmt.Sprintf("%s:%d", jobID, attempt)
	if f.down {
		return 0, fmt.Errorf("the queue is down")
	}
	if state := f.known[id]; state != 0 {
		return state, nil
	}
	f.known[id] = jobs.TaskWaiting
	f.tasks <- id
	return jobs.TaskWaiting, nil
}

func (f *fifo) set(id string, state jobs.TaskState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known[id] = state; state == 0 {
		delete(f.known, id)
	}
}

// loseTasks loses every waiting task.
func (f *fifo) loseTasks() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.tasks) > 0 {
		delete(f.known, <-f.tasks)
	}
}

func (f *fifo) setUnavailable(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// serve passes tasks to a service, one at a time per worker. It blocks until ctx ends and the last
// task is done.
func (f *fifo) serve(ctx context.Context, workers int, work func(context.Context, string, int64) error) {
	var all sync.WaitGroup
	defer all.Wait()
	for range workers {
		all.Go(func() {
			for ctx.Err() == nil {
				select {
				case <-ctx.Done():
				case id := <-f.tasks:
					f.set(id, jobs.TaskTaken)
					var n int64
					_, _ = fmt.Sscanf(id[27:], "%d", &n) // after a ULID and a colon
					_ = work(ctx, id[:26], n)
					f.set(id, 0)
				}
			}
		})
	}
}

// discardAll is a Bus that drops messages, and a lock that everyone acquires.
type discardAll struct{}

func (discardAll) Publish(context.Context, *export.Job) error                { return nil }
func (discardAll) PublishProgress(context.Context, jobs.ProgressEvent) error { return nil }
func (discardAll) Control(context.Context, jobs.ControlMessage) error        { return nil }
func (discardAll) TakeOver(context.Context, jobs.Slot, string, string) (bool, error) {
	return true, nil
}
func (discardAll) Set(context.Context, jobs.Slot, string) error                   { return nil }
func (discardAll) Release(context.Context, jobs.Slot, string) error               { return nil }
func (discardAll) Take(_ context.Context, _ jobs.Slot, id string) (string, error) { return id, nil }

// fifoProcess is a queue in memory, with channels that control its attempts.
type fifoProcess struct {
	ctx    context.Context
	store  jobs.Store
	queue  *fifo
	clock  *clock
	began  chan *export.Job // receives every attempt at its start
	finish chan error       // ends one attempt with this error
	made   int
}

func newFIFOProcess(t *testing.T) *fifoProcess {
	return &fifoProcess{
		ctx: t.Context(), store: jobstest.NewMemory(), queue: newFIFO(), clock: &clock{},
		began: make(chan *export.Job, 10_000), finish: make(chan error),
	}
}

// service returns the service of one process.
func (f *fifoProcess) service(t *testing.T) *jobs.Service {
	return jobs.New(jobs.Options{
		Store: f.store, Lock: discardAll{}, Bus: discardAll{}, Queue: f.queue, Storage: &storage{}, Logger: logger(t), Now: f.clock.now,
		Executor: combinedExecutor{executor: func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
			f.began <- job
			select {
			case err := <-f.finish:
				if err != nil {
					return pipeline.Result{}, err
				}
				return succeed(ctx, job, obs)
			case <-ctx.Done():
				return pipeline.Result{}, ctx.Err()
			}
		}},
		Settings: jobs.Settings{
			HeartbeatEvery: 50 * time.Millisecond, ReconcileEvery: 10 * time.Millisecond, RequeueEvery: 20 * time.Millisecond,
			CleanEvery: time.Second, RetryDelay: time.Millisecond,
		},
	})
}

// start runs a process until stop is called or the test ends.
func (f *fifoProcess) start(t *testing.T, workers int) (stop func()) {
	t.Helper()
	s := f.service(t)
	working, stopWork := context.WithCancel(f.ctx)
	looking, stopLooking := context.WithCancel(f.ctx)
	var work, look sync.WaitGroup
	look.Go(func() { s.Run(looking) })
	work.Go(func() { f.queue.serve(working, workers, s.Work) })
	stop = sync.OnceFunc(func() {
		stopWork()
		work.Wait()
		stopLooking()
		look.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// create requests exports of a tenant, each by a different requester.
func (f *fifoProcess) create(t *testing.T, s *jobs.Service, tenant string, n int) (ids []string) {
	t.Helper()
	for range n {
		f.made++
		r := request(fmt.Sprint("key:", f.made))
		r.Tenant = tenant
		job, _, err := s.Create(f.ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, job.ID)
	}
	return ids
}

// next returns the tenant of the next attempt that starts.
func (f *fifoProcess) next(t *testing.T) string {
	t.Helper()
	return receive(t, f.began, "an attempt").Tenant
}

// end completes one attempt.
func (f *fifoProcess) end(t *testing.T) {
	t.Helper()
	select {
	case f.finish <- nil:
	case <-time.After(testTimeout):
		t.Fatal("no attempt runs")
	}
}
