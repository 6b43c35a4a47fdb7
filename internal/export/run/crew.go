package run

import (
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/export"
)

// crew is the goroutines of a run. The first of them that fails ends the context of all, and a panic is such a failure: it
// must not take down a process in which others' exports run.
type crew struct{ group *errgroup.Group }

func newCrew(ctx context.Context) (crew, context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	return crew{group}, ctx
}

// Go runs f.
func (c crew) Go(f func() error) { c.group.Go(func() error { return caught(f) }) }

// wait returns the first error once every goroutine has returned.
func (c crew) wait() error { return c.group.Wait() }

func caught(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = export.Wrap(export.CodeInternal, fmt.Errorf("panic: %v\n%s", p, debug.Stack()), "Something went wrong on our side.")
		}
	}()
	return f()
}
