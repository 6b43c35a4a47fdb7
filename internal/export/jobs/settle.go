package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

// settle ends an attempt whose run has returned, and cleans up where the job ended badly.
func (a *attempt) settle(ctx context.Context, res run.Result, err error) error {
	if a.owned.Err() == nil && !errors.Is(err, run.ErrFenced) {
		err = a.end(res, err, ctx.Err() != nil)
	}
	if a.owned.Err() != nil || errors.Is(err, run.ErrFenced) {
		return a.fenced(context.WithoutCancel(ctx))
	}
	return err
}

// end makes the attempt's last write. It returns run.ErrFenced where somebody else has taken the job.
func (a *attempt) end(res run.Result, err error, stopping bool) error {
	switch code := export.CodeOf(err); {
	case err == nil:
		return a.complete(res)
	case stopping && (code == export.CodeInternal || transient(code)):
		return a.handBack()
	case transient(code) && (a.hasMoved() || a.stalled+1 < MaxStalled):
		return a.retryLater(code, err)
	case transient(code):
		return a.fail(gaveUp(sentence(code)), err)
	default:
		return a.fail(failureOf(err), err)
	}
}

func (a *attempt) complete(res run.Result) error {
	is := a.view()
	if !slices.Contains(export.Completed.Before(), is.Status) {
		err := fmt.Errorf("run: finished while %s", is.Status)
		return a.fail(failureOf(err), err)
	}
	retention := a.s.retention(a.owned, is)
	at := a.s.time()
	expires := at.Add(retention)
	_, err := a.finish(func(job *export.Job) {
		job.Progress, job.Files, job.Warnings, job.ExpiresAt = res.Progress, res.Files, res.Warnings, &expires
		a.s.end(job, at, export.Completed, nil, "The export is complete.")
		job.Progress.Percent, job.Stalled = 100, 0
	})
	return err
}

func (a *attempt) fail(f export.Failure, cause error) error {
	a.log.Error("the export failed", "code", f.Code, "error", cause)
	at := a.s.time()
	job, err := a.finish(func(job *export.Job) { a.s.endFailed(job, at, f) })
	if err != nil {
		return err
	}
	a.s.cleanUp(context.WithoutCancel(a.owned), job)
	return nil
}

// finish makes the job final, and tells everyone.
func (a *attempt) finish(change func(*export.Job)) (*export.Job, error) {
	job, err := a.insist(change)
	if err != nil {
		return nil, err
	}
	a.s.ended(a.owned, job)
	return job, nil
}

// handBack lets another worker go on at once, since this process is about to stop.
func (a *attempt) handBack() error {
	job, err := a.insist(func(job *export.Job) {
		job.Heartbeat = time.Time{}
		halt(&job.Progress)
		job.History = appendEvent(job.History, export.Event{
			Time: a.s.time(), Kind: "interrupted", Message: "The server is restarting; another attempt follows.",
		})
	})
	if err != nil {
		return err
	}
	a.log.Info("handed the job back")
	a.s.news.job(job)
	ctx, cancel := context.WithTimeout(a.owned, busTimeout)
	defer cancel()
	if _, err := a.s.queue.Enqueue(ctx, job.ID, job.Attempt+1); err != nil {
		a.log.Warn("cannot queue the next attempt; the reconciler will", "error", err)
	}
	return nil
}

// retryLater leaves the job to an attempt after a while: its sign of life goes stale when that is due.
func (a *attempt) retryLater(code export.Code, cause error) error {
	failures := a.stalled + 1
	if a.hasMoved() {
		failures = 1
	}
	delay := a.s.set.retryDelay(failures)
	a.log.Warn("the attempt failed; another follows", "code", code, "delay", delay, "error", cause)
	job, err := a.insist(func(job *export.Job) {
		job.Heartbeat = a.s.time().Add(delay - a.s.set.StaleAfter)
		halt(&job.Progress)
		job.History = appendEvent(job.History, export.Event{
			Time: a.s.time(), Kind: "interrupted",
			Message: fmt.Sprintf("%s Another attempt follows in %s.", sentence(code), delay.Round(time.Second)),
		})
	})
	if err == nil {
		a.s.news.job(job)
	}
	return err
}

// insist makes the last write of the attempt, and tries again until it is made or the attempt owns its job no more.
func (a *attempt) insist(change func(*export.Job)) (*export.Job, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	a.over = true
	a.mu.Lock()
	a.ended = true
	a.mu.Unlock()
	for {
		job, err := a.write(a.owned, change)
		if err == nil {
			return job, nil
		}
		if a.owned.Err() != nil {
			return nil, run.ErrFenced
		}
		a.log.Warn("cannot write how the attempt ended; trying again", "error", err)
		select {
		case <-a.owned.Done():
		case <-time.After(a.s.set.HeartbeatEvery):
		}
	}
}

// fenced does what is left to an attempt that owns its job no more. Only when the job has ended without files are its
// objects nobody's; those of a newer attempt are not ours to touch.
func (a *attempt) fenced(ctx context.Context) error {
	cause := context.Cause(a.owned)
	if cause == nil || errors.Is(cause, errEnded) {
		cause = run.ErrFenced
	}
	a.log.Info("the attempt lost its job", "cause", cause)
	job, err := a.s.store.Job(ctx, a.id)
	if err != nil {
		return wrap(err, "read the job after it was lost") // the janitor cleans up
	}
	if job.Status.Final() && !kept(job) {
		a.s.cleanUp(ctx, job)
	}
	return nil
}

// transient reports whether another attempt may succeed where one failed with this code.
func transient(code export.Code) bool {
	switch code {
	case export.CodeDatabase, export.CodeIncomplete, export.CodeStorage, export.CodeUnavailable:
		return true
	default:
		return false
	}
}

func sentence(code export.Code) string {
	switch code {
	case export.CodeDatabase:
		return "The user database did not answer."
	case export.CodeIncomplete:
		return "The user database broke off reading again and again."
	case export.CodeStorage:
		return "The file storage did not answer."
	default:
		return "A service that the export needs did not answer."
	}
}

// failureOf says why a job failed, without anything of the cause that is not meant to be shown.
func failureOf(err error) export.Failure {
	if e, ok := errors.AsType[*export.Error](err); ok && e.Code != export.CodeInternal {
		return export.Failure{Code: e.Code, Message: e.Message}
	}
	return export.Failure{Code: export.CodeInternal, Message: "Something went wrong on our side."}
}

func gaveUp(last string) export.Failure {
	return export.Failure{
		Code:    export.CodeGaveUp,
		Message: fmt.Sprintf("%d attempts in a row ended without finishing. %s", MaxStalled, last),
	}
}
