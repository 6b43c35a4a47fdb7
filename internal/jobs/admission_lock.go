package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// How long a request waits until the holder of the lock appears in the store: the first wait, and the
// last one before the request takes the lock over. Each wait is twice the one before.
const (
	firstHolderWait = 20 * time.Millisecond
	lastHolderWait  = 320 * time.Millisecond
)

// lockError means that the lock is unavailable: admission continues without it.
type lockError struct{ error }

func (e lockError) Unwrap() error { return e.error }

func lockUnavailable(err error) bool {
	_, ok := errors.AsType[lockError](err)
	return ok
}

// acquireLock acquires the lock for a new job. It takes the lock over if the holder is final or
// does not exist. Errors: a *holderError if a live job holds the lock; a lockError if the lock is
// unavailable.
func (a *admitter) acquireLock(ctx context.Context, job *export.Job) error {
	slot := SlotOf(job)
	wait := firstHolderWait
	holder, err := a.lock.Take(ctx, slot, job.ID)
	for range maxTries {
		if err != nil {
			a.log.WarnContext(ctx, "the lock is unavailable; the database alone decides on admission", "error", err)
			return lockError{err}
		}
		if holder == job.ID {
			return nil
		}
		live, getErr := a.sharedRead("job "+holder, func(ctx context.Context) (*export.Job, error) { return a.store.Job(ctx, holder) })
		switch {
		case getErr == nil && live.Status.Live() && SlotOf(live) == slot:
			return &holderError{live}
		case getErr != nil && !errors.Is(getErr, ErrNoJob):
			return unavailable(getErr, "read the job that holds the lock")
		}
		if getErr != nil && wait <= lastHolderWait {
			// The holder is probably being inserted right now. Hundreds of competing inserts would only
			// slow it down.
			if err := pause(ctx, wait); err != nil {
				return err
			}
			wait *= 2
			holder, err = a.lock.Take(ctx, slot, job.ID)
			continue
		}
		// Even if the holder is inserted later, taking over is correct: the insert decides, and then sets
		// the lock for its winner.
		var done bool
		if done, err = a.lock.TakeOver(ctx, slot, holder, job.ID); err == nil {
			if done {
				return nil
			}
			holder, err = a.lock.Take(ctx, slot, job.ID)
		}
	}
	return nil // other requests compete for the lock; the insert decides
}

// sharedRead reads a job. Concurrent reads with the same key share one query, so that a flood of
// duplicates costs the database one read. The caller must not change the job.
func (a *admitter) sharedRead(key string, read func(context.Context) (*export.Job, error)) (*export.Job, error) {
	v, err, _ := a.reads.Do(key, func() (any, error) {
		return read(context.Background()) // the request that started the read may be cancelled
	})
	job, _ := v.(*export.Job)
	return job, err
}

// pause waits for d. It returns the error of ctx if ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
