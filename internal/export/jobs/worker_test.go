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
	"github.com/egress-io/egress/internal/export/jobs/jobstest"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/redis"
)

// hear collects what is published, until the test ends.
func (w *world) hear(t *testing.T) func() []*export.Job {
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
	soon(t, ready, "subscription")
	return func() []*export.Job {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(heard)
	}
}

func TestJobRunsToItsEnd(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		heard := w.hear(t)
		step := make(chan struct{})
		open := sync.OnceFunc(func() { close(step) })
		s := w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
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
		t.Cleanup(open) // a test that fails lets the run go
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

// hang is a run that goes on until it is stopped, and tells why it was.
func hang(begun chan<- *export.Job, stopped chan<- error) executor {
	return func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
		if err := obs.Uploading(ctx, fileKey(job)); err != nil {
			return run.Result{}, err
		}
		begun <- job
		<-ctx.Done()
		stopped <- context.Cause(ctx)
		return run.Result{}, ctx.Err()
	}
}

func TestCancel(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
		s := w.service(t, hang(begun, stopped))

		queued := w.create(t, s, request("admin:queued"))
		got, err := s.Cancel(w.ctx, "daily", queued.ID, "ada@example.com")
		if err != nil || got.Status != export.Cancelled || got.Outcome != export.Cancelled || got.Attempt != 1 || got.Version() <= queued.Version() {
			t.Fatalf("a queued job: %+v, %v", got, err)
		}
		again, err := s.Cancel(w.ctx, "daily", queued.ID, "bea@example.com")
		if err != nil || again.Version() != got.Version() || again.CancelledBy != "ada@example.com" {
			t.Errorf("a final job: %+v, %v", again, err)
		}
		if _, err := s.Cancel(w.ctx, "weekly", queued.ID, "ada@example.com"); export.CodeOf(err) != export.CodeNotFound {
			t.Errorf("another tenant's: %v", err)
		}
		w.released(t, queued)

		w.start(t, s, 2) // also finds the task of the cancelled job, and leaves it
		running := w.create(t, s, request("admin:running"))
		soon(t, begun, "the run")
		if _, err := s.Cancel(w.ctx, "daily", running.ID, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		if cause := soon(t, stopped, "end of the run"); !errors.Is(cause, run.ErrFenced) {
			t.Errorf("stopped because of %v", cause)
		}
		w.released(t, running)
		eventually(t, "the object is deleted", func() bool { return w.storage.hasDeleted(fileKey(running)) })
		if j := w.job(t, running.ID); j.Status != export.Cancelled || !j.Dirty {
			t.Errorf("left as %+v", j)
		}
		w.clock.advance(time.Minute)
		w.await(t, running.ID, "the janitor has looked again", func(j *export.Job) bool { return !j.Dirty })
		if j := w.job(t, queued.ID); j.StartedAt != nil {
			t.Error("the cancelled job was started")
		}
	})
}

// restless is a store in which the run of attempt 1 writes between every read and write of those who do not own the job.
type restless struct{ jobs.Store }

func (r restless) Update(ctx context.Context, job *export.Job, g jobs.Guard) error {
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

// unheard makes signs of life so rare that a run hears of nothing but by message.
func unheard(_ *jobs.Parts, s *jobs.Settings) {
	s.HeartbeatEvery, s.StaleAfter = time.Hour, 2*time.Hour
}

func TestCancelOfARunThatAlwaysWritesFirst(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
	w.start(t, w.service(t, hang(begun, stopped), unheard), 1)
	web := w.service(t, nil, func(p *jobs.Parts, _ *jobs.Settings) { p.Store = restless{w.store} })
	w.start(t, web, 0)
	w.hear(t)
	job := w.create(t, web, request("admin:a"))
	soon(t, begun, "the run")
	got, err := web.Cancel(w.ctx, "daily", job.ID, "ada@example.com")
	if err != nil || got.Status != export.Cancelled || got.Progress.Users.Rows == 0 {
		t.Fatalf("cancelled: %+v, %v", got, err)
	}
	soon(t, stopped, "end of the run")
	w.released(t, job)
}

func TestJobOfACancellerThatDiedGoesOn(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
	first := hang(begun, stopped)
	w.start(t, w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
		if job.Attempt == 1 {
			return first(ctx, job, obs)
		}
		return succeed(ctx, job, obs)
	}), 1)
	job := w.create(t, w.service(t, nil), request("admin:a"))
	soon(t, begun, "the run")
	if err := w.store.Fence(w.ctx, job.ID, 1); err != nil { // and no write after it
		t.Fatal(err)
	}
	soon(t, stopped, "end of the run")
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
	worker := w.service(t, hang(begun, stopped), unheard)
	w.start(t, worker, 1)
	web := w.service(t, nil)
	w.start(t, web, 0)
	w.hear(t)
	job := w.create(t, web, request("admin:a"))
	soon(t, begun, "the run")
	if _, err := web.Cancel(w.ctx, "daily", job.ID, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	soon(t, stopped, "end of the run")
}

func TestCompletionThatLosesToACancel(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, end := make(chan struct{}), make(chan struct{})
	finish := sync.OnceFunc(func() { close(end) })
	s := w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
		res, err := succeed(ctx, job, obs)
		close(begun)
		<-end // whatever happens to ctx
		return res, err
	})
	w.start(t, s, 1)
	t.Cleanup(finish)
	job := w.create(t, s, request("admin:a"))
	soon(t, begun, "the run")
	if _, err := s.Cancel(w.ctx, "daily", job.ID, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	finish()
	eventually(t, "the object is deleted", func() bool { return w.storage.hasDeleted(fileKey(job)) })
	if j := w.job(t, job.ID); j.Status != export.Cancelled || len(j.Files) != 0 {
		t.Errorf("ended as %+v", j)
	}
}

func TestOldAttemptIsFenced(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, refused := make(chan struct{}), make(chan error, 3)
	taken := make(chan struct{})
	s := w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
		close(begun)
		<-taken
		refused <- obs.Prepared(context.WithoutCancel(ctx), export.UsersFile, nil, export.Progress{Phase: export.Downloading})
		refused <- obs.Uploading(context.WithoutCancel(ctx), fileKey(job))
		return run.Result{}, nil // even a run that believes in success
	})
	job := w.create(t, s, request("admin:a"))
	done := make(chan error, 1)
	go func() { done <- s.Work(w.ctx, job.ID, 1) }()
	soon(t, begun, "the run")

	eventually(t, "another attempt takes the job", func() bool {
		old := w.job(t, job.ID)
		next := *old
		next.Attempt, next.Sequence, next.Heartbeat = 2, 1, w.clock.now()
		return w.store.Update(w.ctx, &next, jobs.Exactly(old)) == nil
	})
	close(taken)
	for range 2 {
		if err := soon(t, refused, "an answer"); !errors.Is(err, run.ErrFenced) {
			t.Errorf("an old write: %v", err)
		}
	}
	if err := soon(t, done, "end of the work"); err != nil {
		t.Error(err)
	}
	if j := w.job(t, job.ID); j.Attempt != 2 || j.Sequence != 1 || j.Status != export.Preparing {
		t.Errorf("left as %+v", j)
	}
	if len(w.storage.deleted) != 0 {
		t.Errorf("deleted %v, which are the new attempt's", w.storage.deleted)
	}
}

// cut is a store that can be cut off.
type cut struct {
	jobs.Store
	off atomic.Bool
}

func (c *cut) Update(ctx context.Context, job *export.Job, g jobs.Guard) error {
	if c.off.Load() {
		return errors.New("the network is gone")
	}
	return c.Store.Update(ctx, job, g)
}

func TestRunStopsItselfWhenItCannotBeSure(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, stopped := make(chan *export.Job, 1), make(chan error, 1)
	store := &cut{Store: w.store}
	alone := w.service(t, hang(begun, stopped), func(p *jobs.Parts, s *jobs.Settings) {
		p.Store, s.StaleAfter = store, 500*time.Millisecond
	})
	job := w.create(t, alone, request("admin:a"))
	done := make(chan error, 1)
	go func() { done <- alone.Work(w.ctx, job.ID, 1) }()
	soon(t, begun, "the run")
	store.off.Store(true)
	if cause := soon(t, stopped, "end of the run"); !errors.Is(cause, run.ErrFenced) || cause == run.ErrFenced { //nolint:errorlint // it wraps ErrFenced and says more
		t.Errorf("stopped because of %v", cause)
	}
	if err := soon(t, done, "end of the work"); err != nil {
		t.Error(err)
	}
	w.start(t, w.service(t, succeed, func(_ *jobs.Parts, s *jobs.Settings) { s.StaleAfter = 500 * time.Millisecond }), 1)
	w.await(t, job.ID, "another process finishes it", is(export.Completed))
}

func TestOnlyOneWorkerGetsAnAttempt(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	var runs atomic.Int64
	s := w.service(t, func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
		runs.Add(1)
		return succeed(ctx, job, obs)
	})
	job := w.create(t, s, request("admin:a"))
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := s.Work(w.ctx, job.ID, int64(1+i%2)); err != nil { // of two numbers, too, one wins
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
