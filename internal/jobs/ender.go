package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// ender ends jobs.
type ender struct {
	*core
	running         *runningAttempts
	requeue         signal                                                          // some queued jobs may have no task in the queue
	mailDue         signal                                                          // a job has ended and its e-mail is due
	tenantRetention func(ctx context.Context, tenant string) (time.Duration, error) // nil: set.Retention for all
	sendsMail       bool                                                            // this process or another one sends e-mails
}

// cancel ends a live job; see Service.Cancel.
func (e *ender) cancel(ctx context.Context, tenant, id, by string) (*export.Job, error) {
	return e.cancelAs(ctx, tenant, id, func(job *export.Job, at time.Time) {
		job.CancelledBy = by
		e.endCancelled(job, at)
	})
}

// cancelAs ends a live job by a function, and returns a final job unchanged.
func (e *ender) cancelAs(ctx context.Context, tenant, id string, end func(*export.Job, time.Time)) (*export.Job, error) {
	for range maxTries {
		job, err := e.tenantJob(ctx, tenant, id)
		if err != nil || !job.Status.Live() {
			return job, err
		}
		ended, err := e.endFromOutside(ctx, job, end)
		if !errors.Is(err, ErrConflict) {
			return ended, err
		}
		// A run that writes often would cause a conflict each time: fence it first.
		if err := e.store.Fence(ctx, id, job.Attempt); err != nil && !errors.Is(err, ErrConflict) {
			return nil, unavailable(err, "cancel the job")
		}
	}
	return nil, errs.Errorf(errs.CodeUnavailable, "The export could not be cancelled just now. Please try again.")
}

// endCancelled makes a cancelled job final. Files that the client has received stay valid.
func (e *ender) endCancelled(job *export.Job, at time.Time) {
	const message = "The export was cancelled."
	if job.Mode == export.Sync && len(job.Files) > 0 {
		e.endFailed(job, at, export.Failure{Code: errs.CodeReadIncomplete, Message: message})
		return
	}
	e.end(job, at, export.Cancelled, nil, message)
}

// endFromOutside ends a live job that the caller does not own, by starting its next attempt. It
// returns ErrConflict if the job no longer has exactly the given version.
func (e *ender) endFromOutside(ctx context.Context, job *export.Job, end func(*export.Job, time.Time)) (*export.Job, error) {
	oldStatus := job.Status
	ended := *job
	ended.Attempt, ended.Sequence = job.Attempt+1, 1
	end(&ended, e.time())
	if err := e.store.Update(ctx, &ended, Exactly(job)); err != nil {
		if errors.Is(err, ErrConflict) {
			return nil, err
		}
		return nil, unavailable(err, "end the job")
	}
	e.running.checkOwnership(job.ID)
	e.updates.control(ControlMessage{Kind: ControlCancel, Tenant: job.Tenant, JobID: job.ID})
	if oldStatus == export.Queued {
		e.publishQueueChanged(job)
	}
	e.afterEnd(ctx, &ended)
	return &ended, nil
}

// end makes a job final, and its e-mail due if there is one. It does not change the counts.
func (e *ender) end(job *export.Job, at time.Time, status export.Status, failure *export.Failure, message string) {
	job.Status, job.Outcome, job.CompletedAt = status, status, &at
	job.Progress.Phase = status
	clearRates(&job.Progress)
	job.Failure = failure
	job.Checkpoint, job.Delivery, job.Retry = nil, nil, nil
	if !hasFiles(job) && job.Mode == export.Async {
		job.Files = nil // the objects are deleted
	}
	job.Mail = e.dueMail(job, at)
	job.History = appendEvent(job.History, export.Event{Time: at, Kind: string(status), Message: message})
}

// endFailed makes a failed job final. If its users file is good, the job is completed with errors:
// only its state events failed.
func (e *ender) endFailed(job *export.Job, at time.Time, f export.Failure) {
	status := export.Failed
	if len(job.Files) > 0 {
		status = export.CompletedWithErrors
		if job.Mode == export.Async {
			expires := at.Add(e.retention(context.Background(), job))
			job.ExpiresAt = &expires
		}
	}
	e.end(job, at, status, &f, f.Message)
}

// endingFailed returns endFailed in the form that endFromOutside takes.
func (e *ender) endingFailed(f export.Failure) func(*export.Job, time.Time) {
	return func(job *export.Job, at time.Time) { e.endFailed(job, at, f) }
}

// clearRates removes the values of a progress that only a running job has.
func clearRates(p *export.Progress) { p.RowsPerSecond, p.ETASeconds = 0, nil }

// afterEnd does the work that follows the end of every job. Nothing here can fail the job.
func (e *ender) afterEnd(ctx context.Context, job *export.Job) {
	e.log.InfoContext(ctx, "job ended", "job", job.ID, "tenant", job.Tenant, "status", job.Status, "attempt", job.Attempt)
	e.releaseLock(ctx, job)
	e.updates.publish(job)
	if job.Mail != nil {
		e.mailDue.raise()
	}
	e.unclaim(ctx, job.ID)
	if SlotOf(job).Fingerprint != "" {
		e.wakeHeld(ctx, job)
	}
}

// wakeHeld wakes a worker for the next job of the requester of a job that ended. The worker that was
// woken when that job was admitted did not take it. If it fails, the reconciler wakes one.
func (e *ender) wakeHeld(ctx context.Context, ended *export.Job) {
	entries, err := e.store.QueueEntries(ctx)
	if err != nil {
		e.log.WarnContext(ctx, "cannot read the queue; the reconciler wakes the next job", "job", ended.ID, "error", err)
		e.requeue.raise()
		return
	}
	next := firstOfRequesters(entries, nil)[SlotOf(ended).Owner()]
	if next == "" || next == ended.ID {
		return
	}
	if state, err := e.queue.Enqueue(ctx, next, 1); err != nil || state != TaskWaiting {
		e.requeue.raise()
	}
}

// maxHistory bounds a job's history. The first event is kept; the oldest of the others are dropped.
const maxHistory = 200

// appendEvent returns a copy of a history with more events.
func appendEvent(history []export.Event, e ...export.Event) []export.Event {
	all := make([]export.Event, 0, len(history)+len(e))
	all = append(append(all, history...), e...)
	if extra := len(all) - maxHistory; extra > 0 {
		all = append(all[:1:1], all[1+extra:]...)
	}
	return all
}

// endWithoutClient ends a sync job whose client has disconnected. If its users file has arrived,
// only its state events are missing, and the job is completed with errors.
func (e *ender) endWithoutClient(job *export.Job, at time.Time, reason export.CancelReason) {
	if len(job.Files) > 0 {
		e.endFailed(job, at, export.Failure{Code: errs.CodeReadIncomplete, Message: reason.Message()})
		return
	}
	job.CancelReason = reason
	e.end(job, at, export.Cancelled, nil, reason.Message())
}

// endingWithoutClient returns endWithoutClient in the form that endFromOutside takes.
func (e *ender) endingWithoutClient(reason export.CancelReason) func(*export.Job, time.Time) {
	return func(job *export.Job, at time.Time) { e.endWithoutClient(job, at, reason) }
}
