package jobs

import (
	"context"
	"errors"

	"github.com/egress-io/egress/internal/export"
)

// TakeOver makes the jobs of a process that died due at once, instead of when their heartbeats are
// stale. Call it before workers start, and only if no other process can use the store: the lock of
// the embedded database proves that. It starts the next attempt of each job that the process ran, so
// a write of the old attempt would fail. Jobs that wait after a failure keep their delay.
func (s *Service) TakeOver(ctx context.Context) error {
	return s.eachLive(ctx, func(job *export.Job) error {
		if err := s.freeClaim(ctx, job); err != nil {
			return err
		}
		if !s.owned(job) {
			return nil
		}
		now := s.time()
		taken := *job
		taken.Attempt, taken.Sequence = job.Attempt+1, 1
		taken.Heartbeat = export.NewTime(now.Add(-2 * s.set.StaleAfter)).Time // stale, and counts as an attempt
		taken.History = appendEvent(job.History, export.Event{
			Time: now, Kind: "interrupted", Message: "The server stopped during the export.",
		})
		err := s.store.Update(ctx, &taken, Exactly(job))
		if errors.Is(err, ErrConflict) {
			return nil // ended meanwhile
		}
		if err != nil {
			return wrap(err, "take over a job")
		}
		s.log.InfoContext(ctx, "took over a job of a process that died", "job", job.ID, "tenant", job.Tenant, "attempt", job.Attempt)
		return nil
	})
}

// freeClaim deletes the claim of a worker that died before the first write of its attempt.
func (s *Service) freeClaim(ctx context.Context, job *export.Job) error {
	_, claimed, err := s.store.Claimed(ctx, job.ID, job.Attempt+1)
	if err == nil && claimed {
		err = s.store.DeleteClaims(ctx, job.ID)
	}
	if err != nil {
		return wrap(err, "free the claim of a job")
	}
	return nil
}

// owned reports whether a running attempt wrote the job's heartbeat. It is false for a job that a
// worker handed back, that waits for its next attempt after a failure, or that waits for its client.
func (s *Service) owned(job *export.Job) bool {
	waits := job.Retry != nil && job.Retry.At != nil && job.Retry.At.After(s.now())
	return job.Status.Running() && !handedBack(job) && !waits && job.Delivery == nil
}
