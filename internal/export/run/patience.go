package run

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// patience counts the cursors that the database has lost in a row.
type patience struct {
	retries int           // losses in a row that are borne
	delay   time.Duration // after the second of them; doubled for each further one
	lost    int
}

// bear waits before the next try after an error of the user database. It returns the error that ends the run where the
// database did not just lose a cursor, or lost one too often.
func (p *patience) bear(ctx context.Context, err error, lost func()) error {
	if !errors.Is(err, ErrCursorLost) {
		return failed(ctx, export.CodeDatabase, err, readFailed)
	}
	if p.lost++; p.lost > p.retries {
		return export.Wrap(export.CodeIncomplete, err, "The user database broke off reading again and again.")
	}
	if lost != nil {
		lost()
	}
	if p.lost == 1 {
		return nil
	}
	return sleep(ctx, p.delay<<(p.lost-2))
}

// patiently calls do until it succeeds, as often as a lost cursor is borne.
func (t *task) patiently(ctx context.Context, lost func(), do func() error) error {
	p := t.patience()
	for {
		err := do()
		if err == nil {
			return nil
		}
		if err := p.bear(ctx, err, lost); err != nil {
			return err
		}
	}
}

func (t *task) patience() patience {
	return patience{retries: t.settings.Reopens, delay: t.settings.RetryDelay}
}

// sleep waits for d, or until ctx ends.
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
