package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// Cancel ends a live job and returns it as it is then; a final one is returned unchanged. A sync job whose users
// file has arrived is completed with errors: only its state events have not. By is the e-mail address of the admin who does
// it. The run is fenced at once and stops within a heartbeat.
func (s *Service) Cancel(ctx context.Context, tenant, id, by string) (*export.Job, error) {
	for range maxTries {
		job, err := s.Job(ctx, tenant, id)
		if err != nil || !job.Status.Live() {
			return job, err
		}
		job.CancelledBy = by
		ended, err := s.endFromOutside(ctx, job, s.cancelled)
		if !errors.Is(err, ErrConflict) {
			return ended, err
		}
		// A run that writes faster than this can read and write would win each time, and change what is read: it stops first.
		if err := s.store.Fence(ctx, id, job.Attempt); err != nil && !errors.Is(err, ErrConflict) {
			return nil, unavailable(err, "cancel the job")
		}
	}
	return nil, export.Errorf(export.CodeUnavailable, "The export could not be cancelled just now. Please try again.")
}

// cancelled ends a job that is not to go on. What a client has received already stays received.
func (s *Service) cancelled(job *export.Job, at time.Time) {
	const message = "The export was cancelled."
	if job.Mode == export.Sync {
		s.endAlone(job, at, message)
		return
	}
	s.end(job, at, export.Cancelled, nil, message)
}

// endFromOutside ends a live job that the caller does not own, in exactly the version given, by taking its next attempt.
func (s *Service) endFromOutside(ctx context.Context, job *export.Job, end func(*export.Job, time.Time)) (*export.Job, error) {
	was := job.Status
	ended := *job
	ended.Attempt, ended.Sequence = job.Attempt+1, 1
	end(&ended, s.time())
	if err := s.store.Update(ctx, &ended, Exactly(job)); err != nil {
		if errors.Is(err, ErrConflict) {
			return nil, err
		}
		return nil, unavailable(err, "end the job")
	}
	s.nudge(job.ID)
	s.news.control(ControlMessage{Kind: ControlCancel, Tenant: job.Tenant, JobID: job.ID})
	if was == export.Queued {
		s.queueMoved(job)
	}
	s.ended(ctx, &ended)
	return &ended, nil
}

// end makes a job final, and its e-mail due where there is to be one. It keeps counts as they were.
func (s *Service) end(job *export.Job, at time.Time, status export.Status, failure *export.Failure, message string) {
	job.Status, job.Outcome, job.CompletedAt = status, status, &at
	job.Progress.Phase = status
	halt(&job.Progress)
	job.Failure = failure
	job.Checkpoint, job.Delivery = nil, nil
	if !kept(job) && job.Mode == export.Async {
		job.Files = nil // they are deleted
	}
	job.Mail = s.dueMail(job, at)
	job.History = appendEvent(job.History, export.Event{Time: at, Kind: string(status), Message: message})
}

// endFailed makes a job final that has failed. Where its users file is good, only its state events have.
func (s *Service) endFailed(job *export.Job, at time.Time, f export.Failure) {
	status := export.Failed
	if len(job.Files) > 0 {
		status = export.CompletedWithErrors
		if job.Mode == export.Async {
			expires := at.Add(s.retention(context.Background(), job))
			job.ExpiresAt = &expires
		}
	}
	s.end(job, at, status, &f, f.Message)
}

// failed is endFailed for those who end a job from outside.
func (s *Service) failed(f export.Failure) func(*export.Job, time.Time) {
	return func(job *export.Job, at time.Time) { s.endFailed(job, at, f) }
}

// halt takes out of a progress what only a run that goes on has.
func halt(p *export.Progress) { p.RowsPerSecond, p.ETASeconds = 0, nil }

// ended does what follows the end of a job, however it came. Nothing here can fail the job.
func (s *Service) ended(ctx context.Context, job *export.Job) {
	s.log.InfoContext(ctx, "job ended", "job", job.ID, "tenant", job.Tenant, "status", job.Status, "attempt", job.Attempt)
	s.release(ctx, job)
	s.news.job(job)
	if job.Mail != nil {
		s.mailDue.raise()
	}
	s.unclaim(ctx, job.ID)
}

// unclaim forgets a final job's claims. If it fails the janitor does it, which forgets those of every dirty job.
func (s *Service) unclaim(ctx context.Context, id string) {
	if err := s.store.Unclaim(context.WithoutCancel(ctx), id); err != nil {
		s.log.WarnContext(ctx, "cannot forget the claims of a job yet", "job", id, "error", err)
	}
}

// maxHistory bounds a job's history; what is dropped is the oldest but the first.
const maxHistory = 200

// appendEvent returns a history with one more line, and leaves the given one as it is.
func appendEvent(history []export.Event, e ...export.Event) []export.Event {
	all := make([]export.Event, 0, len(history)+len(e))
	all = append(append(all, history...), e...)
	if extra := len(all) - maxHistory; extra > 0 {
		all = append(all[:1:1], all[1+extra:]...)
	}
	return all
}
