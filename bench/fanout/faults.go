package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/bench/measure"
)

const (
	rightLimit    = 30 * time.Second       // until every socket must have the states after a fault
	rightInterval = 5 * time.Millisecond   // between two looks at all sockets
	otherInterval = 20 * time.Millisecond  // between two other requests
	afterFault    = 3 * time.Second        // how long the other requests are measured from a fault on, at least
	faultsLimit   = 10 * time.Minute       // of all faults
	faultRepeats  = 5                      // how often each fault is caused
	overrunTime   = 500 * time.Millisecond // how long Redis closes each subscription that has something to receive
)

// fault is something that Redis does while states are published.
type fault struct {
	name   string
	inject func(context.Context) error
}

// faults are the faults of Redis.
func (r *redisServer) faults() []fault {
	return []fault{
		{"`CLIENT KILL TYPE pubsub`", func(ctx context.Context) error {
			return r.command(ctx, "CLIENT", "KILL", "TYPE", "pubsub")
		}},
		{"overrun of the output buffer", func(ctx context.Context) error {
			if err := r.command(ctx, "CONFIG", "SET", "client-output-buffer-limit", "pubsub 1 1 1"); err != nil {
				return err
			}
			if err := sleep(ctx, overrunTime); err != nil {
				return err
			}
			return r.command(ctx, "CONFIG", "SET", "client-output-buffer-limit", "pubsub 33554432 8388608 60")
		}},
		{"crash and restart of Redis", func(ctx context.Context) error {
			if err := r.stop(); err != nil {
				return err
			}
			return r.run(ctx)
		}},
	}
}

func (r *redisServer) command(ctx context.Context, words ...any) (err error) {
	c := redis.NewClient(&redis.Options{Addr: r.address})
	defer func() { err = errors.Join(err, c.Close()) }()
	return c.Do(ctx, words...).Err()
}

// afterFaults is what a fault did.
type afterFaults struct {
	name   string
	closed int64         // sockets
	right  time.Duration // the longest time from the end of the fault until each socket had a newer state
	others latencies     // of other requests meanwhile
}

// measureFaults causes the faults one after another, while states are published.
func (s *series) measureFaults(ctx context.Context) (err error) {
	server, err := s.egress.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	publisher, err := s.egress.publisher(ctx, s.jobs, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, publisher.stop()) }()
	plan := newSchedule(s.jobs, s.rate, s.duration+faultsLimit)
	ls := &listeners{}
	defer func() { err = errors.Join(err, ls.close()) }()
	if err := ls.listen(ctx, server.address, s.sockets, s.egress, plan); err != nil {
		return err
	}
	finish, published := make(chan struct{}), make(chan error, 1)
	go func() { published <- plan.run(ctx, publisher, finish) }()

	o := &others{egress: s.egress, url: server.url()}
	if err := sleep(ctx, settleTime); err != nil {
		return err
	}
	quiet, err := o.during(ctx, func() error { return sleep(ctx, s.duration) })
	if err != nil {
		return err
	}
	quiet.sort()
	var results []afterFaults
	for _, f := range s.egress.redis.faults() {
		fmt.Fprintf(os.Stderr, "  egress: %s\n", f.name)
		r := afterFaults{name: f.name}
		for range faultRepeats {
			if err := s.cause(ctx, f, &r, plan, ls, o); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
		r.others.sort()
		results = append(results, r)
	}
	close(finish)
	if err := <-published; err != nil {
		return err
	}
	t := &turn{load: s.load, server: server}
	if err := t.awaitFinals(ctx, ls); err != nil {
		return err
	}
	writeFaults(os.Stdout, s.load, quiet.percentile(99), results, int64(s.sockets)-ls.counters.finals.Load())
	return nil
}

// cause causes a fault, and waits until every socket has a state that was published after it.
func (s *series) cause(ctx context.Context, f fault, r *afterFaults, plan *schedule, ls *listeners, o *others) error {
	closed := ls.counters.closed.Load()
	took, err := o.during(ctx, func() error {
		began := time.Now()
		if err := f.inject(ctx); err != nil {
			return err
		}
		ended := time.Since(plan.began)
		for ls.oldest() <= ended {
			if time.Since(plan.began)-ended > rightLimit {
				return fmt.Errorf("a socket has no new state after %s", rightLimit)
			}
			if err := sleep(ctx, rightInterval); err != nil {
				return err
			}
		}
		r.right = max(r.right, time.Since(plan.began)-ended)
		return sleep(ctx, afterFault-time.Since(began))
	})
	r.closed += ls.counters.closed.Load() - closed
	r.others = append(r.others, took...)
	return err
}

// oldest returns when the oldest of the newest states of all open sockets was published, since the
// schedule began.
func (ls *listeners) oldest() time.Duration {
	oldest := time.Duration(1<<63 - 1)
	for i := range ls.sockets {
		if l := ls.sockets[i].Load(); !l.closed.Load() {
			oldest = min(oldest, time.Duration(l.publishedAt.Load()))
		}
	}
	return oldest
}

// others are requests that have nothing to do with sockets: who is logged in.
type others struct {
	egress *egress
	url    string
}

// during returns the times of the requests while f runs.
func (o *others) during(ctx context.Context, f func() error) (latencies, error) {
	done := make(chan struct{})
	var took latencies
	var failed error
	var asking sync.WaitGroup
	asking.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			began := time.Now()
			if _, err := call(ctx, http.MethodGet, o.url+"/v4/me", o.egress.tenant, o.egress.cookies[0], nil, nil); err != nil {
				failed = fmt.Errorf("another request: %w", err)
				return
			}
			took = append(took, time.Since(began))
			if sleep(ctx, otherInterval) != nil {
				return
			}
		}
	})
	err := f()
	close(done)
	asking.Wait()
	return took, errors.Join(err, failed)
}

func writeFaults(out *os.File, l load, quiet time.Duration, results []afterFaults, lost int64) {
	rows := [][]string{{"", "sockets closed", "all right after (s)", "p99 of other requests (ms)", ": quiet"}}
	for _, r := range results {
		rows = append(rows, []string{
			r.name, fmt.Sprint(r.closed), fmt.Sprintf("%.2f", r.right.Seconds()), fmt.Sprintf("%.1f", milliseconds(r.others.percentile(99))),
			fmt.Sprintf("%.2f", float64(r.others.percentile(99))/float64(quiet)),
		})
	}
	fmt.Fprintf(out, "\n%d sockets, %d jobs; p99 of other requests without faults %.1f ms; %d lost final states:\n\n", l.sockets, l.jobs, milliseconds(quiet), lost)
	var text strings.Builder
	measure.WriteTable(&text, rows)
	fmt.Fprint(out, text.String())
}
