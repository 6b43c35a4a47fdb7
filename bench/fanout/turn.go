package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/egress-io/egress/bench/measure"
)

const (
	settleTime = 3 * time.Second // before a server is measured that has just started or opened sockets
	finalWait  = time.Minute     // for the last final state
)

// turn loads one server once.
type turn struct {
	flags
	load

	server   *process // whose sockets are measured
	protocol protocol
	// exports runs exports while the sockets receive states, and returns their seconds.
	exports func(ctx context.Context) ([]float64, error)
	values  values
}

// sizes are the mean bytes of the states that were received.
type sizes struct{ tick, final int }

// run opens the sockets, publishes, and adds the results to the values.
func (t *turn) run(ctx context.Context, p publisher) (s sizes, err error) {
	if err := sleep(ctx, settleTime); err != nil {
		return s, err
	}
	before, err := measure.Memory(t.server.pid(), measure.Resident)
	if err != nil {
		return s, err
	}
	plan := newSchedule(t.jobs, t.rate, t.duration+time.Duration(t.exportRuns+1)*exportLimit)
	ls := &listeners{}
	closed := false
	defer func() {
		if !closed {
			err = errors.Join(err, ls.close())
		}
	}()
	t.say("open %d sockets", t.sockets)
	began := time.Now()
	if err := ls.listen(ctx, t.server.address, t.sockets, t.protocol, plan); err != nil {
		return s, err
	}
	t.values.add(handshakeRate, float64(t.sockets)/time.Since(began).Seconds())
	if err := sleep(ctx, settleTime); err != nil {
		return s, err
	}
	if err := t.addMemory(idleMemory, before); err != nil {
		return s, err
	}
	if err := t.publish(ctx, plan, ls, p, before); err != nil {
		return s, err
	}
	if err := t.awaitFinals(ctx, ls); err != nil {
		return s, err
	}
	closed = true
	if err := ls.close(); err != nil {
		return s, err
	}
	if ls.failure != nil {
		t.say("the first socket that failed: %v", ls.failure)
	}
	return t.addReceived(ls), nil
}

// publish publishes: first while only the sockets use the server, then while exports run.
func (t *turn) publish(ctx context.Context, plan *schedule, ls *listeners, p publisher, before float64) error {
	finish, published := make(chan struct{}), make(chan error, 1)
	go func() { published <- plan.run(ctx, p, finish) }()
	err := t.phases(ctx, plan, ls, before)
	close(finish)
	return errors.Join(err, <-published)
}

func (t *turn) phases(ctx context.Context, plan *schedule, ls *listeners, before float64) error {
	cpu, err := measure.RunningCPU(t.server.pid())
	if err != nil {
		return err
	}
	own, err := measure.CPU()
	if err != nil {
		return err
	}
	t.say("publish for %s", t.duration)
	began := time.Now()
	if err := sleep(ctx, t.duration); err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	t.values.add(stateRate, float64(plan.states.Load())/took)
	t.values.add(stateLate, milliseconds(time.Duration(plan.late.Load())))
	used, err := measure.RunningCPU(t.server.pid())
	if err != nil {
		return err
	}
	t.values.add(serverCPU, (used-cpu)/took)
	ownUsed, err := measure.CPU()
	if err != nil {
		return err
	}
	t.values.add(clientCPU, (ownUsed-own)/took)
	if err := t.addMemory(loadMemory, before); err != nil {
		return err
	}
	ls.phase.Store(withExports)
	if t.exportRuns == 0 {
		return nil
	}
	t.say("run %d exports", t.exportRuns+1)
	seconds, err := t.exports(ctx)
	if err != nil {
		return err
	}
	_, middle, _ := measure.Spread(seconds)
	t.values.add(exportTime, middle)
	return nil
}

// addMemory adds the memory that the server has used per socket since before, in MiB.
func (t *turn) addMemory(metric string, before float64) error {
	now, err := measure.Memory(t.server.pid(), measure.Resident)
	if err == nil {
		t.values.add(metric, (now-before)*1024/float64(t.sockets))
	}
	return err
}

// awaitFinals waits until every socket has received its final state, is closed, or has waited too long.
func (t *turn) awaitFinals(ctx context.Context, ls *listeners) error {
	t.say("wait for the final states")
	for began := time.Now(); time.Since(began) < finalWait; {
		if ls.counters.finals.Load()+ls.counters.closed.Load() >= int64(t.sockets) {
			return nil
		}
		if err := sleep(ctx, pollInterval); err != nil {
			return err
		}
	}
	return nil
}

// addReceived adds what the sockets received.
func (t *turn) addReceived(ls *listeners) sizes {
	all := make([]received, phases)
	var finals latencies
	var finalBytes int64
	for _, c := range ls.collectors {
		for i, r := range c.phases {
			all[i].latencies = append(all[i].latencies, r.latencies...)
			all[i].bytes += r.bytes
			all[i].coalesced += r.coalesced
		}
		finals = append(finals, c.finals...)
		finalBytes += c.finalBytes
	}
	for i := range all {
		all[i].latencies.sort()
	}
	finals.sort()
	quiet := all[onlySockets]
	s := sizes{tick: mean(quiet.bytes, len(quiet.latencies)), final: mean(finalBytes, len(finals))}
	t.values.add(stateBytes, float64(s.tick))
	t.values.add(latency50, milliseconds(quiet.latencies.percentile(50)))
	t.values.add(latency99, milliseconds(quiet.latencies.percentile(99)))
	t.values.add(latencyMax, milliseconds(quiet.latencies.percentile(100)))
	t.values.add(coalesced, 100*float64(quiet.coalesced)/float64(max(1, quiet.coalesced+int64(len(quiet.latencies)))))
	if t.exportRuns > 0 {
		t.values.add(exportLatency, milliseconds(all[withExports].latencies.percentile(99)))
	}
	t.values.add(finalLatency, milliseconds(finals.percentile(99)))
	t.values.add(finalsLost, float64(t.sockets-len(finals)))
	t.values.add(closedSockets, float64(ls.counters.closed.Load()))
	return s
}

// say prints what a turn does next.
func (t *turn) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "  %s: "+format+"\n", append([]any{t.server.name}, args...)...)
}

func mean(sum int64, n int) int { return int(sum) / max(1, n) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
