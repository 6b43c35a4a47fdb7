package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/egress-io/egress/internal/export"
)

// Parts are what a Service works with. Executor may be nil where nothing is run, Feed where nobody publishes, Mailer where no
// e-mail is sent.
type Parts struct {
	Store    Store
	Gate     Gate
	Queue    Queue
	Bus      Bus
	Feed     Feed
	Storage  Storage
	Executor Executor
	// Retention returns how long a tenant's files are kept, 0 where the tenant has no time of its own. It is asked at the
	// end of each job. Nil: Settings.Retention for all.
	Retention func(ctx context.Context, tenant string) (time.Duration, error)
	Mailer    Mailer
	Logger    *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Service admits, runs, cancels and looks after jobs. It is safe for concurrent use.
type Service struct {
	store    Store
	gate     Gate
	queue    Queue
	feed     Feed
	storage  Storage
	executor Executor
	mailer   Mailer
	log      *slog.Logger
	now      func() time.Time
	lasting  func(ctx context.Context, tenant string) (time.Duration, error) // nil: set.Retention for all
	set      Settings

	news    *publisher
	requeue signal // queued jobs may be in no queue
	mailDue signal // a job has ended of which an e-mail is to tell
	taken   takenTasks
	looks   singleflight.Group // of requests that found somebody before them
	ungated chan struct{}      // a place for the one request that inserts while the gate is out of order

	streams streams

	mu      sync.Mutex
	running map[*attempt]struct{}
}

// New returns a Service. It does nothing of its own until Run is called.
func New(p Parts, s Settings) *Service {
	svc := &Service{
		gate: p.Gate, queue: p.Queue, feed: p.Feed, storage: p.Storage, executor: p.Executor, mailer: p.Mailer,
		log: p.Logger, now: p.Now, lasting: p.Retention, set: s.withDefaults(),
		streams: newStreams(), requeue: newSignal(), mailDue: newSignal(), taken: takenTasks{}, running: map[*attempt]struct{}{},
		ungated: make(chan struct{}, 1),
	}
	if svc.log == nil {
		svc.log = slog.New(slog.DiscardHandler)
	}
	svc.log = svc.log.With("component", "jobs")
	if svc.now == nil {
		svc.now = time.Now
	}
	svc.store = bounded{p.Store, svc.set.StoreTimeout}
	svc.news = newPublisher(p.Bus, svc.log, svc.set.HeartbeatEvery)
	return svc
}

// Run publishes news, listens for cancels, sends e-mails, and runs the reconciler and the janitor until ctx ends; then it
// sends what is left to publish and returns. Stop workers first, so that what they say last is still sent.
func (s *Service) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.news.run(ctx) })
	wg.Go(func() { s.reconcileLoop(ctx) })
	wg.Go(func() { s.cleanLoop(ctx) })
	if s.mailer != nil {
		wg.Go(func() { s.mailLoop(ctx) })
	}
	if s.feed != nil {
		wg.Go(func() { s.listen(ctx) })
	}
	wg.Wait()
}

// Restore closes the gate again for every live job. It is called once before requests are taken, since Redis may have
// started empty.
func (s *Service) Restore(ctx context.Context) error {
	return s.eachLive(ctx, func(job *export.Job) error { return s.gate.Set(ctx, SlotOf(job), job.ID) })
}

func (s *Service) listen(ctx context.Context) {
	err := s.feed.Subscribe(ctx, Listener{
		Control: func(m ControlMessage) {
			if m.Kind == ControlCancel {
				s.nudge(m.JobID)
			}
		},
		Resubscribed: s.requeue.raise,
	})
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "stopped listening; cancels are seen by heartbeats alone", "error", err)
	}
}

// nudge makes a run of this process look at once whether it still owns its job.
func (s *Service) nudge(jobID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a := range s.running {
		if a.id == jobID {
			a.look.raise()
		}
	}
}

// eachLive calls f with every live job, oldest first, until one call fails.
func (s *Service) eachLive(ctx context.Context, f func(*export.Job) error) error {
	const page = 200
	after := ""
	for {
		jobs, err := s.store.Live(ctx, after, page)
		if err != nil {
			return err
		}
		for _, job := range jobs {
			if err := f(job); err != nil {
				return err
			}
		}
		if len(jobs) < page {
			return nil
		}
		after = jobs[len(jobs)-1].ID
	}
}

// time is now as the store keeps it.
func (s *Service) time() time.Time { return export.NewTime(s.now()).Time }

// unavailable wraps a failure of the store for a request.
func unavailable(err error, action string) error {
	if _, ok := errors.AsType[*export.Error](err); ok {
		return err
	}
	return &export.Error{
		Code: export.CodeUnavailable, Message: "The database does not answer. Please try again in a moment.",
		Err: wrap(err, action),
	}
}
