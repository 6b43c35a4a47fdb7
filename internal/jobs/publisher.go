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
	jobs     map[string]pendingJob
	order    []string // ids of pending jobs, each once, in order of arrival
	controls []ControlMessage
}

// pendingJob is the newest state of a job that is not published yet.
type pendingJob struct {
	job *export.Job
	// stateVersion is the version that last changed the job's state, if that was published before.
	// 0: publish the whole job.
	stateVersion int64
	series       bool // publish the throughput too
}

// merge returns what to publish instead of two pending states: the newer one, whole if one of them
// is whole.
func (n pendingJob) merge(other pendingJob) pendingJob {
	if other.job.Version() > n.job.Version() {
		n, other = other, n
	}
	if other.stateVersion == 0 {
		n.stateVersion = 0
	}
	n.series = n.series || other.series
	return n
}

func newPublisher(bus Bus, log *slog.Logger, retry time.Duration) *publisher {
	return &publisher{bus: bus, log: log, retry: retry, wake: newSignal(), jobs: map[string]pendingJob{}}
}

// publish queues a job's state. The caller must not change the job afterwards.
func (p *publisher) publish(job *export.Job) { p.add(pendingJob{job: job}) }

// publishProgress queues a job whose state was published in stateVersion. Series reports whether its
// throughput is published too.
func (p *publisher) publishProgress(job *export.Job, stateVersion int64, series bool) {
	p.add(pendingJob{job, stateVersion, series})
}

func (p *publisher) add(n pendingJob) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := n.job.ID
	if old, waiting := p.jobs[id]; waiting {
		n = n.merge(old)
	} else {
		p.order = append(p.order, id)
	}
	p.jobs[id] = n
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
		n := p.jobs[p.order[0]]
		p.order = p.order[1:]
		delete(p.jobs, n.job.ID)
		return func(ctx context.Context) error { return n.send(ctx, p.bus) }, func() { p.add(n) }
	}
	return nil, nil
}

// send publishes the job, or its progress alone.
func (n pendingJob) send(ctx context.Context, bus Bus) error {
	if n.stateVersion == 0 {
		return bus.Publish(ctx, n.job)
	}
	return bus.PublishProgress(ctx, newProgressEvent(n.job, n.stateVersion, n.series))
}
