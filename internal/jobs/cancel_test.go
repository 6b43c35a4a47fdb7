package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/redis"
)

func TestCancel(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
		// Even on a slow machine, the janitor must not run before the clock is advanced, and no heartbeat
		// may fall between the cancel's read and its write: the run would stop before the job has ended,
		// and leave its object to the janitor.
		s := w.service(t, runUntilStopped(begun, stopped), func(o *jobs.Options) {
			rareHeartbeats(o)
			o.Settings.Grace = time.Hour
		})

		queued := w.create(t, s, request("admin:queued"))
		got, err := s.Cancel(w.ctx, "daily", queued.ID, "ada@example.com")
		if err != nil || got.Status != export.Cancelled || got.Outcome != export.Cancelled || got.Attempt != 1 || got.Version() <= queued.Version() {
			t.Fatalf("a queued job: %+v, %v", got, err)
		}
		again, err := s.Cancel(w.ctx, "daily", queued.ID, "bea@example.com")
		if err != nil || again.Version() != got.Version() || again.CancelledBy != "ada@example.com" {
			t.Errorf("a final job: %+v, %v", again, err)
		}
		if _, err := s.Cancel(w.ctx, "weekly", queued.ID, "ada@example.com"); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("another tenant's: %v", err)
		}
		w.released(t, queued)

		w.start(t, s, 2) // they also receive the task of the cancelled job, and ignore it
		running := w.create(t, s, request("admin:running"))
		receive(t, begun, "the run")
		if _, err := s.Cancel(w.ctx, "daily", running.ID, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		if cause := receive(t, stopped, "end of the run"); !errors.Is(cause, pipeline.ErrFenced) {
			t.Errorf("stopped because of %v", cause)
		}
		w.released(t, running)
		eventually(t, "the object is deleted", func() bool { return w.storage.hasDeleted(fileKey(running)) })
		if j := w.job(t, running.ID); j.Status != export.Cancelled || !j.Dirty {
			t.Errorf("left as %+v", j)
		}
		w.clock.advance(2 * time.Hour)
		w.await(t, running.ID, "the janitor has cleaned up", func(j *export.Job) bool { return !j.Dirty })
		if j := w.job(t, queued.ID); j.StartedAt != nil {
			t.Error("the cancelled job was started")
		}
	})
}

// busyStore is a store in which the run of attempt 1 writes between every read and write of other
// processes.
type busyStore struct{ jobs.Store }

func (r busyStore) Update(ctx context.Context, job *export.Job, g jobs.Guard) error {
	now, err := r.Job(ctx, job.ID)
	if err != nil {
		return err
	}
	if now.Attempt == 1 && g == jobs.Exactly(now) {
		now.Sequence++
		now.Progress.Users.Rows++
		if err := r.Store.Update(ctx, now, jobs.Within(now)); err != nil {
			return err
		}
	}
	return r.Store.Update(ctx, job, g)
}

// rareHeartbeats makes heartbeats so rare that a run notices changes only by messages.
func rareHeartbeats(o *jobs.Options) {
	o.Settings.HeartbeatEvery, o.Settings.StaleAfter = time.Hour, 2*time.Hour
}

func TestCancelFencesBusyRun(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
	w.start(t, w.service(t, runUntilStopped(begun, stopped), rareHeartbeats), 1)
	web := w.service(t, nil, func(o *jobs.Options) { o.Store = busyStore{w.store} })
	w.start(t, web, 0)
	w.collectPublished(t)
	job := w.create(t, web, request("admin:a"))
	receive(t, begun, "the run")
	got, err := web.Cancel(w.ctx, "daily", job.ID, "ada@example.com")
	if err != nil || got.Status != export.Cancelled || got.Progress.Users.Rows == 0 {
		t.Fatalf("cancelled: %+v, %v", got, err)
	}
	receive(t, stopped, "end of the run")
	w.released(t, job)
}

func TestJobContinuesAfterCancellerDies(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
	first := runUntilStopped(begun, stopped)
	w.start(t, w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		if job.Attempt == 1 {
			return first(ctx, job, obs)
		}
		return succeed(ctx, job, obs)
	}), 1)
	job := w.create(t, w.service(t, nil), request("admin:a"))
	receive(t, begun, "the run")
	if err := w.store.Fence(w.ctx, job.ID, 1); err != nil { // the canceller dies before its write
		t.Fatal(err)
	}
	receive(t, stopped, "end of the run")
	w.clock.advance(time.Minute)
	got := w.await(t, job.ID, "another attempt completes it", is(export.Completed))
	if got.Attempt != 3 {
		t.Errorf("completed in attempt %d, want 3: the second was the canceller's", got.Attempt)
	}
}

func TestCancelReachesAnotherProcess(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
	worker := w.service(t, runUntilStopped(begun, stopped), rareHeartbeats)
	w.start(t, worker, 1)
	web := w.service(t, nil)
	w.start(t, web, 0)
	w.collectPublished(t)
	job := w.create(t, web, request("admin:a"))
	receive(t, begun, "the run")
	if _, err := web.Cancel(w.ctx, "daily", job.ID, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	receive(t, stopped, "end of the run")
}

func TestCancelBeatsCompletion(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, end := make(chan struct{}), make(chan struct{})
	finish := sync.OnceFunc(func() { close(end) })
	s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		res, err := succeed(ctx, job, obs)
		close(begun)
		<-end // regardless of ctx
		return res, err
	})
	w.start(t, s, 1)
	t.Cleanup(finish)
	job := w.create(t, s, request("admin:a"))
	receive(t, begun, "the run")
	if _, err := s.Cancel(w.ctx, "daily", job.ID, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	finish()
	eventually(t, "the object is deleted", func() bool { return w.storage.hasDeleted(fileKey(job)) })
	if j := w.job(t, job.ID); j.Status != export.Cancelled || len(j.Files) != 0 {
		t.Errorf("ended as %+v", j)
	}
}

// lateLock calls before ahead of each Set.
type lateLock struct {
	jobs.Lock
	before func()
}

func (l lateLock) Set(ctx context.Context, slot jobs.Slot, jobID string) error {
	l.before()
	return l.Lock.Set(ctx, slot, jobID)
}

// A job that ends while its lock is being restored leaves no lock.
func TestCancelWhileLockIsRestored(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, succeed)
	job := w.create(t, s, request("admin:ada"))
	late := w.service(t, succeed, func(o *jobs.Options) {
		o.Lock = lateLock{Lock: o.Lock, before: func() {
			if _, err := s.Cancel(w.ctx, "daily", job.ID, "ada@example.com"); err != nil {
				t.Error(err)
			}
		}}
	})
	if err := late.RestoreLocks(w.ctx); err != nil {
		t.Fatal(err)
	}
	if holder, err := redis.NewLock(w.redis).Take(w.ctx, jobs.SlotOf(job), "next"); err != nil || holder != "next" {
		t.Errorf("the lock is held by %q, %v", holder, err)
	}
}
