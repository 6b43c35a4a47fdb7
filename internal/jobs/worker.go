package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// worker runs attempts of jobs.
type worker struct {
	*core
	order    *queueReader
	ender    *ender
	janitor  *janitor
	executor Executor
	running  *runningAttempts
}

// work handles a wake-up; see Service.Work.
func (w *worker) work(ctx context.Context, jobID string, n int64) error {
	job, err := w.nextJob(ctx)
	if err != nil || job == nil {
		return err
	}
	w.log.DebugContext(ctx, "took a job after a wake-up", "wakeup", jobID, "number", n, "job", job.ID)
	a := w.newAttempt(ctx, job)
	defer a.close()

	var wg sync.WaitGroup
	wg.Go(a.heartbeatLoop)
	wg.Go(a.publishLoop)
	res, err := a.run()
	err = a.conclude(ctx, res, err)
	a.endOwnership(errAttemptEnded)
	wg.Wait()
	return err
}

// nextJob takes the next job in the queue order and begins its attempt. It returns nil if no job
// waits. If another worker takes a job first, nextJob skips it and reads the queue again. It also
// skips a job that cannot be taken, up to maxTries times: a damaged record must not block all other
// jobs.
func (w *worker) nextJob(ctx context.Context) (*export.Job, error) {
	skipped, failures := map[string]bool{}, []error(nil)
	for len(failures) < maxTries {
		l, err := w.order.readQueue(ctx)
		if err != nil {
			return nil, wrap(errors.Join(append(failures, err)...), "read the queue")
		}
		waiting := w.order.waiting(l, skipped)
		next := slices.IndexFunc(waiting, func(p queuePlace) bool { return !p.held })
		if next < 0 {
			break
		}
		begun, err := w.takeJob(ctx, waiting[next].ID, l.nextTurn())
		if begun != nil {
			return begun, nil
		}
		if err != nil {
			w.log.WarnContext(ctx, "cannot take a job; trying the next one", "job", waiting[next].ID, "error", err)
			failures = append(failures, err)
		}
		skipped[waiting[next].ID] = true
	}
	return nil, errors.Join(failures...)
}

// takeJob takes a waiting job and records its tenant's turn. It returns nil if another worker was
// faster.
func (w *worker) takeJob(ctx context.Context, id string, turn int64) (*export.Job, error) {
	job, err := w.store.Job(ctx, id)
	if errors.Is(err, ErrNoJob) || err == nil && !w.order.waits(EntryOf(job)) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap(err, "read the job")
	}
	n, err := w.claim(ctx, job)
	if err != nil || n == 0 {
		return nil, err
	}
	// Record the turn before the job runs, so that other workers see it. If it is lost, the tenant's next
	// turn comes too early.
	if err := w.store.TakeTurn(ctx, job.Tenant, turn); err != nil {
		w.log.WarnContext(ctx, "cannot record the tenant's turn", "tenant", job.Tenant, "error", err)
	}
	return w.begin(ctx, job, n)
}

// claim claims the first number that can still become an attempt of a waiting job. It returns 0 if
// another worker is about to begin one. A number that was claimed long ago is lost: that worker
// died before its first write.
func (w *worker) claim(ctx context.Context, job *export.Job) (n int64, err error) {
	for n := job.Attempt + 1; n <= job.Attempt+maxAhead; n++ {
		won, err := w.store.Claim(ctx, job.ID, n, w.time())
		if err != nil {
			return 0, wrap(err, "claim the attempt")
		}
		if won {
			return n, nil
		}
		at, claimed, err := w.store.Claimed(ctx, job.ID, n)
		if err != nil {
			return 0, wrap(err, "read the claim")
		}
		if !claimed || w.now().Sub(at) <= w.set.StaleAfter {
			return 0, nil
		}
	}
	return 0, nil
}

// claimAndBegin claims attempt n of the job as it was read and begins it. It returns nil if another
// process was faster.
func (w *worker) claimAndBegin(ctx context.Context, job *export.Job, n int64) (*export.Job, error) {
	won, err := w.store.Claim(ctx, job.ID, n, w.time())
	if err != nil {
		return nil, wrap(err, "claim the attempt")
	}
	if !won {
		return nil, nil
	}
	return w.begin(ctx, job, n)
}

// begin starts attempt n, which the caller has claimed, of the job as it was read. It returns nil
// if the job has changed since.
func (w *worker) begin(ctx context.Context, job *export.Job, n int64) (*export.Job, error) {
	begun := w.started(job, n)
	err := w.store.Update(ctx, begun, Exactly(job))
	for tries := 1; errors.Is(err, ErrConflict); tries++ {
		now := w.reloadForClaim(ctx, job)
		if now == nil || tries == maxTries {
			return nil, nil
		}
		job, begun = now, w.started(now, n)
		err = w.store.Update(ctx, begun, Exactly(job))
	}
	if err != nil {
		return nil, wrap(err, "begin the attempt")
	}
	w.log.InfoContext(ctx, "attempt began", "job", job.ID, "tenant", job.Tenant, "attempt", n)
	w.updates.publish(begun)
	w.publishQueueChanged(job)
	return begun, nil
}

// reloadForClaim reads a job again after a conflict. It returns the job if only the note why it
// waits has changed: the claim of its next attempt is then still valid. Otherwise, or if the read
// fails, it returns nil.
func (w *worker) reloadForClaim(ctx context.Context, job *export.Job) *export.Job {
	now, err := w.store.Job(ctx, job.ID)
	switch {
	case err != nil:
		return nil
	case now.Status.Final():
		w.unclaim(ctx, job.ID)
		return nil
	case now.Mode != export.Async, now.Attempt != job.Attempt, !w.order.waits(EntryOf(now)):
		return nil
	}
	return now
}

// exhausted reports whether a job with a stale heartbeat has had the maximum number of attempts
// without progress.
func exhausted(heartbeat time.Time, stalled int) bool {
	return !heartbeat.IsZero() && stalled+1 >= MaxStalled
}

// started returns the job as of the start of attempt n.
func (w *worker) started(job *export.Job, n int64) *export.Job {
	now := w.time()
	begun := *job
	begun.Attempt, begun.Sequence, begun.Heartbeat = n, 1, now
	begun.Status, begun.Progress.Phase, begun.Dirty = export.Preparing, export.Preparing, true
	clearRates(&begun.Progress)
	if begun.Retry != nil && begun.Retry.Reason.OfQueue() {
		begun.Retry = nil
	}
	if begun.StartedAt == nil {
		begun.StartedAt = &now
	}
	if job.Mode == export.Sync { // each stream is a new attempt; streams are not resumed
		begun.Delivery = nil
		if job.Status.Running() {
			begun.Status, begun.Progress.Phase = job.Status, job.Status
		}
		return &begun
	}
	if job.Status.Running() {
		begun.Resumes++
		if !handedBack(job) {
			begun.Stalled++
		}
		begun.History = appendEvent(job.History, export.Event{
			Time: now, Kind: "attempt", Message: fmt.Sprintf("Attempt %d began.", begun.Resumes+1),
		})
	}
	return &begun
}

// handedBack reports whether the last worker of a running job handed it back.
func handedBack(job *export.Job) bool { return job.Heartbeat.IsZero() }
