package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/redis"
)

// statesPerSample is after how many states the throughput has another second, at four a second.
const statesPerSample = 4

// maxQueued is how many states wait for each goroutine that publishes.
const maxQueued = 64

// bus publishes jobs as a worker does: the whole job first and at its end, otherwise its progress.
type bus struct {
	bus   redis.Bus
	jobs  []export.Job
	first []int64 // by job: the sequence of its first state, 0 before it was published
	// throughFaults makes it ignore failures, as workers do: the next state follows. Final states are
	// published in the end.
	throughFaults bool
}

// finalRetry is the time between two attempts to publish a final state.
const finalRetry = 50 * time.Millisecond

type state struct {
	job      int
	sequence int64
	final    bool
}

// publishLines publishes the states that in names, until it ends: first a JSON array of the jobs, then a
// line with job, sequence and whether it is final for each state. Each job belongs to one of several
// goroutines, as to workers.
func publishLines(ctx context.Context, url string, throughFaults bool, in io.Reader) (err error) {
	client, err := redis.Connect(url, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	input := bufio.NewReader(in)
	b := &bus{bus: redis.NewBus(client), throughFaults: throughFaults}
	first, err := input.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the jobs: %w", err)
	}
	if err := json.Unmarshal(first, &b.jobs); err != nil {
		return fmt.Errorf("decode the jobs: %w", err)
	}
	b.first = make([]int64, len(b.jobs))
	return b.run(ctx, input)
}

func (b *bus) run(ctx context.Context, in io.Reader) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var running sync.WaitGroup
	queues := make([]chan state, publishers)
	for i := range queues {
		queues[i] = make(chan state, maxQueued)
		running.Go(func() {
			for s := range queues[i] {
				err := b.publish(ctx, s)
				for err != nil && b.throughFaults && s.final && ctx.Err() == nil {
					_ = sleep(ctx, finalRetry)
					err = b.publish(ctx, s)
				}
				if err != nil && !b.throughFaults {
					fail(fmt.Errorf("publish: %w", err))
				}
			}
		})
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() && ctx.Err() == nil {
		var s state
		if _, err := fmt.Sscan(lines.Text(), &s.job, &s.sequence, &s.final); err != nil {
			fail(fmt.Errorf("line %q: %w", lines.Text(), err))
			break
		}
		select {
		case queues[s.job%publishers] <- s:
		case <-ctx.Done():
		}
	}
	for _, q := range queues {
		close(q)
	}
	running.Wait()
	return errors.Join(context.Cause(ctx), lines.Err())
}

func (b *bus) publish(ctx context.Context, s state) error {
	j := stateOf(b.jobs[s.job], s.sequence, s.final)
	if s.final || b.first[s.job] == 0 {
		err := b.bus.Publish(ctx, &j)
		if err == nil {
			b.first[s.job] = s.sequence
		}
		return err
	}
	e := jobs.ProgressEvent{
		Tenant: j.Tenant, RequesterID: j.Requester.ID, JobID: j.ID, Version: j.Version(),
		StateVersion: j.Version() - s.sequence + b.first[s.job], Progress: j.Progress,
	}
	if s.sequence%statesPerSample != 0 {
		e.Progress.Throughput = nil
	}
	return b.bus.PublishProgress(ctx, e)
}
