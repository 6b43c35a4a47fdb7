package jobs

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// maxAhead bounds the search for an attempt number that can still be used.
const maxAhead = 100

// takenTasks remembers since when tasks were seen taken without a claim. Only the reconciler uses it.
type takenTasks map[task]time.Time

type task struct {
	job     string
	attempt int64
}

// reconcileLoop looks for jobs that nobody works on until ctx ends.
func (s *Service) reconcileLoop(ctx context.Context) {
	stale := time.NewTicker(s.set.ReconcileEvery)
	defer stale.Stop()
	queued := time.NewTicker(s.set.RequeueEvery)
	defer queued.Stop()
	all := true // at start
	for {
		err := s.reconcile(ctx, all)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.log.WarnContext(ctx, "cannot look after all jobs; trying again", "error", err)
		}
		// A task that somebody took and has not claimed is looked at again soon.
		all = all && err != nil || len(s.taken) > 0
		select {
		case <-ctx.Done():
			return
		case <-stale.C:
		case <-queued.C:
			all = true
		case <-s.requeue:
			all = true
		}
	}
}

// reconcile looks once after every live job: after those that are stale, and with all after queued ones, too.
func (s *Service) reconcile(ctx context.Context, all bool) error {
	seen := takenTasks{}
	gates := all
	err := s.eachLive(ctx, func(job *export.Job) error {
		if gates {
			if err := s.gate.Set(ctx, SlotOf(job), job.ID); err != nil {
				s.log.DebugContext(ctx, "cannot set the gate", "job", job.ID, "error", err)
				gates = false // a gate that hangs must not hold up those who wait for an attempt
			}
		}
		switch {
		case job.Mode == export.Sync:
			return s.endUnstreamed(ctx, job)
		case s.stale(job) && !handedBack(job) && job.Stalled+1 >= MaxStalled:
			return s.giveUp(ctx, job)
		case s.stale(job), all && job.Status == export.Queued:
			return s.wake(ctx, job, seen)
		}
		return nil
	})
	if all {
		s.taken = seen
	} else {
		maps.Copy(s.taken, seen)
	}
	return err
}

// wake queues the next attempt of a job, unless one is on its way. doc.go says why this leaves no job behind.
func (s *Service) wake(ctx context.Context, job *export.Job, seen takenTasks) error {
	for n := job.Attempt + 1; n <= job.Attempt+maxAhead; n++ {
		at, claimed, err := s.store.Claimed(ctx, job.ID, n)
		if err != nil {
			return err
		}
		if claimed {
			if s.now().Sub(at) <= s.set.StaleAfter {
				return nil
			}
			continue
		}
		state, err := s.queue.Enqueue(ctx, job.ID, n)
		if err != nil {
			return err
		}
		if state == TaskWaiting || state == TaskTaken && !s.takenTooLong(task{job.ID, n}, seen) {
			return nil
		}
	}
	s.log.ErrorContext(ctx, "no attempt number can be used", "job", job.ID, "attempt", job.Attempt)
	return nil
}

// takenTooLong reports whether a task was first seen taken, and not claimed, longer ago than a worker needs.
func (s *Service) takenTooLong(t task, seen takenTasks) bool {
	now := s.now()
	since, known := s.taken[t]
	if !known {
		since = now
	}
	seen[t] = since
	return now.Sub(since) > s.set.StaleAfter
}

// giveUp fails a job whose attempts keep ending without a word.
func (s *Service) giveUp(ctx context.Context, job *export.Job) error {
	failure := gaveUp("The last one stopped without a word.")
	_, err := s.endFromOutside(ctx, job, s.failed(failure))
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}
