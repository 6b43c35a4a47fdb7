package jobs_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/redis"
)

// The janitor releases a lock that could not be released at the end of its job.
func TestJanitorReleasesLeftoverLock(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, succeed)
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	w.await(t, job.ID, "the job is completed", is(export.Completed))
	w.released(t, job)
	lock := redis.NewLock(w.redis)
	if err := lock.Set(w.ctx, jobs.SlotOf(job), job.ID); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(time.Minute)
	w.await(t, job.ID, "the janitor has cleaned up", func(j *export.Job) bool { return !j.Dirty })
	if holder, err := lock.Take(w.ctx, jobs.SlotOf(job), "next"); holder != "next" || err != nil {
		t.Errorf("the gate is closed for %q, %v", holder, err)
	}
}

// Each attempt stores under its own key. Objects of earlier attempts are deleted soon after the
// end. The file that the job offers stays until it expires.
func TestObjectsOfEarlierAttemptsAreDeleted(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		if err := obs.Uploading(ctx, pipeline.Key(job, export.UsersFile)); err != nil {
			return pipeline.Result{}, err
		}
		if job.Attempt < 3 { // fail after storing an object
			return pipeline.Result{}, errs.Wrap(errs.CodeStorageUnavailable, errors.New("503"), "The storage is down.")
		}
		res, err := succeed(ctx, job, obs)
		res.Files[0].Key = pipeline.Key(job, export.UsersFile)
		return res, err
	})
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	done := w.await(t, job.ID, "the job is completed", is(export.Completed))
	key := func(attempt int64) string {
		return pipeline.Key(&export.Job{ID: job.ID, Tenant: job.Tenant, CreatedAt: job.CreatedAt, Attempt: attempt}, export.UsersFile)
	}
	if len(done.Files) != 1 || done.Files[0].Key != key(3) || !slices.Contains(done.Uploads, key(1)) || !slices.Contains(done.Uploads, key(2)) {
		t.Fatalf("files %+v, uploads %q", done.Files, done.Uploads)
	}
	w.clock.advance(time.Minute)
	w.await(t, job.ID, "the janitor has cleaned up", func(j *export.Job) bool { return !j.Dirty })
	if !w.storage.hasDeleted(key(1)) || !w.storage.hasDeleted(key(2)) {
		t.Errorf("an object of an earlier attempt is still there: deleted %q", w.storage.allDeleted())
	}
	if w.storage.hasDeleted(key(3)) {
		t.Error("the janitor deleted the file that the job offers")
	}
	w.clock.advance(8 * 24 * time.Hour)
	w.await(t, job.ID, "the job is expired", func(j *export.Job) bool { return j.Status == export.Expired && !j.Dirty })
	if !w.storage.hasDeleted(key(3)) {
		t.Error("the file of an expired job is still there")
	}
}
