package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// maxControls is how many control messages wait at most; a bus that is down makes more pointless.
const maxControls = 256

// publisher sends news in a goroutine of its own, so that telling never blocks doing. Of each job only the newest state
// waits, and it waits until the bus takes it.
type publisher struct {
	bus   Bus
	log   *slog.Logger
	retry time.Duration // after the bus failed
	wake  signal

	mu       sync.Mutex
	jobs     map[string]*export.Job
	order    []string // ids of jobs, each once, as they first came
	controls []ControlMessage
}

func newPublisher(bus Bus, log *slog.Logger, retry time.Duration) *publisher {
	return &publisher{bus: bus, log: log, retry: retry, wake: newSignal(), jobs: map[string]*export.Job{}}
}

// job queues a job's state, which must not be changed afterwards.
func (p *publisher) job(job *export.Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old, waiting := p.jobs[job.ID]
	if waiting && old.Version() > job.Version() {
		return
	}
	if !waiting {
		p.order = append(p.order, job.ID)
	}
	p.jobs[job.ID] = job
	p.wake.raise()
}

func (p *publisher) control(m ControlMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.controls) < maxControls {
		p.controls = append(p.controls, m)
	}
	p.wake.raise()
}

// run sends until ctx ends, and then once more what waits.
func (p *publisher) run(ctx context.Context) {
	failing := false
	for {
		select {
		case <-ctx.Done():
			_ = p.drain(context.WithoutCancel(ctx)) // a bus that is down now has been logged, or nobody cares any more
			return
		case <-p.wake:
		}
		err := p.drain(ctx)
		if err != nil && ctx.Err() == nil {
			if !failing {
				p.log.WarnContext(ctx, "cannot publish; retrying", "error", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(p.retry):
				p.wake.raise()
			}
		}
		failing = err != nil
	}
}

// drain sends what waits, until nothing does or the bus fails.
func (p *publisher) drain(ctx context.Context) error {
	for {
		send, undo := p.next()
		if send == nil {
			return nil
		}
		sending, cancel := context.WithTimeout(ctx, busTimeout)
		err := send(sending)
		cancel()
		if err != nil {
			undo()
			return err
		}
	}
}

// next takes the first message that waits, control messages before jobs. A control message that fails is dropped: those
// whom it concerns find out by themselves.
func (p *publisher) next() (send func(context.Context) error, undo func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.controls) > 0 {
		m := p.controls[0]
		p.controls = p.controls[1:]
		return func(ctx context.Context) error { return p.bus.Control(ctx, m) }, func() {}
	}
	if len(p.order) > 0 {
		job := p.jobs[p.order[0]]
		p.order = p.order[1:]
		delete(p.jobs, job.ID)
		return func(ctx context.Context) error { return p.bus.Publish(ctx, job) }, func() { p.job(job) }
	}
	return nil, nil
}
