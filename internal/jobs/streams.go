package jobs

import (
	"context"
	"sync"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// streams sends the files of sync jobs to their clients.
type streams struct {
	*core
	worker *worker
	ender  *ender

	stopping context.Context // ends when the process stops, which cancels every stream
	stop     context.CancelFunc
	mu       sync.Mutex // orders begin before or after stop
	open     sync.WaitGroup
}

func newStreams(c *core, w *worker, e *ender) *streams {
	stopping, stop := context.WithCancel(context.Background())
	return &streams{core: c, worker: w, ender: e, stopping: stopping, stop: stop}
}

// run blocks until ctx ends, then cancels all open streams and waits for them.
func (s *streams) run(ctx context.Context) error {
	<-ctx.Done()
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.open.Wait()
	return nil
}

// begin counts a new stream. It reports false if the process is about to stop.
func (s *streams) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Err() != nil {
		return false
	}
	s.open.Add(1)
	return true
}

// openStream starts a stream; see Service.OpenStream.
func (s *streams) openStream(ctx context.Context, tenant, id string, kind export.FileKind) (*Stream, error) {
	job, err := s.tenantJob(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	if d := job.Delivery; !job.Status.Live() || d == nil || d.Kind != kind || d.File != nil || s.now().After(d.Until) {
		return nil, taken()
	}
	if !s.begin() {
		return nil, errs.Errorf(errs.CodeUnavailable, "The server is about to stop. Please try again in a moment.")
	}
	begun, err := s.worker.claimAndBegin(ctx, job, job.Attempt+1)
	if err == nil && begun == nil {
		err = taken()
	}
	if err != nil {
		s.open.Done()
		return nil, unavailable(err, "open a stream")
	}
	return &Stream{s: s, job: begun, kind: kind}, nil
}

func taken() error {
	return errs.Errorf(errs.CodeStreamTaken, "This stream was already opened, or the export does not wait for it. Start the export again.")
}
