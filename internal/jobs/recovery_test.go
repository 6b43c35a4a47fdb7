package jobs_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// Wherever a worker is killed, another worker finishes the job.
func TestAnotherWorkerResumesJob(t *testing.T) {
	for moment, kill := range map[string]func(t *testing.T, w *world, job *export.Job){
		"after it took the task": func(t *testing.T, w *world, job *export.Job) {
			w.empty(t) // only the task is lost
		},
		"after it claimed the attempt": func(t *testing.T, w *world, job *export.Job) {
			if won, err := w.store.Claim(w.ctx, job.ID, 1, w.clock.now()); !won || err != nil {
				t.Fatal(won, err)
			}
		},
		"during its run": func(t *testing.T, w *world, job *export.Job) {
			if won, err := w.store.Claim(w.ctx, job.ID, 1, w.clock.now()); !won || err != nil {
				t.Fatal(won, err)
			}
			dead := *job
			dead.Attempt, dead.Status, dead.Heartbeat, dead.Dirty = 1, export.Downloading, w.clock.now(), true
			if err := w.store.Update(w.ctx, &dead, jobs.Exactly(job)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(moment, func(t *testing.T) {
			onEachKind(t, func(t *testing.T, w *world) {
				s := w.service(t, succeed)
				job := w.create(t, s, request("admin:a"))
				kill(t, w, job)
				w.start(t, s, 1)
				if moment != "after it took the task" {
					w.clock.advance(11 * time.Second)
				}
				done := w.await(t, job.ID, "the job is completed", is(export.Completed))
				if resumed := moment == "during its run"; resumed != (done.Resumes == 1) {
					t.Errorf("%d resumes", done.Resumes)
				}
				w.released(t, job)
			})
		})
	}
}

func TestHealthyRunIsNotTakenOver(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 2), make(chan error, 2)
	s := w.service(t, runUntilStopped(begun, stopped))
	stop := w.start(t, s, 2)
	job := w.create(t, s, request("admin:a"))
	receive(t, begun, "the run")
	if err := s.Work(w.ctx, job.ID, 2); err != nil {
		t.Fatal(err)
	}
	if j := w.job(t, job.ID); j.Attempt != 1 {
		t.Errorf("attempt %d", j.Attempt)
	}
	stop()
	receive(t, stopped, "end of the run")
}

// hangingStore is a store in which one call gets no answer, as after a silent network failure.
type hangingStore struct {
	jobs.Store
	op   string
	once sync.Once
}

func (h *hangingStore) runUntilStopped(ctx context.Context, op string) (err error) {
	if op == h.op {
		h.once.Do(func() {
			<-ctx.Done()
			err = ctx.Err()
		})
	}
	return err
}

func (h *hangingStore) Live(ctx context.Context, after string, limit int) ([]*export.Job, error) {
	if err := h.runUntilStopped(ctx, "live"); err != nil {
		return nil, err
	}
	return h.Store.Live(ctx, after, limit)
}

func (h *hangingStore) Claim(ctx context.Context, id string, n int64, at time.Time) (bool, error) {
	if err := h.runUntilStopped(ctx, "claim"); err != nil {
		return false, err
	}
	return h.Store.Claim(ctx, id, n, at)
}

// When the database does not answer, neither the reconciler nor the only worker blocks forever.
func TestStoreCallTimesOut(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"live", "claim"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			s := w.service(t, succeed, func(o *jobs.Options) {
				o.Store, o.Settings.StoreTimeout, o.Settings.StaleAfter = &hangingStore{Store: o.Store, op: op}, 500*time.Millisecond, 2*time.Second
			})
			job := w.create(t, s, request("admin:a"))
			w.empty(t) // only the reconciler can find the job now
			w.start(t, s, 1)
			w.await(t, job.ID, "the job is completed", is(export.Completed))
			w.released(t, job)
		})
	}
}

// states is a queue that already knows some attempts.
type states struct {
	jobs.Queue
	known map[int64]jobs.TaskState
}

func (q states) Enqueue(ctx context.Context, id string, n int64) (jobs.TaskState, error) {
	if state, ok := q.known[n]; ok {
		return state, nil
	}
	return q.Queue.Enqueue(ctx, id, n)
}

func TestReconcilerReplacesLostTasks(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]jobs.TaskState{"dead": jobs.TaskDead, "taken for too long": jobs.TaskTaken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			s := w.service(t, succeed, func(o *jobs.Options) {
				o.Queue = states{o.Queue, map[int64]jobs.TaskState{1: state, 2: state}}
				o.Settings.StaleAfter = 2 * time.Second
			})
			job := w.create(t, s, request("admin:a"))
			w.start(t, s, 1)
			w.await(t, job.ID, "the job is completed", is(export.Completed))
		})
	}
}

func TestShutdownHandsTheJobBack(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
		first := w.service(t, runUntilStopped(begun, stopped))
		stop := w.start(t, first, 1)
		job := w.create(t, first, request("admin:a"))
		receive(t, begun, "the run")
		stop()
		if cause := receive(t, stopped, "end of the run"); errors.Is(cause, pipeline.ErrFenced) {
			t.Errorf("stopped because of %v", cause)
		}
		back := w.job(t, job.ID)
		if !back.Status.Running() || !back.Heartbeat.IsZero() || back.Attempt != 1 {
			t.Fatalf("handed back as %+v", back)
		}
		// The next attempt is already in the queue, so the reconciler need not find the job.
		w.start(t, w.service(t, succeed, func(o *jobs.Options) { o.Settings.ReconcileEvery = time.Hour }), 1)
		done := w.await(t, job.ID, "another process finishes it", is(export.Completed))
		if n := slices.IndexFunc(done.History, func(e export.Event) bool { return e.Kind == "attempt" && e.Message == "Attempt 2 began." }); n < 1 || done.History[n-1].Kind != "interrupted" {
			t.Errorf("history %+v", done.History)
		}
		if done.Resumes != 1 || done.Stalled != 0 || done.Attempt != 2 {
			t.Errorf("ended as %+v", done)
		}
	})
}

func TestTransientFailureIsRetried(t *testing.T) {
	t.Parallel()
	for _, code := range []errs.Code{errs.CodeStorageUnavailable, errs.CodeDatabaseUnavailable, errs.CodeReadIncomplete} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			var runs atomic.Int64
			s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
				if n := runs.Add(1); n < 3 {
					return pipeline.Result{}, errs.Wrap(code, errors.New("503"), "It is down.")
				}
				return succeed(ctx, job, obs)
			})
			w.start(t, s, 1)
			job := w.create(t, s, request("admin:a"))
			done := w.await(t, job.ID, "the job has ended", func(j *export.Job) bool { return j.Status.Final() })
			if done.Status != export.Completed || done.Attempt != 3 || done.Resumes != 2 || done.Stalled != 0 {
				t.Errorf("ended as %+v", done)
			}
			if !slices.ContainsFunc(done.History, func(e export.Event) bool { return e.Kind == "interrupted" }) {
				t.Errorf("history %+v", done.History)
			}
		})
	}
}

// A run that hangs without an error does not keep its job in progress forever.
func TestHangingRunIsRetried(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	var runs atomic.Int64
	s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		if runs.Add(1) == 1 {
			<-ctx.Done() // hang until the run is stopped
			return pipeline.Result{}, context.Cause(ctx)
		}
		return succeed(ctx, job, obs)
	}, func(o *jobs.Options) { o.Settings.StuckAfter = 300 * time.Millisecond })
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	done := w.await(t, job.ID, "the job has ended", func(j *export.Job) bool { return j.Status.Final() })
	if done.Status != export.Completed || done.Resumes < 1 { // on a busy machine a healthy run may count as hanging
		t.Errorf("ended as %+v", done)
	}
}

// A job that waits for its next attempt, or has just started it, shows no rate and no remaining
// time.
func TestRatesAreClearedAfterAttempt(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	again := make(chan *export.Job, 1)
	s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		if job.Attempt > 2 {
			again <- job
			<-ctx.Done()
			return pipeline.Result{}, ctx.Err()
		}
		if err := obs.Prepared(ctx, export.UsersFile, nil, export.Progress{Phase: export.Downloading, RowsPerSecond: 1000, ETASeconds: new(int64)}); err != nil {
			return pipeline.Result{}, err
		}
		return pipeline.Result{}, errs.Errorf(errs.CodeDatabaseUnavailable, "gone")
	}, func(o *jobs.Options) { o.Settings.RetryDelay = time.Minute })
	halted := func(when string, job *export.Job) {
		t.Helper()
		if p := job.Progress; p.RowsPerSecond != 0 || p.ETASeconds != nil {
			t.Errorf("%s: %+v", when, p)
		}
	}
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	interrupted := func(j *export.Job) bool { return j.Heartbeat.After(w.clock.now().Add(40 * time.Second)) }
	waits := w.await(t, job.ID, "the first attempt has failed", interrupted)
	halted("while it waits", waits)

	dead := *waits // as a dead worker would leave it
	dead.Attempt, dead.Sequence, dead.Heartbeat = 2, 1, time.Time{}
	dead.Progress.RowsPerSecond, dead.Progress.ETASeconds = 1000, new(int64)
	if err := w.store.Update(w.ctx, &dead, jobs.Exactly(waits)); err != nil {
		t.Fatal(err)
	}
	halted("when the attempt starts again", receive(t, again, "the next run"))
}
