package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// maxControls bounds the pending control messages. While the bus is down, more are pointless.
const maxControls = 256

// publisher sends messages in its own goroutine, so that publishing never blocks a run or a
// request. It keeps only the newest state of each job, until the bus accepts it.
type publisher struct {
	bus   Bus
	log   *slog.Logger
	retry time.Duration // after the bus failed
	wake  signal

	mu       sync.Mutex
	jobs     map[string]*export.Job
	order    []string // ids of pending jobs, each once, in order of arrival
	controls []ControlMessage
}

func newPublisher(bus Bus, log *slog.Logger, retry time.Duration) *publisher {
	return &publisher{bus: bus, log: log, retry: retry, wake: newSignal(), jobs: map[string]*export.Job{}}
}

// publish queues a job's state. The caller must not change the job afterwards.
func (p *publisher) publish(job *export.Job) {
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

// run sends until ctx ends, and then once more what is pending.
func (p *publisher) run(ctx context.Context) {
	failing := false
	for {
		select {
		case <-ctx.Done():
			_ = p.drain(context.WithoutCancel(ctx)) // if the bus is down, that was logged before
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

// drain sends until nothing is pending or the bus fails.
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

// next takes the first pending message, control messages before jobs. Undo queues a job again. A
// failed control message is dropped: its receivers notice the change later by themselves.
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
		return func(ctx context.Context) error { return p.bus.Publish(ctx, job) }, func() { p.publish(job) }
	}
	return nil, nil
}
