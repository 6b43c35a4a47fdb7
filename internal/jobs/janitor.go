package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// cleanBatch is how many jobs the janitor reads per query.
const cleanBatch = 50

// janitor expires jobs and cleans up after ended ones.
type janitor struct{ *core }

// run expires jobs and cleans up after ended ones, until ctx ends.
func (j *janitor) run(ctx context.Context) {
	ticker := time.NewTicker(j.set.CleanEvery)
	defer ticker.Stop()
	for {
		if err := errors.Join(j.expire(ctx), j.cleanEnded(ctx)); err != nil && ctx.Err() == nil {
			j.log.WarnContext(ctx, "cannot clean up after all jobs; retrying", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// expire marks the jobs as expired whose files are past their retention. cleanEnded deletes the
// files.
func (j *janitor) expire(ctx context.Context) error {
	jobs, err := j.store.Outdated(ctx, j.now(), cleanBatch)
	if err != nil {
		return wrap(err, "find jobs past their retention")
	}
	for _, job := range jobs {
		expired := *job
		expired.Attempt, expired.Sequence = job.Attempt+1, 1
		expired.Status, expired.Dirty = export.Expired, true
		expired.History = appendEvent(job.History, export.Event{
			Time: j.time(), Kind: string(export.Expired), Message: j.expiredMessage(job),
		})
		switch err := j.store.Update(ctx, &expired, Exactly(job)); {
		case errors.Is(err, ErrConflict):
		case err != nil:
			return wrap(err, "expire a job")
		default:
			j.log.InfoContext(ctx, "job expired", "job", job.ID, "tenant", job.Tenant)
			j.updates.publish(&expired)
		}
	}
	return nil
}

// expiredMessage says whether the files of an expiring job are deleted.
func (j *janitor) expiredMessage(job *export.Job) string {
	for _, f := range job.Files {
		if err := j.reach.Check(f.Location); f.Key != "" && err != nil {
			return "The retention period of the files has ended, but not all files were deleted. " + failureOf(err).Message
		}
	}
	return "The retention period has ended; the files were deleted."
}

// cleanEnded cleans up after ended jobs whose workers have certainly stopped.
func (j *janitor) cleanEnded(ctx context.Context) error {
	jobs, err := j.store.Dirty(ctx, j.now().Add(-j.set.Grace), cleanBatch)
	if err != nil {
		return wrap(err, "find jobs to clean up after")
	}
	var errs []error
	for _, job := range jobs {
		errs = append(errs, j.cleanJob(ctx, job))
	}
	return errors.Join(errs...)
}

func (j *janitor) cleanJob(ctx context.Context, job *export.Job) error {
	if err := j.remove(ctx, job); err != nil {
		return err
	}
	if err := j.store.DeleteClaims(ctx, job.ID); err != nil {
		return wrap(err, "delete a job's claims")
	}
	j.releaseLock(ctx, job) // it may have been unavailable at the end, or a concurrent request set it again
	cleaned := *job
	cleaned.Sequence++
	cleaned.Dirty = false
	if err := j.store.Update(ctx, &cleaned, Exactly(job)); err != nil && !errors.Is(err, ErrConflict) {
		return wrap(err, "mark a job as clean")
	}
	return nil
}

// cleanUp removes uploads and objects of a job without waiting for the janitor, which retries
// later.
func (j *janitor) cleanUp(ctx context.Context, job *export.Job) {
	if err := j.remove(ctx, job); err != nil {
		j.log.WarnContext(ctx, "cannot clean up after the job yet", "job", job.ID, "error", err)
	}
}

// remove aborts a final job's uploads and deletes its objects, except the files that the job still
// offers.
func (j *janitor) remove(ctx context.Context, job *export.Job) error {
	ctx, cancel := context.WithTimeout(ctx, j.set.CleanTimeout)
	defer cancel()
	var keep []string // keys that are not deleted
	keys := slices.Clone(job.Uploads)
	for _, f := range job.Files {
		if f.Key == "" { // streamed
			continue
		}
		if err := j.reach.Check(f.Location); err != nil {
			if !hasFiles(job) {
				j.log.ErrorContext(ctx, "cannot delete a file of the job: it is in another storage; delete it there", "job", job.ID, "key", f.Key, "error", err)
			}
			keep = append(keep, f.Key) // an object with this key in our storage would be a different file
			continue
		}
		if hasFiles(job) {
			keep = append(keep, f.Key)
		} else if !slices.Contains(keys, f.Key) {
			keys = append(keys, f.Key)
		}
	}
	if len(keys) == 0 {
		return nil // every key is recorded before its object is stored
	}
	if err := j.storage.Abort(ctx, pipeline.Prefix(job)); err != nil {
		return wrap(err, "abort a job's uploads")
	}
	for _, key := range keys {
		if slices.Contains(keep, key) {
			continue
		}
		for _, key := range []string{key, pipeline.ManifestKey(key)} {
			if err := j.storage.Delete(ctx, key); err != nil {
				return wrap(err, "delete a job's object")
			}
		}
	}
	return nil
}
