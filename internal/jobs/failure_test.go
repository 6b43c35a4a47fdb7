package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

func TestJobFailsAfterMaxStalled(t *testing.T) {
	t.Parallel()
	t.Run("after ten transient failures in a row", func(t *testing.T) {
		t.Parallel()
		w := embedded(t)
		var runs atomic.Int64
		s := w.service(t, func(context.Context, *export.Job, pipeline.Observer) (pipeline.Result, error) {
			runs.Add(1)
			return pipeline.Result{}, errs.Errorf(errs.CodeDatabaseUnavailable, "gone")
		})
		w.start(t, s, 1)
		job := w.create(t, s, request("admin:a"))
		// Delays double up to a minute, so the clock is advanced.
		done := w.await(t, job.ID, "the job has failed", func(j *export.Job) bool {
			if j.Status.Live() && j.Heartbeat.After(w.clock.now().Add(-10*time.Second)) {
				w.clock.advance(time.Second)
			}
			return j.Status == export.Failed
		})
		if done.Failure == nil || done.Failure.Code != errs.CodeTooManyAttempts || runs.Load() != jobs.MaxStalled {
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
		if done.Failure.Code != errs.CodeTooManyAttempts || done.Attempt != 11 {
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
			func() error { return errs.Wrap(errs.CodeNonStringID, errors.New("inner"), "Ids are numbers.") },
			export.Failure{Code: errs.CodeNonStringID, Message: "Ids are numbers."},
		},
		"without a code": {
			func() error { return errors.New("secret detail") },
			export.Failure{Code: errs.CodeInternal, Message: "Something went wrong on our side."},
		},
		"a panic": {
			func() error { panic("secret detail") },
			export.Failure{Code: errs.CodeInternal, Message: "Something went wrong on our side."},
		},
		"success out of order": {
			func() error { return nil },
			export.Failure{Code: errs.CodeInternal, Message: "Something went wrong on our side."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
				if err := obs.Uploading(ctx, fileKey(job)); err != nil {
					return pipeline.Result{}, err
				}
				return pipeline.Result{}, test.run()
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
	done := w.await(t, job.ID, "the janitor has cleaned up", func(j *export.Job) bool { return !j.Dirty })
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
	if _, _, err = s.Link(w.ctx, done, done.Files[0]); errs.CodeOf(err) != errs.CodeNotFound {
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

func TestSyncJobWithoutStream(t *testing.T) {
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
