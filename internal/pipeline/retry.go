package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// retryBudget limits how many cursors the database may lose in a row.
type retryBudget struct {
	limit    int           // failures in a row after which the run fails
	delay    time.Duration // after the second failure; doubled after each further one
	failures int
}

// wait records a failure of the user database and waits before the next try. It returns an error,
// which ends the run, if err is not ErrCursorLost or if the budget is spent.
func (b *retryBudget) wait(ctx context.Context, err error, onLoss func()) error {
	if !errors.Is(err, ErrCursorLost) {
		return wrapFailure(ctx, errs.CodeDatabaseUnavailable, err, msgReadFailed)
	}
	if b.failures++; b.failures > b.limit {
		return errs.Wrap(errs.CodeReadIncomplete, err, "The user database lost the cursor too many times in a row.")
	}
	if onLoss != nil {
		onLoss()
	}
	if b.failures == 1 {
		return nil
	}
	return sleep(ctx, b.delay<<(b.failures-2))
}

// retryReads calls read until it succeeds or the retry budget is spent.
func (t *task) retryReads(ctx context.Context, onLoss func(), read func() error) error {
	budget := t.newRetryBudget()
	for {
		err := read()
		if err == nil {
			return nil
		}
		if err := budget.wait(ctx, err, onLoss); err != nil {
			return err
		}
	}
}

func (t *task) newRetryBudget() retryBudget {
	return retryBudget{limit: t.settings.CursorRetries, delay: t.settings.RetryDelay}
}

// sleep waits for d. It returns the cause of ctx if ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
