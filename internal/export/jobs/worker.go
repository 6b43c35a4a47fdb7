package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

// Work runs attempt n of a job, if the job is to be had: it is queued, or its last attempt has gone stale, and nobody
// else took the attempt. It returns when nothing of the run is under way any more. When ctx ends, the job is handed
// back for another worker to take at once. The error is for the log; the job has heard of it.
func (s *Service) Work(ctx context.Context, jobID string, n int64) error {
	job, err := s.begin(ctx, jobID, n)
	if err != nil || job == nil {
		return err
	}
	a := s.newAttempt(ctx, job)
	defer a.close()

	var wg sync.WaitGroup
	wg.Go(a.beat)
	wg.Go(a.tell)
	res, err := a.execute()
	err = a.settle(ctx, res, err)
	a.disown(errEnded)
	wg.Wait()
	return err
}

// begin claims an attempt and makes it the job's. It returns nil where there is nothing to do.
func (s *Service) begin(ctx context.Context, id string, n int64) (*export.Job, error) {
	job, err := s.store.Job(ctx, id)
	if errors.Is(err, ErrNoJob) || err == nil && !s.free(job, n) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap(err, "read the job")
	}
	return s.take(ctx, job, n)
}

// take makes attempt n the job's, as it was read. It returns nil where somebody else was faster.
func (s *Service) take(ctx context.Context, job *export.Job, n int64) (*export.Job, error) {
	id := job.ID
	won, err := s.store.Claim(ctx, id, n, s.time())
	if err != nil {
		return nil, wrap(err, "claim the attempt")
	}
	if !won {
		return nil, nil
	}
	begun := s.begun(job, n)
	err = s.store.Update(ctx, begun, Exactly(job))
	if errors.Is(err, ErrConflict) {
		if now, err := s.store.Job(ctx, id); err == nil && now.Status.Final() {
			s.unclaim(ctx, id)
		}
		return nil, nil
	}
	if err != nil {
		return nil, wrap(err, "begin the attempt")
	}
	s.log.InfoContext(ctx, "attempt began", "job", id, "tenant", job.Tenant, "attempt", n)
	s.news.job(begun)
	if job.Status == export.Queued {
		s.queueMoved(job)
	}
	return begun, nil
}

// free reports whether attempt n may take the job.
func (s *Service) free(job *export.Job, n int64) bool {
	return job.Mode == export.Async && job.Attempt < n && (job.Status == export.Queued || s.stale(job))
}

// stale reports whether the attempt that runs a job has given no sign of life for too long, or handed it back.
func (s *Service) stale(job *export.Job) bool {
	return job.Status.Running() && s.now().Sub(job.Heartbeat) > s.set.StaleAfter
}

// begun is the job as attempt n begins.
func (s *Service) begun(job *export.Job, n int64) *export.Job {
	now := s.time()
	begun := *job
	begun.Attempt, begun.Sequence, begun.Heartbeat = n, 1, now
	begun.Status, begun.Progress.Phase, begun.Dirty = export.Preparing, export.Preparing, true
	halt(&begun.Progress)
	if begun.StartedAt == nil {
		begun.StartedAt = &now
	}
	if job.Mode == export.Sync { // each stream is an attempt, and none is gone on with
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

// handedBack reports whether the last attempt gave a running job back in good order.
func handedBack(job *export.Job) bool { return job.Heartbeat.IsZero() }

// execute runs the executor and turns a panic into an error.
func (a *attempt) execute() (res run.Result, err error) {
	defer a.catch(&err)
	return a.s.executor.Run(a.running, a.view(), a)
}

// catch is deferred: it turns a panic into an error.
func (a *attempt) catch(err *error) {
	if p := recover(); p != nil {
		a.log.Error("the run panicked", "panic", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("run: panic: %v", p)
	}
}

// beat gives a sign of life at every interval, soon after a new checkpoint, and at once when someone says that the job may
// have changed.
func (a *attempt) beat() {
	ticker := time.NewTicker(a.s.set.HeartbeatEvery)
	defer ticker.Stop()
	var checkpoint <-chan time.Time
	for {
		select {
		case <-a.owned.Done():
			return
		case <-a.moved:
			if checkpoint == nil {
				checkpoint = time.After(a.s.set.PublishEvery)
			}
			continue
		case <-checkpoint:
		case <-ticker.C:
		case <-a.look:
		}
		checkpoint = nil
		if err := a.persist(a.owned, nil); err != nil && !errors.Is(err, run.ErrFenced) && a.owned.Err() == nil {
			a.log.Warn("no sign of life could be written", "error", err)
		}
	}
}

// tell publishes progress, at most once in an interval, and at once when the phase changes.
func (a *attempt) tell() {
	ticker := time.NewTicker(a.s.set.PublishEvery)
	defer ticker.Stop()
	for {
		select {
		case <-a.owned.Done():
			return
		case <-ticker.C:
		case <-a.phase:
			a.look.raise() // the status follows the phase: keep it now
		}
		a.publishProgress()
	}
}
