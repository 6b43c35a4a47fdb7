package jobs_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
)

// A worker may be killed at any of these moments. The job is finished by another one each time.
func TestAnotherWorkerTakesOver(t *testing.T) {
	for moment, kill := range map[string]func(t *testing.T, w *world, job *export.Job){
		"after it took the task": func(t *testing.T, w *world, job *export.Job) {
			w.empty(t) // the task is gone, and nothing else has happened
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

func TestHealthyRunIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 2), make(chan error, 2)
	s := w.service(t, hang(begun, stopped))
	stop := w.start(t, s, 2)
	job := w.create(t, s, request("admin:a"))
	soon(t, begun, "the run")
	if err := s.Work(w.ctx, job.ID, 2); err != nil {
		t.Fatal(err)
	}
	if j := w.job(t, job.ID); j.Attempt != 1 {
		t.Errorf("attempt %d", j.Attempt)
	}
	stop()
	soon(t, stopped, "end of the run")
}

// hanging is a store in which one call gets no answer: the network lost it without a word.
type hanging struct {
	jobs.Store
	op   string
	once sync.Once
}

func (h *hanging) hang(ctx context.Context, op string) (err error) {
	if op == h.op {
		h.once.Do(func() {
			<-ctx.Done()
			err = ctx.Err()
		})
	}
	return err
}

func (h *hanging) Live(ctx context.Context, after string, limit int) ([]*export.Job, error) {
	if err := h.hang(ctx, "live"); err != nil {
		return nil, err
	}
	return h.Store.Live(ctx, after, limit)
}

func (h *hanging) Claim(ctx context.Context, id string, n int64, at time.Time) (bool, error) {
	if err := h.hang(ctx, "claim"); err != nil {
		return false, err
	}
	return h.Store.Claim(ctx, id, n, at)
}

// Neither the reconciler nor the only worker waits for ever where the database does not answer.
func TestCallThatGetsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"live", "claim"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			s := w.service(t, succeed, func(p *jobs.Parts, set *jobs.Settings) {
				p.Store, set.StoreTimeout, set.StaleAfter = &hanging{Store: p.Store, op: op}, 500*time.Millisecond, 2*time.Second
			})
			job := w.create(t, s, request("admin:a"))
			w.empty(t) // only the reconciler knows of the job now
			w.start(t, s, 1)
			w.await(t, job.ID, "the job is completed", is(export.Completed))
			w.released(t, job)
		})
	}
}

// states is a queue that knows some attempts already.
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

func TestTasksThatNeverRun(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]jobs.TaskState{"dead": jobs.TaskDead, "taken for too long": jobs.TaskTaken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			s := w.service(t, succeed, func(p *jobs.Parts, set *jobs.Settings) {
				p.Queue = states{p.Queue, map[int64]jobs.TaskState{1: state, 2: state}}
				set.StaleAfter = 2 * time.Second
			})
			job := w.create(t, s, request("admin:a"))
			w.start(t, s, 1)
			if done := w.await(t, job.ID, "the job is completed", is(export.Completed)); done.Attempt != 3 {
				t.Errorf("attempt %d", done.Attempt)
			}
		})
	}
}

func TestShutdownHandsTheJobBack(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
		first := w.service(t, hang(begun, stopped))
		stop := w.start(t, first, 1)
		job := w.create(t, first, request("admin:a"))
		soon(t, begun, "the run")
		stop()
		if cause := soon(t, stopped, "end of the run"); errors.Is(cause, run.ErrFenced) {
			t.Errorf("stopped because of %v", cause)
		}
		back := w.job(t, job.ID)
		if !back.Status.Running() || !back.Heartbeat.IsZero() || back.Attempt != 1 {
			t.Fatalf("handed back as %+v", back)
		}
		// Without a look of the reconciler at stale jobs: the next attempt is in the queue already.
		w.start(t, w.service(t, succeed, func(_ *jobs.Parts, s *jobs.Settings) { s.ReconcileEvery = time.Hour }), 1)
		done := w.await(t, job.ID, "another process finishes it", is(export.Completed))
		if n := slices.IndexFunc(done.History, func(e export.Event) bool { return e.Kind == "attempt" && e.Message == "Attempt 2 began." }); n < 1 || done.History[n-1].Kind != "interrupted" {
			t.Errorf("history %+v", done.History)
		}
		if done.Resumes != 1 || done.Stalled != 0 || done.Attempt != 2 {
			t.Errorf("ended as %+v", done)
		}
	})
}

func TestTransientFailureIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []export.Code{export.CodeStorage, export.CodeDatabase, export.CodeIncomplete} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			var runs atomic.Int64
			s := w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
				if n := runs.Add(1); n < 3 {
					return run.Result{}, export.Wrap(code, errors.New("503"), "It is down.")
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

// A run that hangs without an error does not keep its job "in progress" for ever.
func TestHangingRunIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	var runs atomic.Int64
	s := w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
		if runs.Add(1) == 1 {
			<-ctx.Done() // for ever, as far as the run can tell
			return run.Result{}, context.Cause(ctx)
		}
		return succeed(ctx, job, obs)
	}, func(_ *jobs.Parts, set *jobs.Settings) { set.StuckAfter = 300 * time.Millisecond })
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	done := w.await(t, job.ID, "the job has ended", func(j *export.Job) bool { return j.Status.Final() })
	if done.Status != export.Completed || done.Resumes < 1 { // on a busy machine a healthy run may look as if it hung
		t.Errorf("ended as %+v", done)
	}
}

// A job that waits for its next attempt, or has just begun it, neither writes rows nor is about to end.
func TestSpeedEndsWithTheAttempt(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	again := make(chan *export.Job, 1)
	s := w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
		if job.Attempt > 2 {
			again <- job
			<-ctx.Done()
			return run.Result{}, ctx.Err()
		}
		if err := obs.Prepared(ctx, export.UsersFile, nil, export.Progress{Phase: export.Downloading, RowsPerSecond: 1000, ETASeconds: new(int64)}); err != nil {
			return run.Result{}, err
		}
		return run.Result{}, export.Errorf(export.CodeDatabase, "gone")
	}, func(_ *jobs.Parts, set *jobs.Settings) { set.RetryDelay = time.Minute })
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

	dead := *waits // as a worker that died would leave it
	dead.Attempt, dead.Sequence, dead.Heartbeat = 2, 1, time.Time{}
	dead.Progress.RowsPerSecond, dead.Progress.ETASeconds = 1000, new(int64)
	if err := w.store.Update(w.ctx, &dead, jobs.Exactly(waits)); err != nil {
		t.Fatal(err)
	}
	halted("as it begins anew", soon(t, again, "the next run"))
}

func TestGivingUp(t *testing.T) {
	t.Parallel()
	t.Run("after ten transient failures in a row", func(t *testing.T) {
		t.Parallel()
		w := embedded(t)
		var runs atomic.Int64
		s := w.service(t, func(context.Context, *export.Job, run.Observer) (run.Result, error) {
			runs.Add(1)
			return run.Result{}, export.Errorf(export.CodeDatabase, "gone")
		})
		w.start(t, s, 1)
		job := w.create(t, s, request("admin:a"))
		// Delays double up to a minute: the clock runs ahead.
		done := w.await(t, job.ID, "the job has failed", func(j *export.Job) bool {
			if j.Status.Live() && j.Heartbeat.After(w.clock.now().Add(-10*time.Second)) {
				w.clock.advance(time.Second)
			}
			return j.Status == export.Failed
		})
		if done.Failure == nil || done.Failure.Code != export.CodeGaveUp || runs.Load() != jobs.MaxStalled {
			t.Errorf("%d runs, %+v", runs.Load(), done.Failure)
		}
		w.released(t, job)
	})
	t.Run("after the tenth worker that died", func(t *testing.T) {
		t.Parallel()
		w := embedded(t)
		s := w.service(t, nil)
		job := w.create(t, s, request("admin:a"))
		dead := *job
		dead.Attempt, dead.Status, dead.Stalled = 10, export.Preparing, jobs.MaxStalled-1
		dead.Heartbeat = w.clock.now().Add(-time.Minute)
		if err := w.store.Update(w.ctx, &dead, jobs.Exactly(job)); err != nil {
			t.Fatal(err)
		}
		w.start(t, s, 0)
		done := w.await(t, job.ID, "the job has failed", is(export.Failed))
		if done.Failure.Code != export.CodeGaveUp || done.Attempt != 11 {
			t.Errorf("ended as %+v", done)
		}
	})
}

func TestPermanentFailure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		run  func() error
		want export.Failure
	}{
		"with a code": {
			func() error { return export.Wrap(export.CodeForeignID, errors.New("inner"), "Ids are numbers.") },
			export.Failure{Code: export.CodeForeignID, Message: "Ids are numbers."},
		},
		"without a code": {
			func() error { return errors.New("secret detail") },
			export.Failure{Code: export.CodeInternal, Message: "Something went wrong on our side."},
		},
		"a panic": {
			func() error { panic("secret detail") },
			export.Failure{Code: export.CodeInternal, Message: "Something went wrong on our side."},
		},
		"success out of order": {
			func() error { return nil },
			export.Failure{Code: export.CodeInternal, Message: "Something went wrong on our side."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			s := w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
				if err := obs.Uploading(ctx, fileKey(job)); err != nil {
					return run.Result{}, err
				}
				return run.Result{}, test.run()
			})
			w.start(t, s, 1)
			job := w.create(t, s, request("admin:a"))
			done := w.await(t, job.ID, "the job has failed", is(export.Failed))
			if done.Failure == nil || *done.Failure != test.want || done.Attempt != 1 || done.ExpiresAt != nil {
				t.Errorf("ended as %+v, %+v", done, done.Failure)
			}
			eventually(t, "the object is deleted", func() bool { return w.storage.hasDeleted(fileKey(job)) })
			w.released(t, job)
		})
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, succeed)
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	w.await(t, job.ID, "the job is completed", is(export.Completed))
	w.clock.advance(time.Minute)
	done := w.await(t, job.ID, "the janitor has looked", func(j *export.Job) bool { return !j.Dirty })
	if w.storage.hasDeleted(fileKey(job)) {
		t.Fatal("the janitor deleted a good file")
	}
	url, expires, err := s.Link(w.ctx, done, done.Files[0])
	if err != nil || url == "" || time.Until(expires) > 15*time.Minute {
		t.Errorf("link %q until %s, %v", url, expires, err)
	}
	w.clock.advance(7*24*time.Hour - 6*time.Minute)
	if _, expires, err = s.Link(w.ctx, done, done.Files[0]); err != nil || time.Until(expires) > 6*time.Minute {
		t.Errorf("a link shortly before the end: until %s, %v", expires, err)
	}
	w.clock.advance(time.Hour)
	if _, _, err = s.Link(w.ctx, done, done.Files[0]); export.CodeOf(err) != export.CodeNotFound {
		t.Errorf("a link after the end: %v", err)
	}
	gone := w.await(t, job.ID, "the job is expired", is(export.Expired))
	if gone.Outcome != export.Completed || len(gone.Files) != 1 || gone.Version() <= done.Version() {
		t.Errorf("expired as %+v", gone)
	}
	w.await(t, job.ID, "the files are deleted", func(j *export.Job) bool { return !j.Dirty })
	if !w.storage.hasDeleted(fileKey(job)) {
		t.Error("the file is still there")
	}
}

func TestSyncJobWithoutItsStream(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, nil)
	r := request("admin:a")
	r.Mode = export.Sync
	unused := w.create(t, s, r)
	r.Requester.ID = "admin:b"
	broken := w.create(t, s, r)
	run := *broken
	run.Attempt, run.Status, run.Heartbeat, run.Delivery = 1, export.Downloading, w.clock.now(), nil
	if err := w.store.Update(w.ctx, &run, jobs.Exactly(broken)); err != nil {
		t.Fatal(err)
	}
	w.start(t, s, 1)
	w.clock.advance(11 * time.Second)
	if done := w.await(t, broken.ID, "the broken one has failed", is(export.Failed)); done.Failure == nil {
		t.Error("no reason")
	}
	if j := w.job(t, unused.ID); j.Status != export.Queued {
		t.Errorf("the unused one is %s too early", j.Status)
	}
	w.clock.advance(20 * time.Second)
	w.await(t, unused.ID, "the unused one is cancelled", is(export.Cancelled))
	w.released(t, unused)
}
