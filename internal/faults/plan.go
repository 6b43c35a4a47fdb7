// Package faults lets the ports of an export go wrong, for tests: at the nth call of a port something happens that a network,
// a database or a storage may do. It waits on calls and contexts only, never on a clock of its own, and all that it starts
// has ended once [Plan.Settle] returns.
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

// ErrBroken is what a call that fails returns.
var ErrBroken = errors.New("faults: broken")

// Port is a port of an export.
type Port string

// The ports.
const (
	Users     Port = "users"
	Directory Port = "directory"
	Storage   Port = "storage"
	Store     Port = "store"
	Gate      Port = "gate"
	Queue     Port = "queue"
	Bus       Port = "bus"
)

// Kind is what happens in a call.
type Kind string

// The kinds. The first three may happen to every call, the others to those to which they mean something.
const (
	Fails  Kind = "fails"  // an error, and nothing is done
	Hangs  Kind = "hangs"  // until its context ends
	Delays Kind = "delays" // until others have gone first

	HalfWrites Kind = "half-writes" // done, or the half of it, and an error
	Late       Kind = "late"        // an error, and done all the same once others have gone first

	Loses    Kind = "loses"    // the database forgets the cursor
	Torn     Kind = "torn"     // a document that ends too soon
	Swapped  Kind = "swapped"  // two documents in the wrong order
	Repeated Kind = "repeated" // a document again
	Garbage  Kind = "garbage"  // another ETag, size, byte or holder than there is
)

// everyCall are the kinds that may happen to any call.
var everyCall = []Kind{Fails, Hangs, Delays}

// Lasting reports whether a kind is a lie that may rightly fail a job. After all others another try helps.
func (k Kind) Lasting() bool { return slices.Contains([]Kind{Torn, Swapped, Repeated, Garbage}, k) }

// Fault is something that happens once: at the nth call, from 1, of those of a port to which its kind may happen; with an Op,
// at the nth call of that operation.
type Fault struct {
	Port Port
	Kind Kind
	Call int
	Op   string
}

// others is how many calls go first where one is delayed, or late.
const others = 5

// Plan is the faults of one test. It counts the calls of all ports that it wraps. It is safe for concurrent use.
type Plan struct {
	answer time.Duration
	faults []Fault
	late   sync.WaitGroup

	mu      sync.Mutex // guards what follows
	total   int
	moved   chan struct{} // closed at the next call
	settled chan struct{} // closed when nothing is held back any more
	ops     map[string]int
	counts  map[Port]map[Kind]int
	met     map[Fault]string // the operations to which faults have happened
}

// New returns a plan. A gate, a queue and a bus that hang give up after answer, as their ports promise.
func New(answer time.Duration, faults ...Fault) *Plan {
	return &Plan{
		answer: answer, faults: faults, moved: make(chan struct{}), settled: make(chan struct{}),
		ops: map[string]int{}, counts: map[Port]map[Kind]int{}, met: map[Fault]string{},
	}
}

// Counts returns how many calls there were of each port to which each kind may happen.
func (p *Plan) Counts() map[Port]map[Kind]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[Port]map[Kind]int{}
	for port, kinds := range p.counts {
		all[port] = maps.Clone(kinds)
	}
	return all
}

// Ops returns how many calls there were of each operation, by "port: operation".
func (p *Plan) Ops() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.ops)
}

// Met returns the operation to which a fault has happened, "" where it has not.
func (p *Plan) Met(f Fault) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.met[f]
}

// Settle lets go of what is held back, and returns when all of it has ended. No fault happens from then on.
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

// next counts a call and returns what is to happen in it, "" for nothing. Beside the kinds of every call it may be one of can.
func (p *Plan) next(port Port, op string, can ...Kind) Kind {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total++
	close(p.moved)
	p.moved = make(chan struct{})
	p.ops[opOf(port, op)]++
	if p.counts[port] == nil {
		p.counts[port] = map[Kind]int{}
	}
	for _, kind := range append(everyCall[:3:3], can...) {
		p.counts[port][kind]++
	}
	select {
	case <-p.settled:
		return ""
	default:
	}
	for _, f := range p.faults {
		n, may := p.counts[port][f.Kind], f.Port == port && slices.Contains(append(everyCall[:3:3], can...), f.Kind)
		if f.Op != "" {
			n, may = p.ops[opOf(port, op)], may && f.Op == op
		}
		if may && n == f.Call {
			p.met[f] = op
			return f.Kind
		}
	}
	return ""
}

func opOf(port Port, op string) string { return string(port) + ": " + op }

// wait returns once others have called, nothing is held back any more, or ctx has ended.
func (p *Plan) wait(ctx context.Context) error {
	p.mu.Lock()
	until := p.total + others
	p.mu.Unlock()
	for {
		p.mu.Lock()
		moved, done := p.moved, p.total >= until
		p.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-moved:
		case <-p.settled:
			return nil
		case <-ctx.Done():
			return ended(ctx)
		}
	}
}

// ended is what a call returns whose context has ended.
func ended(ctx context.Context) error { return fmt.Errorf("faults: no answer: %w", ctx.Err()) }

// meet makes a call in which kind happens.
func meet[T any](ctx context.Context, p *Plan, kind Kind, call func(context.Context) (T, error)) (answer T, err error) {
	switch kind {
	case Fails:
		return answer, ErrBroken
	case Hangs:
		<-ctx.Done()
		return answer, ended(ctx)
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
			_ = p.wait(ctx)  // ends when the plan settles, at the latest
			_, _ = call(ctx) // nobody hears of it
		})
		return answer, ErrBroken
	default:
		return call(ctx)
	}
}

// ask makes a call that only reads.
func ask[T any](ctx context.Context, p *Plan, port Port, op string, call func(context.Context) (T, error)) (T, error) {
	return meet(ctx, p, p.next(port, op), call)
}

// tell makes a call that changes something and returns only an error.
func tell(ctx context.Context, p *Plan, port Port, op string, call func(context.Context) error) error {
	_, err := do(ctx, p, port, op, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}

// do makes a call that changes something.
func do[T any](ctx context.Context, p *Plan, port Port, op string, call func(context.Context) (T, error)) (T, error) {
	return meet(ctx, p, p.next(port, op, HalfWrites, Late), call)
}
