package pipeline

import (
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/errs"
)

// group runs the goroutines of a run. The first failure cancels the context of all. A panic counts
// as a failure: it must not end a process that also runs other exports.
type group struct{ inner *errgroup.Group }

func newGroup(ctx context.Context) (group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	return group{g}, ctx
}

// Go runs f in a goroutine.
func (g group) Go(f func() error) { g.inner.Go(func() error { return recoverPanic(f) }) }

// wait blocks until every goroutine has returned, and returns the first error.
func (g group) wait() error { return g.inner.Wait() }

func recoverPanic(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errs.Wrap(errs.CodeInternal, fmt.Errorf("panic: %v\n%s", p, debug.Stack()), "Something went wrong on our side.")
		}
	}()
	return f()
}

// send sends v, or returns the cause of ctx. A failed run does not close its channels, so only ctx
// ends the wait.
func send[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// receive returns the next value, the zero value if the channel is closed, or the cause of ctx.
func receive[T any](ctx context.Context, from <-chan T) (T, error) {
	select {
	case v := <-from:
		return v, nil
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}
