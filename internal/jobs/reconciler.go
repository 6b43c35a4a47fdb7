package jobs

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// maxAhead bounds the search for a usable attempt number.
const maxAhead = 100

// takenTasks records when a task was first seen taken although its job was not. Only the reconciler
// uses it.
type takenTasks map[task]time.Time

// jobs returns the ids of the tasks' jobs.
func (t takenTasks) jobs() map[string]bool {
	ids := map[string]bool{}
	for task := range t {
		ids[task.job] = true
	}
	return ids
}

type task struct {
	job     string
	attempt int64
}

// reconciler finds jobs that no worker runs, and queues or ends them.
type reconciler struct {
	*core
	ender   *ender
	requeue signal // some queued jobs may have no task in the queue
	taken   takenTasks
}

// run queues jobs that no worker runs, until ctx ends.
func (r *reconciler) run(ctx context.Context) {
	stale := time.NewTicker(r.set.ReconcileEvery)
	defer stale.Stop()
	queued := time.NewTicker(r.set.RequeueEvery)
	defer queued.Stop()
	all := true // at start
	for {
		err := r.reconcile(ctx, all)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.log.WarnContext(ctx, "cannot reconcile all jobs; retrying", "error", err)
		}
		all = all && err != nil
		select {
		case <-ctx.Done():
			return
		case <-stale.C:
		case <-queued.C:
			all = true
		case <-r.requeue:
			all = true
		}
	}
}

// reconcile checks every live job once: jobs that are stale or whose task was taken, and with all
// also every queued job. A worker that took a task may run another job for a long time.
func (r *reconciler) reconcile(ctx context.Context, all bool) error {
	seen, wasTaken := takenTasks{}, r.taken.jobs()
	setLocks := all
	var refused error // why the queue refused; this round does not call it again
	err := r.eachLive(ctx, func(job *export.Job) error {
		if setLocks {
			if err := r.restoreLock(ctx, job); err != nil {
				r.log.DebugContext(ctx, "cannot set the lock", "job", job.ID, "error", err)
				setLocks = false // a lock that hangs must not delay jobs that wait for an attempt
			}
		}
		switch {
		case job.Mode == export.Sync:
			return r.endAbandonedStream(ctx, job)
		case r.stale(job) && exhausted(job.Heartbeat, job.Stalled):
			return r.giveUp(ctx, job)
		case r.stale(job), (all || wasTaken[job.ID]) && job.Status == export.Queued:
			if refused == nil {
				err := r.wake(ctx, job, seen)
				if q, ok := errors.AsType[queueError](err); ok && ctx.Err() == nil {
					refused = q
				} else if err != nil {
					return err
				}
			}
			_, err := r.recordQueueState(ctx, job, refused)
			return err
		}
		return nil
	})
	if all {
		r.taken = seen
	} else {
		maps.Copy(r.taken, seen)
	}
	return errors.Join(err, refused)
}

// wake queues the next attempt of a job, unless one is on its way. doc.go explains why this loses
// no job. A failure of the queue is a queueError.
func (r *reconciler) wake(ctx context.Context, job *export.Job, seen takenTasks) error {
	for n := job.Attempt + 1; n <= job.Attempt+maxAhead; n++ {
		at, claimed, err := r.store.Claimed(ctx, job.ID, n)
		if err != nil {
			return err
		}
		if claimed {
			if r.now().Sub(at) <= r.set.StaleAfter {
				return nil
			}
			continue
		}
		state, err := r.queue.Enqueue(ctx, job.ID, n)
		if err != nil {
			return queueError{err}
		}
		if state == TaskWaiting || state == TaskTaken && !r.takenTooLong(task{job.ID, n}, seen) {
			return nil
		}
	}
	r.log.ErrorContext(ctx, "no usable attempt number found", "job", job.ID, "attempt", job.Attempt)
	return nil
}

// takenTooLong reports whether the task was taken more than StaleAfter ago and its job still was
// not.
func (r *reconciler) takenTooLong(t task, seen takenTasks) bool {
	now := r.now()
	since, known := r.taken[t]
	if !known {
		since = now
	}
	seen[t] = since
	return now.Sub(since) > r.set.StaleAfter
}

// giveUp fails a job whose attempts keep stopping without a result.
func (r *reconciler) giveUp(ctx context.Context, job *export.Job) error {
	failure := gaveUpFailure("The last one stopped without reporting a reason.")
	_, err := r.ender.endFromOutside(ctx, job, r.ender.endingFailed(failure))
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// endAbandonedStream ends a sync job whose client never opened the stream or never confirmed the
// file, or whose stream stopped without a result.
func (r *reconciler) endAbandonedStream(ctx context.Context, job *export.Job) (err error) {
	switch d := job.Delivery; {
	case d == nil && r.stale(job):
		failure := export.Failure{Code: errs.CodeReadIncomplete, Message: "The download was interrupted."}
		_, err = r.ender.endFromOutside(ctx, job, r.ender.endingFailed(failure))
	case d != nil && r.now().After(d.Until):
		reason := export.CancelNotOpened
		if d.File != nil {
			reason = export.CancelNotConfirmed
		}
		_, err = r.ender.endFromOutside(ctx, job, r.ender.endingWithoutClient(reason))
	}
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}
