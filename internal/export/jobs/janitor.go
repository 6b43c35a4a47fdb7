package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

// cleanBatch is how many jobs the janitor takes at once.
const cleanBatch = 50

// cleanLoop expires jobs and cleans up after them until ctx ends.
func (s *Service) cleanLoop(ctx context.Context) {
	ticker := time.NewTicker(s.set.CleanEvery)
	defer ticker.Stop()
	for {
		if err := errors.Join(s.expire(ctx), s.tidy(ctx)); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "cannot clean up after all jobs; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// expire makes jobs whose files are past their time expired. Tidying removes the files.
func (s *Service) expire(ctx context.Context) error {
	jobs, err := s.store.Outdated(ctx, s.now(), cleanBatch)
	if err != nil {
		return wrap(err, "look for files past their time")
	}
	for _, job := range jobs {
		expired := *job
		expired.Attempt, expired.Sequence = job.Attempt+1, 1
		expired.Status, expired.Dirty = export.Expired, true
		expired.History = appendEvent(job.History, export.Event{
			Time: s.time(), Kind: string(export.Expired), Message: "The files were deleted after their time.",
		})
		switch err := s.store.Update(ctx, &expired, Exactly(job)); {
		case errors.Is(err, ErrConflict):
		case err != nil:
			return wrap(err, "expire a job")
		default:
			s.log.InfoContext(ctx, "job expired", "job", job.ID, "tenant", job.Tenant)
			s.news.job(&expired)
		}
	}
	return nil
}

// tidy removes what ended jobs have left, once their workers have surely stopped.
func (s *Service) tidy(ctx context.Context) error {
	jobs, err := s.store.Dirty(ctx, s.now().Add(-s.set.Grace), cleanBatch)
	if err != nil {
		return wrap(err, "look for jobs to clean up after")
	}
	var errs []error
	for _, job := range jobs {
		errs = append(errs, s.tidyJob(ctx, job))
	}
	return errors.Join(errs...)
}

func (s *Service) tidyJob(ctx context.Context, job *export.Job) error {
	if err := s.remove(ctx, job); err != nil {
		return err
	}
	if err := s.store.Unclaim(ctx, job.ID); err != nil {
		return wrap(err, "forget a job's claims")
	}
	s.release(ctx, job) // it may have been out of order at the end, or closed by a look at the job from just before
	tidied := *job
	tidied.Sequence++
	tidied.Dirty = false
	if err := s.store.Update(ctx, &tidied, Exactly(job)); err != nil && !errors.Is(err, ErrConflict) {
		return wrap(err, "note that a job is clean")
	}
	return nil
}

// cleanUp removes what a job has left without waiting for the janitor, who looks again later.
func (s *Service) cleanUp(ctx context.Context, job *export.Job) {
	if err := s.remove(ctx, job); err != nil {
		s.log.WarnContext(ctx, "cannot clean up after the job yet", "job", job.ID, "error", err)
	}
}

// remove ends a final job's uploads and deletes its objects, but for the files that it still offers.
func (s *Service) remove(ctx context.Context, job *export.Job) error {
	ctx, cancel := context.WithTimeout(ctx, s.set.CleanTimeout)
	defer cancel()
	var offered []string
	keys := slices.Clone(job.Uploads)
	for _, f := range job.Files {
		if f.Key == "" { // streamed
			continue
		}
		if kept(job) {
			offered = append(offered, f.Key)
		} else if !slices.Contains(keys, f.Key) {
			keys = append(keys, f.Key)
		}
	}
	if len(keys) == 0 {
		return nil // nothing is stored before its key is kept
	}
	if err := s.storage.Abort(ctx, run.Prefix(job)); err != nil {
		return wrap(err, "end a job's uploads")
	}
	for _, key := range keys {
		if slices.Contains(offered, key) {
			continue
		}
		for _, key := range []string{key, run.ManifestKey(key)} {
			if err := s.storage.Delete(ctx, key); err != nil {
				return wrap(err, "delete a job's object")
			}
		}
	}
	return nil
}
