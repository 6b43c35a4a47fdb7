package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"
)

// attempt is the attempt of the benchmark's jobs. It distinguishes their versions in a message from
// those of other jobs.
const attempt = 4242

// attemptShift is export.AttemptShift.
const attemptShift = 32

// publishers are the goroutines that publish. Each has its share of the jobs, as workers have.
const publishers = 4

// publisher publishes a state of a job. Sequence counts the states from 1. It is called by several
// goroutines, but for one job only by one.
type publisher interface {
	publish(ctx context.Context, job int, sequence int64, final bool) error
}

// schedule publishes the states of all jobs at a steady rate, and remembers when each was published.
type schedule struct {
	began     time.Time
	rate      int              // states per second of a job
	published [][]atomic.Int64 // by job and sequence: nanoseconds since began
	final     []atomic.Int64   // by job: the sequence of its final state; 0: not published
	states    atomic.Int64     // published so far
	late      atomic.Int64     // the longest delay of a publication against the plan, in nanoseconds
}

// newSchedule returns a schedule for at most limit.
func newSchedule(jobs, rate int, limit time.Duration) *schedule {
	s := &schedule{began: time.Now(), rate: rate, published: make([][]atomic.Int64, jobs), final: make([]atomic.Int64, jobs)}
	for i := range s.published {
		s.published[i] = make([]atomic.Int64, rate*int(limit/time.Second)+2)
	}
	return s
}

// run publishes until finish is closed, then the final state of each job. The states of the jobs are
// spread evenly over each interval.
func (s *schedule) run(ctx context.Context, p publisher, finish <-chan struct{}) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := time.Now()
	var running sync.WaitGroup
	for first := range min(publishers, len(s.published)) {
		running.Go(func() {
			if err := s.runShare(ctx, p, began, first, finish); err != nil {
				cancel(fmt.Errorf("publish: %w", err))
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// runShare publishes the states of every publishers-th job.
func (s *schedule) runShare(ctx context.Context, p publisher, began time.Time, first int, finish <-chan struct{}) error {
	interval := time.Second / time.Duration(s.rate)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for sequence, final := int64(1), false; !final; sequence++ {
		select {
		case <-finish:
			final = true
		default:
			final = int(sequence) == len(s.published[0])-1
		}
		for job := first; job < len(s.published); job += publishers {
			at := began.Add(time.Duration(sequence-1)*interval + time.Duration(job)*interval/time.Duration(len(s.published)))
			timer.Reset(time.Until(at))
			select {
			case <-timer.C:
			case <-ctx.Done():
				return nil
			}
			if late := int64(time.Since(at)); late > s.late.Load() {
				s.late.Store(late) // a lost update of another goroutine does not matter
			}
			if final {
				s.final[job].Store(sequence)
			}
			s.published[job][sequence].Store(int64(time.Since(s.began)))
			if err := p.publish(ctx, job, sequence, final); err != nil {
				return err
			}
			s.states.Add(1)
		}
	}
	return nil
}

// latency returns how long ago a state was published, as of a time since began.
func (s *schedule) latency(job int, sequence int64, now time.Duration) (time.Duration, bool) {
	if sequence < 1 || sequence >= int64(len(s.published[job])) {
		return 0, false
	}
	at := s.published[job][sequence].Load()
	return now - time.Duration(at), at > 0
}

var versionMember = []byte(`"version":`)

// sequences returns the sequences of the benchmark's jobs in a message, in its order. A message has
// states of one job of the benchmark, so it need not be decoded: that would take more time than the
// server takes to send it.
func sequences(message []byte) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for {
			i := bytes.Index(message, versionMember)
			if i < 0 {
				return
			}
			message = message[i+len(versionMember):]
			var version int64
			for _, c := range message[:min(18, len(message))] {
				if c < '0' || c > '9' {
					break
				}
				version = version*10 + int64(c-'0')
			}
			if version>>attemptShift == attempt && !yield(version&(1<<attemptShift-1)) {
				return
			}
		}
	}
}
