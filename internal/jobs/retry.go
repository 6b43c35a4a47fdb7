package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// RetryPauses returns the delays between attempts of a job that makes no progress, in order. After
// the last delay the job has one more attempt, and fails with it.
func (s Settings) RetryPauses() []time.Duration {
	s = s.withDefaults()
	pauses := make([]time.Duration, 0, MaxStalled-1)
	for n := 1; n < MaxStalled; n++ {
		pauses = append(pauses, s.retryDelay(n))
	}
	return pauses
}

// attemptRetry returns the Retry of a job that had so many failures in a row and gets another
// attempt.
func attemptRetry(code errs.Code, cause error, failures int, at time.Time) *export.Retry {
	r := &export.Retry{At: new(export.NewTime(at)), Attempt: new(failures + 1), Of: new(MaxStalled)}
	switch code {
	case errs.CodeStorageUnavailable:
		r.Reason, r.Message = export.RetryStorage, "The file storage is not responding."
	case errs.CodeDatabaseUnavailable:
		r.Reason, r.Message = export.RetryDatabase, "The user database is not responding."
	case errs.CodeReadIncomplete:
		r.Reason, r.Message = export.RetryIncomplete, "The user database stopped sending data."
	default:
		r.Reason, r.Message = export.RetryUnavailable, "A service that the export needs is not responding."
		if errors.Is(cause, errStuck) {
			r.Message = errStuck.Message
		}
	}
	return r
}

// queueRetry returns the Retry of a job that the queue or the lock refuses.
func queueRetry(refused error) *export.Retry {
	r := &export.Retry{Reason: export.RetryQueueUnreached}
	reason := "Redis does not answer."
	if o, ok := errors.AsType[*errs.OutageError](refused); ok {
		reason = o.Message
		switch {
		case o.Kind == errs.OutageOutOfMemory:
			r.Reason = export.RetryQueueMemory
		case o.Kind.Permanent():
			r.Reason = export.RetryQueueRefused
		}
	}
	r.Message = "The queue does not accept work: " + reason
	return r
}

// queueError is a failure of the queue, not of the store.
type queueError struct{ error }

func (e queueError) Unwrap() error { return e.error }

// recordQueueState records why a job without a worker waits for the queue, or with nil that it is
// in the queue. It returns the job's new state, or the job unchanged if nothing changes or another
// process was faster. The attempt stays the same, so that an owner that returns is not fenced; a
// worker that takes the job at this moment reads it again.
func (c *core) recordQueueState(ctx context.Context, job *export.Job, refused error) (*export.Job, error) {
	var retry *export.Retry
	if refused != nil {
		retry = queueRetry(refused)
	} else if job.Retry == nil || !job.Retry.Reason.OfQueue() {
		return job, nil
	}
	if job.Retry.Same(retry) {
		return job, nil
	}
	updated := *job
	updated.Sequence++
	updated.Retry = retry
	if retry != nil {
		updated.History = appendEvent(job.History, export.Event{Time: c.time(), Kind: "waiting", Message: retry.Message})
	}
	err := c.store.Update(ctx, &updated, Exactly(job))
	if errors.Is(err, ErrConflict) {
		return job, nil
	}
	if err != nil {
		return nil, wrap(err, "record why the job waits")
	}
	c.updates.publish(&updated)
	return &updated, nil
}

// recovery detects that the dependency that a job waited for works again. The attempt's mutex
// guards it.
type recovery struct {
	rows *int64 // at the attempt's first progress; nil before
	done bool
}

// observe takes an attempt's progress. Rows show that a dependency works again, except for storage:
// only a new checkpoint shows that.
func (r *recovery) observe(p export.Progress, retry *export.Retry) {
	if retry == nil || retry.Reason == export.RetryStorage {
		return
	}
	rows := p.Users.Rows
	if p.StateEvents != nil {
		rows += p.StateEvents.Rows
	}
	if r.rows == nil {
		r.rows = &rows
	}
	r.done = r.done || rows > *r.rows
}
