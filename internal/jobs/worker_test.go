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
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/redis"
)

// collectPublished collects published jobs until the test ends.
func (w *world) collectPublished(t *testing.T) func() []*export.Job {
	t.Helper()
	var mu sync.Mutex
	var heard []*export.Job
	ready := make(chan struct{}, 9)
	ctx, cancel := context.WithCancel(w.ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		err := redis.NewBus(w.redis).Subscribe(ctx, jobs.Listener{
			Job: func(j *export.Job) {
				mu.Lock()
				defer mu.Unlock()
				heard = append(heard, j)
			},
			Resubscribed: func() { ready <- struct{}{} },
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	receive(t, ready, "subscription")
	return func() []*export.Job {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(heard)
	}
}

func TestJobRunsToItsEnd(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		heard := w.collectPublished(t)
		step := make(chan struct{})
		open := sync.OnceFunc(func() { close(step) })
		s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
			<-step
			res, err := succeed(ctx, job, obs)
			<-step
			for i := range int64(1000) {
				obs.Progress(export.Progress{Phase: export.Downloading, Users: export.FileProgress{Bytes: i}})
			}
			<-step
			obs.Progress(export.Progress{Phase: export.DownloadingStateEvents, Users: export.FileProgress{Bytes: 1000}})
			<-step
			return res, err
		})
		w.start(t, s, 2)
		t.Cleanup(open) // release the run if the test fails
		job := w.create(t, s, request("admin:a"))
		seen := func(status export.Status) {
			t.Helper()
			eventually(t, "published: "+string(status), func() bool {
				return slices.ContainsFunc(heard(), is(status))
			})
			w.await(t, job.ID, "kept: "+string(status), is(status))
		}
		seen(export.Preparing)
		step <- struct{}{}
		seen(export.Downloading)
		step <- struct{}{}
		w.await(t, job.ID, "progress is kept", func(j *export.Job) bool { return j.Progress.Users.Bytes == 999 })
		step <- struct{}{}
		seen(export.DownloadingStateEvents)
		step <- struct{}{}
		seen(export.Completed)
		w.released(t, job)

		done := w.job(t, job.ID)
		if done.Outcome != export.Completed || done.Attempt != 1 || done.Resumes != 0 || done.Progress.Percent != 100 ||
			len(done.Files) != 1 || len(done.Warnings) != 1 || len(done.Columns) != 1 || done.StartedAt == nil ||
			done.CompletedAt == nil || !done.ExpiresAt.Equal(done.CompletedAt.Add(7*24*time.Hour)) {
			t.Errorf("ended as %+v", done)
		}
		var kinds []string
		for _, e := range done.History {
			kinds = append(kinds, e.Kind)
		}
		if want := []string{"queued", "written", "completed"}; !slices.Equal(kinds, want) {
			t.Errorf("history %v, want %v", kinds, want)
		}
		version := int64(-1)
		all := heard()
		for _, j := range all {
			if j.Version() <= version {
				t.Errorf("version %d after %d", j.Version(), version)
			}
			version = j.Version()
		}
		if len(all) > 100 {
			t.Errorf("%d events for a thousand steps of progress", len(all))
		}
	})
}

// runUntilStopped returns a run that continues until it is stopped, and reports the cause.
func runUntilStopped(begun chan<- *export.Job, stopped chan<- error) executor {
	return func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		if err := obs.Uploading(ctx, fileKey(job)); err != nil {
			return pipeline.Result{}, err
		}
		begun <- job
		<-ctx.Done()
		stopped <- context.Cause(ctx)
		return pipeline.Result{}, ctx.Err()
	}
}

func TestOldAttemptIsFenced(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, refused := make(chan struct{}), make(chan error, 3)
	taken := make(chan struct{})
	s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		close(begun)
		<-taken
		refused <- obs.Prepared(context.WithoutCancel(ctx), export.UsersFile, nil, export.Progress{Phase: export.Downloading})
		refused <- obs.Uploading(context.WithoutCancel(ctx), fileKey(job))
		return pipeline.Result{}, nil // even if the run reports success
	})
	job := w.create(t, s, request("admin:a"))
	done := make(chan error, 1)
	go func() { done <- s.Work(w.ctx, job.ID, 1) }()
	receive(t, begun, "the run")

	eventually(t, "another attempt takes the job", func() bool {
		old := w.job(t, job.ID)
		next := *old
		next.Attempt, next.Sequence, next.Heartbeat = 2, 1, w.clock.now()
		return w.store.Update(w.ctx, &next, jobs.Exactly(old)) == nil
	})
	close(taken)
	for range 2 {
		if err := receive(t, refused, "an answer"); !errors.Is(err, pipeline.ErrFenced) {
			t.Errorf("an old write: %v", err)
		}
	}
	if err := receive(t, done, "end of the work"); err != nil {
		t.Error(err)
	}
	if j := w.job(t, job.ID); j.Attempt != 2 || j.Sequence != 1 || j.Status != export.Preparing {
		t.Errorf("left as %+v", j)
	}
	if len(w.storage.deleted) != 0 {
		t.Errorf("deleted %v, which are the new attempt's", w.storage.deleted)
	}
}

// disconnectableStore is a store that can be disconnected.
type disconnectableStore struct {
	jobs.Store
	off atomic.Bool
}

func (c *disconnectableStore) Update(ctx context.Context, job *export.Job, g jobs.Guard) error {
	if c.off.Load() {
		return errors.New("the network is gone")
	}
	return c.Store.Update(ctx, job, g)
}

func TestRunStopsWhenOwnershipIsUnconfirmed(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
	store := &disconnectableStore{Store: w.store}
	alone := w.service(t, runUntilStopped(begun, stopped), func(o *jobs.Options) {
		o.Store, o.Settings.StaleAfter = store, 500*time.Millisecond
	})
	job := w.create(t, alone, request("admin:a"))
	done := make(chan error, 1)
	go func() { done <- alone.Work(w.ctx, job.ID, 1) }()
	receive(t, begun, "the run")
	store.off.Store(true)
	if cause := receive(t, stopped, "end of the run"); !errors.Is(cause, pipeline.ErrFenced) || cause == pipeline.ErrFenced { //nolint:errorlint // it must wrap ErrFenced
		t.Errorf("stopped because of %v", cause)
	}
	if err := receive(t, done, "end of the work"); err != nil {
		t.Error(err)
	}
	// The other process has a long StaleAfter: with half a second it would lose attempts on a slow machine.
	w.start(t, w.service(t, succeed), 1)
	w.clock.advance(time.Minute)
	w.await(t, job.ID, "another process finishes it", is(export.Completed))
}

func TestOnlyOneWorkerGetsAnAttempt(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	var runs atomic.Int64
	s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		runs.Add(1)
		return succeed(ctx, job, obs)
	})
	job := w.create(t, s, request("admin:a"))
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := s.Work(w.ctx, job.ID, int64(1+i%2)); err != nil { // even with two attempt numbers, one worker wins
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs.Load() != 1 {
		t.Errorf("%d runs", runs.Load())
	}
	if err := s.Work(w.ctx, jobstest.ID(), 1); err != nil {
		t.Errorf("a job that is not there: %v", err)
	}
}
