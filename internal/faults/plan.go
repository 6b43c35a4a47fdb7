// Package faults injects failures into the ports of an export, for tests: the nth call of a port
// fails as a network, a database or a storage may fail. It waits only on calls and contexts, never
// on a clock, and everything that it starts has ended when [Plan.Settle] returns.
package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// ErrBroken is the error of a call that fails.
var ErrBroken = errors.New("faults: broken")

// Port is a port of an export.
type Port string

// The ports.
const (
	Users     Port = "users"
	Snapshots Port = "snapshots"
	Directory Port = "directory"
	Storage   Port = "storage"
	Store     Port = "store"
	Lock      Port = "lock"
	Queue     Port = "queue"
	Bus       Port = "bus"
)

// Kind is what happens to a call.
type Kind string

// The kinds. The first three apply to every call, the others only to calls for which they make sense.
const (
	Fails  Kind = "fails"  // return an error and do nothing
	Hangs  Kind = "hangs"  // block until the context ends
	Delays Kind = "delays" // run only when several later calls have run

	HalfWrites Kind = "half-writes" // do all or half of the work, and return an error
	Late       Kind = "late"        // return an error, and do the work when several later calls have run

	Loses    Kind = "loses"    // the database forgets the cursor
	Torn     Kind = "torn"     // a truncated document
	Swapped  Kind = "swapped"  // two documents in the wrong order
	Repeated Kind = "repeated" // the same document twice
	Garbage  Kind = "garbage"  // a wrong ETag, size, byte or holder
)

// universalKinds apply to every call.
var universalKinds = []Kind{Fails, Hangs, Delays}

// MayFailJob reports whether the job may fail because of this kind: the port returns wrong data.
// After every other kind a retry succeeds.
func (k Kind) MayFailJob() bool { return slices.Contains([]Kind{Torn, Swapped, Repeated, Garbage}, k) }

// Fault happens once: to the nth call, from 1, of a port's calls to which its kind applies. With an
// Op, it happens to the nth call of that operation.
type Fault struct {
	Port Port
	Kind Kind
	Call int
	Op   string
}

// overtakingCalls is how many later calls run before a delayed or late one.
const overtakingCalls = 5

// Plan holds the faults of one test. It counts the calls of all ports that it wraps. It is safe for
// concurrent use.
type Plan struct {
	answer time.Duration
	faults []Fault
	late   sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	total   int
	called  chan struct{} // closed at the next call
	settled chan struct{} // closed by Settle
	ops     map[string]int
	counts  map[Port]map[Kind]int
	met     map[Fault]string // the operation of each fault that happened
}

// New returns a plan. A lock, a queue and a bus that hang return after answer, as their ports
// guarantee.
func New(answer time.Duration, faults ...Fault) *Plan {
	return &Plan{
		answer: answer, faults: faults, called: make(chan struct{}), settled: make(chan struct{}),
		ops: map[string]int{}, counts: map[Port]map[Kind]int{}, met: map[Fault]string{},
	}
}

// Counts returns the number of calls, by port and by each kind that applies to them.
func (p *Plan) Counts() map[Port]map[Kind]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[Port]map[Kind]int{}
	for port, kinds := range p.counts {
		all[port] = maps.Clone(kinds)
	}
	return all
}

// Ops returns the number of calls of each operation, by "port: operation".
func (p *Plan) Ops() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.ops)
}

// Met returns the operation to which a fault happened, or "" if it did not happen.
func (p *Plan) Met(f Fault) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.met[f]
}

// Settle releases all held calls and blocks until they have ended. After that, no fault happens.
func (p *Plan) Settle() {
	p.mu.Lock()
	select {
	case <-p.settled:
	default:
		close(p.settled)
	}
	p.mu.Unlock()
	p.late.Wait()
}

// nextFault counts a call and returns the kind of fault for it, or "" for none. Extra are the kinds
// that apply to the call in addition to the universal ones.
func (p *Plan) nextFault(port Port, op string, extra ...Kind) Kind {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total++
	close(p.called)
	p.called = make(chan struct{})
	p.ops[opKey(port, op)]++
	if p.counts[port] == nil {
		p.counts[port] = map[Kind]int{}
	}
	for _, kind := range append(universalKinds[:3:3], extra...) {
		p.counts[port][kind]++
	}
	select {
	case <-p.settled:
		return ""
	default:
	}
	for _, f := range p.faults {
		n, matches := p.counts[port][f.Kind], f.Port == port && slices.Contains(append(universalKinds[:3:3], extra...), f.Kind)
		if f.Op != "" {
			n, matches = p.ops[opKey(port, op)], matches && f.Op == op
		}
		if matches && n == f.Call {
			p.met[f] = op
			return f.Kind
		}
	}
	return ""
}

func opKey(port Port, op string) string { return string(port) + ": " + op }

// wait blocks until enough later calls were made, Settle is called, or ctx ends.
func (p *Plan) wait(ctx context.Context) error {
	p.mu.Lock()
	until := p.total + overtakingCalls
	p.mu.Unlock()
	for {
		p.mu.Lock()
		called, done := p.called, p.total >= until
		p.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-called:
		case <-p.settled:
			return nil
		case <-ctx.Done():
			return contextEnded(ctx)
		}
	}
}

// contextEnded returns the error of a call whose context has ended.
func contextEnded(ctx context.Context) error { return fmt.Errorf("faults: no answer: %w", ctx.Err()) }

// inject makes a call with a fault of the given kind.
func inject[T any](ctx context.Context, p *Plan, kind Kind, call func(context.Context) (T, error)) (answer T, err error) {
	switch kind {
	case Fails:
		return answer, ErrBroken
	case Hangs:
		<-ctx.Done()
		return answer, contextEnded(ctx)
	case Delays:
		if err := p.wait(ctx); err != nil {
			return answer, err
		}
		return call(ctx)
	case HalfWrites:
		if _, err := call(ctx); err != nil {
			return answer, err
		}
		return answer, ErrBroken
	case Late:
		p.late.Go(func() {
			ctx := context.WithoutCancel(ctx)
			_ = p.wait(ctx)  // returns when the plan settles, at the latest
			_, _ = call(ctx) // nobody receives the result
		})
		return answer, ErrBroken
	default:
		return call(ctx)
	}
}

// readCall makes a call that only reads.
func readCall[T any](ctx context.Context, p *Plan, port Port, op string, call func(context.Context) (T, error)) (T, error) {
	return inject(ctx, p, p.nextFault(port, op), call)
}

// writeCall makes a call that writes and returns only an error.
func writeCall(ctx context.Context, p *Plan, port Port, op string, call func(context.Context) error) error {
	_, err := writeResult(ctx, p, port, op, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}

// writeResult makes a call that writes and returns a result.
func writeResult[T any](ctx context.Context, p *Plan, port Port, op string, call func(context.Context) (T, error)) (T, error) {
	return inject(ctx, p, p.nextFault(port, op, HalfWrites, Late), call)
}
