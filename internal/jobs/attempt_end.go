package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// conclude ends an attempt whose run has returned, and cleans up if the job ended without files.
func (a *attempt) conclude(ctx context.Context, res pipeline.Result, err error) error {
	if a.ownership.Err() == nil && !errors.Is(err, pipeline.ErrFenced) {
		err = a.writeOutcome(res, err, ctx.Err() != nil)
	}
	if a.ownership.Err() != nil || errors.Is(err, pipeline.ErrFenced) {
		return a.cleanUpFenced(context.WithoutCancel(ctx))
	}
	return err
}

// writeOutcome makes the attempt's last write. It returns pipeline.ErrFenced if another process
// took the job.
func (a *attempt) writeOutcome(res pipeline.Result, err error, stopping bool) error {
	switch code := errs.CodeOf(err); {
	case err == nil:
		return a.complete(res)
	case stopping && (code == errs.CodeInternal || transient(code)):
		return a.handBack()
	case transient(code) && (a.hasAdvanced() || a.stalled+1 < MaxStalled):
		return a.retryLater(code, err)
	case transient(code):
		return a.fail(gaveUpFailure(transientMessage(code)), err)
	default:
		return a.fail(failureOf(err), err)
	}
}

func (a *attempt) complete(res pipeline.Result) error {
	current := a.nextVersion()
	if !slices.Contains(export.Completed.Predecessors(), current.Status) {
		err := fmt.Errorf("run: finished while %s", current.Status)
		return a.fail(failureOf(err), err)
	}
	retention := a.w.ender.retention(a.ownership, current)
	at := a.w.time()
	expires := at.Add(retention)
	_, err := a.endJob(func(job *export.Job) {
		job.Progress, job.Files, job.Warnings, job.ExpiresAt = res.Progress, res.Files, res.Warnings, &expires
		a.w.ender.end(job, at, export.Completed, nil, "The export is complete.")
		job.Progress.Percent, job.Stalled = 100, 0
	})
	return err
}

func (a *attempt) fail(f export.Failure, cause error) error {
	a.log.Error("the export failed", "code", f.Code, "error", cause)
	at := a.w.time()
	job, err := a.endJob(func(job *export.Job) { a.w.ender.endFailed(job, at, f) })
	if err != nil {
		return err
	}
	a.w.janitor.cleanUp(context.WithoutCancel(a.ownership), job)
	return nil
}

// endJob makes the job final and publishes it.
func (a *attempt) endJob(change func(*export.Job)) (*export.Job, error) {
	job, err := a.writeLast(change)
	if err != nil {
		return nil, err
	}
	a.w.ender.afterEnd(a.ownership, job)
	return job, nil
}

// handBack lets another worker continue at once, because this process is about to stop.
func (a *attempt) handBack() error {
	job, err := a.writeLast(func(job *export.Job) {
		job.Heartbeat = time.Time{}
		clearRates(&job.Progress)
		job.History = appendEvent(job.History, export.Event{
			Time: a.w.time(), Kind: "interrupted", Message: "The server is restarting; another attempt follows.",
		})
	})
	if err != nil {
		return err
	}
	a.log.Info("handed the job back")
	a.w.updates.publish(job)
	ctx, cancel := context.WithTimeout(a.ownership, busTimeout)
	defer cancel()
	if _, err := a.w.queue.Enqueue(ctx, job.ID, job.Attempt+1); err != nil {
		a.log.Warn("cannot queue the next attempt; the reconciler will", "error", err)
	}
	return nil
}

// retryLater schedules another attempt after a delay: it sets the heartbeat so that it goes stale
// when that attempt is due.
func (a *attempt) retryLater(code errs.Code, cause error) error {
	failures := a.stalled + 1
	if a.hasAdvanced() {
		failures = 1
	}
	delay := a.w.set.retryDelay(failures)
	due := a.w.time().Add(delay)
	a.log.Warn("the attempt failed; another follows", "code", code, "delay", delay, "error", cause)
	job, err := a.writeLast(func(job *export.Job) {
		job.Heartbeat = due.Add(-a.w.set.StaleAfter)
		job.Retry = attemptRetry(code, cause, failures, due)
		clearRates(&job.Progress)
		job.History = appendEvent(job.History, export.Event{
			Time: a.w.time(), Kind: "interrupted",
			Message: fmt.Sprintf("%s Another attempt follows in %s.", transientMessage(code), export.FormatDuration(delay)),
		})
	})
	if err == nil {
		a.w.updates.publish(job)
	}
	return err
}

// writeLast makes the last write of the attempt. It retries until the write succeeds or the attempt
// no longer owns its job, and then returns pipeline.ErrFenced.
func (a *attempt) writeLast(change func(*export.Job)) (*export.Job, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	a.lastWriteSent = true
	a.mu.Lock()
	a.lastVersionMade = true
	a.mu.Unlock()
	for {
		job, err := a.write(a.ownership, change)
		if err == nil {
			return job, nil
		}
		if a.ownership.Err() != nil {
			return nil, pipeline.ErrFenced
		}
		a.log.Warn("cannot write the attempt's outcome; retrying", "error", err)
		select {
		case <-a.ownership.Done():
		case <-time.After(a.w.set.HeartbeatEvery):
		}
	}
}

// cleanUpFenced cleans up after an attempt that lost its job. It deletes objects only if the job
// ended without files: otherwise they may belong to a newer attempt.
func (a *attempt) cleanUpFenced(ctx context.Context) error {
	cause := context.Cause(a.ownership)
	if cause == nil || errors.Is(cause, errAttemptEnded) {
		cause = pipeline.ErrFenced
	}
	a.log.Info("the attempt lost its job", "cause", cause)
	job, err := a.w.store.Job(ctx, a.id)
	if err != nil {
		return wrap(err, "read the job after losing ownership") // the janitor cleans up
	}
	if job.Status.Final() && !hasFiles(job) {
		a.w.janitor.cleanUp(ctx, job)
	}
	return nil
}

// transient reports whether another attempt may succeed after a failure with this code.
func transient(code errs.Code) bool {
	switch code {
	case errs.CodeDatabaseUnavailable, errs.CodeReadIncomplete, errs.CodeStorageUnavailable, errs.CodeUnavailable:
		return true
	default:
		return false
	}
}

func transientMessage(code errs.Code) string {
	switch code {
	case errs.CodeDatabaseUnavailable:
		return "The user database did not answer."
	case errs.CodeReadIncomplete:
		return "The user database repeatedly stopped sending data."
	case errs.CodeStorageUnavailable:
		return "The file storage did not answer."
	default:
		return "A service that the export needs did not answer."
	}
}

// failureOf returns why a job failed. It shows nothing of a cause that is not meant for users.
func failureOf(err error) export.Failure {
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Code != errs.CodeInternal {
		return export.Failure{Code: e.Code, Message: e.Message}
	}
	return export.Failure{Code: errs.CodeInternal, Message: "Something went wrong on our side."}
}

func gaveUpFailure(last string) export.Failure {
	return export.Failure{
		Code:    errs.CodeTooManyAttempts,
		Message: fmt.Sprintf("Gave up after %d attempts. %s", MaxStalled, last),
	}
}
