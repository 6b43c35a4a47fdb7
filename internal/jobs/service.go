package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// Options are the dependencies and settings of a Service. Executor may be nil if no jobs run here, Feed
// if nobody publishes, Mailer if no e-mail is sent.
type Options struct {
	Store    Store
	Lock     Lock
	Queue    Queue
	Bus      Bus
	Feed     Feed
	Storage  Storage
	Reach    export.Reach // checks whether a file is in Storage
	Executor Executor
	// Retention returns how long a tenant's files are kept, or 0 if the tenant has no setting. It is
	// called at the end of each job. Nil: Settings.Retention for all tenants.
	Retention func(ctx context.Context, tenant string) (time.Duration, error)
	Mailer    Mailer
	Logger    *slog.Logger
	Now       func() time.Time // nil: time.Now
	Settings  Settings
}

// Service admits, runs, cancels and maintains jobs. It owns the components that do so. It is safe
// for concurrent use.
type Service struct {
	*core
	feed    Feed
	running *runningAttempts

	queueReader *queueReader
	ender       *ender
	admitter    *admitter
	worker      *worker
	streams     *streams
	reconciler  *reconciler
	janitor     *janitor
	mailSender  *mailSender
	days        dayCache
}

// New returns a Service. Nothing runs in the background until Run is called.
func New(o Options) *Service {
	c := newCore(o)
	running := newRunningAttempts()
	requeue, mailDue := newSignal(), newSignal()
	order := &queueReader{core: c}
	ender := &ender{
		core: c, running: running, requeue: requeue, mailDue: mailDue, tenantRetention: o.Retention,
		sendsMail: o.Mailer != nil || c.set.MailElsewhere,
	}
	janitor := &janitor{core: c}
	worker := &worker{core: c, order: order, ender: ender, janitor: janitor, executor: o.Executor, running: running}
	return &Service{
		core: c, feed: o.Feed, running: running,
		queueReader: order,
		ender:       ender,
		admitter:    &admitter{core: c, requeue: requeue, inserting: make(chan struct{}, 1)},
		worker:      worker,
		streams:     newStreams(c, worker, ender),
		reconciler:  &reconciler{core: c, ender: ender, requeue: requeue, taken: takenTasks{}},
		janitor:     janitor,
		mailSender:  &mailSender{core: c, mailer: o.Mailer, due: mailDue},
	}
}

// Run publishes updates, listens for cancels, sends e-mails, and runs the reconciler and the
// janitor. It blocks until ctx ends, then publishes what is pending and returns. Stop the workers
// first, so that their last updates are published.
func (s *Service) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.updates.run(ctx) })
	wg.Go(func() { s.reconciler.run(ctx) })
	wg.Go(func() { s.janitor.run(ctx) })
	if s.mailSender.mailer != nil {
		wg.Go(func() { s.mailSender.run(ctx) })
	}
	if s.feed != nil {
		wg.Go(func() { s.listen(ctx) })
	}
	wg.Wait()
}

// listen handles control messages until ctx ends.
func (s *Service) listen(ctx context.Context) {
	err := s.feed.Subscribe(ctx, Listener{
		Control: func(m ControlMessage) {
			if m.Kind == ControlCancel {
				s.running.checkOwnership(m.JobID)
			}
		},
		Resubscribed: s.reconciler.requeue.raise,
	})
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "subscription ended; runs notice cancels at their next heartbeat", "error", err)
	}
}

// RestoreLocks sets the lock of every live job. Call it once, before the server accepts requests:
// Redis may have started empty.
func (s *Service) RestoreLocks(ctx context.Context) error {
	return s.eachLive(ctx, func(job *export.Job) error { return s.restoreLock(ctx, job) })
}

// Create admits a job and queues it. Replayed reports that an earlier request with the same
// idempotency key created the job. Errors: CodeInvalidRequest if the key is too long or has unprintable
// characters, CodeIdempotencyKeyReused if the key came with another definition, CodeExportInProgress while an
// admin has a live job or a key pair MaxWaiting; Details has its jobId. A request of a key pair with
// the definition of one of its live async jobs is answered with that job, as replayed.
func (s *Service) Create(ctx context.Context, r Request) (job *export.Job, replayed bool, err error) {
	return s.admitter.create(ctx, r)
}

// Replay returns the job that a request with this idempotency key and definition created in the
// last 24 hours, or nil. Call it before any check whose result may have changed since. Errors are
// those of Create.
func (s *Service) Replay(ctx context.Context, r Request) (*export.Job, error) {
	return s.admitter.replayRequest(ctx, r)
}

// QueuePosition returns the position of a queued async job among the waiting jobs of all tenants,
// from 1. It returns 0 for any other job.
func (s *Service) QueuePosition(ctx context.Context, job *export.Job) (int64, error) {
	return s.queueReader.position(ctx, job)
}

// QueuePositions returns the positions of all waiting jobs of all tenants by job id, from one read.
func (s *Service) QueuePositions(ctx context.Context) (map[string]int64, error) {
	return s.queueReader.positions(ctx)
}

// Work handles a wake-up for attempt n of a job. It runs an attempt of the job that is next in the
// queue order, which may be another job: every waiting job has its own wake-up. Work blocks until
// nothing of the run is running any more, and returns at once if no job waits. When ctx ends, it
// hands the job back for another worker to take at once. The error is for the log; it is already
// recorded in the job.
func (s *Service) Work(ctx context.Context, jobID string, n int64) error {
	return s.worker.work(ctx, jobID, n)
}

// Cancel ends a live job and returns its new state. It returns a final job unchanged. A sync job
// whose users file has arrived is completed with errors, because only its state events are missing.
// By is the e-mail address of the admin who cancels. The run is fenced at once and stops within one
// heartbeat.
func (s *Service) Cancel(ctx context.Context, tenant, id, by string) (*export.Job, error) {
	return s.ender.cancel(ctx, tenant, id, by)
}

// CancelTabClosed is Cancel for a sync job whose tab reports that it closes. The job then shows that
// reason instead of an admin.
func (s *Service) CancelTabClosed(ctx context.Context, tenant, id string) (*export.Job, error) {
	return s.ender.cancelAs(ctx, tenant, id, s.ender.endingWithoutClient(export.CancelTabClosed))
}

// OpenStream starts the stream of a file that its job waits for. It works once per file: it returns
// CodeStreamTaken if the stream was opened before, or if the job does not wait for it. The caller
// must then call Run.
func (s *Service) OpenStream(ctx context.Context, tenant, id string, kind export.FileKind) (*Stream, error) {
	return s.streams.openStream(ctx, tenant, id, kind)
}

// Confirm compares the file that a client received with the file that was sent. If they are equal,
// the job is completed or waits for the stream of its next file; otherwise it fails. Confirming
// again changes nothing. It returns CodeStreamTaken if the job does not wait for a confirmation of
// the file.
func (s *Service) Confirm(ctx context.Context, tenant, id string, c Confirmation) (*export.Job, error) {
	return s.streams.confirm(ctx, tenant, id, c)
}

// Job returns a job of a tenant, or CodeNotFound.
func (s *Service) Job(ctx context.Context, tenant, id string) (*export.Job, error) {
	return s.tenantJob(ctx, tenant, id)
}

// RunStreams blocks until ctx ends, then cancels all open streams and waits for them.
func (s *Service) RunStreams(ctx context.Context) error { return s.streams.run(ctx) }
