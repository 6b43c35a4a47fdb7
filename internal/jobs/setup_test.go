package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/redis"
	"github.com/egress-io/egress/internal/redis/redistest"
	"github.com/egress-io/egress/internal/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for an expected event.
const testTimeout = 2 * time.Minute

// clock is a clock that tests can advance.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// storage records its calls.
type storage struct {
	mu      sync.Mutex
	deleted []string
	aborted []string
	err     error
}

func (s *storage) Delete(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleted = append(s.deleted, key)
	return s.err
}

func (s *storage) Abort(_ context.Context, prefix string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.aborted = append(s.aborted, prefix)
	return s.err
}

func (s *storage) Presign(_ context.Context, key, _ string, lifetime time.Duration) (string, time.Time, error) {
	return "https://files.test/" + key, time.Now().Add(lifetime), nil
}

func (s *storage) hasDeleted(key string) bool { return slices.Contains(s.allDeleted(), key) }

func (s *storage) allDeleted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deleted)
}

// executor is a function that serves as the run.
type executor func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error)

func (f executor) Run(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
	return f(ctx, job, obs)
}

// streamer is a function that serves as the streamed run.
type streamer func(ctx context.Context, job *export.Job, kind export.FileKind, obs pipeline.Observer, to pipeline.Receiver) (pipeline.StreamResult, error)

// combinedExecutor is an Executor made of an executor and a streamer.
type combinedExecutor struct {
	executor
	stream streamer
}

func (b combinedExecutor) Stream(ctx context.Context, job *export.Job, kind export.FileKind, obs pipeline.Observer, to pipeline.Receiver) (pipeline.StreamResult, error) {
	return b.stream(ctx, job, kind, obs, to)
}

// fileKey returns the key of the file that the tests' runs store.
func fileKey(job *export.Job) string { return pipeline.Prefix(job) + "users.csv" }

// succeed is a run that succeeds.
func succeed(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
	if err := obs.Prepared(ctx, export.UsersFile, []export.Column{{Name: "user_id"}}, export.Progress{Phase: export.Downloading}); err != nil {
		return pipeline.Result{}, err
	}
	if err := obs.Uploading(ctx, fileKey(job)); err != nil {
		return pipeline.Result{}, err
	}
	obs.Event("written", "All rows were written.")
	return pipeline.Result{
		Files:    []export.File{{Kind: export.UsersFile, Name: "users.csv", Key: fileKey(job), Bytes: 9}},
		Warnings: []export.Warning{{Code: "no_column", Message: "m"}},
		Progress: export.Progress{Users: export.FileProgress{Bytes: 9, BytesTotal: 9, BytesTotalExact: true}},
	}, nil
}

// world is a Redis and a database with one or more processes.
type world struct {
	stream  streamer // used by services created later; nil: no streams
	ctx     context.Context
	store   jobs.Store
	redis   *redis.Client
	url     string
	empty   func(t *testing.T) // deletes everything in Redis
	clock   *clock
	storage *storage
}

// onEachKind runs a test with the embedded Redis and with a real one.
func onEachKind(t *testing.T, test func(t *testing.T, w *world)) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, embedded(t))
	})
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		server := redistest.Server(t)
		w := newWorld(t, server.URL())
		w.empty = func(*testing.T) {
			server.Stop()
			server.Start()
		}
		test(t, w)
	})
}

func embedded(t *testing.T) *world {
	w := newWorld(t, embeddedtest.Start(t, embeddedtest.Redis).RedisURL())
	w.empty = func(t *testing.T) { jobstest.Flush(t, w.url) }
	return w
}

func newWorld(t *testing.T, redisURL string) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	client, err := redis.Connect(redisURL, logger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{
		ctx: ctx, store: storetest.Open(t).Jobs, redis: client, url: redisURL, clock: &clock{}, storage: &storage{},
	}
}

func logger(t *testing.T) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// service returns the service of one process. Change may modify its options.
func (w *world) service(t *testing.T, f executor, change ...func(*jobs.Options)) *jobs.Service {
	bus := redis.NewBus(w.redis)
	o := jobs.Options{
		Store: w.store, Lock: redis.NewLock(w.redis), Queue: redis.NewQueue(w.redis), Bus: bus, Feed: bus,
		Storage: w.storage, Executor: combinedExecutor{f, w.stream}, Logger: logger(t), Now: w.clock.now,
		Settings: jobs.Settings{
			HeartbeatEvery: 100 * time.Millisecond, PublishEvery: 10 * time.Millisecond, ReconcileEvery: 20 * time.Millisecond,
			RequeueEvery: 50 * time.Millisecond, CleanEvery: 20 * time.Millisecond, RetryDelay: time.Millisecond,
		},
	}
	for _, f := range change {
		f(&o)
	}
	return jobs.New(o)
}

// start runs a service in the background, with workers if any. Stop ends it as a signal ends a
// process.
func (w *world) start(t *testing.T, s *jobs.Service, workers int) (stop func()) {
	t.Helper()
	working, stopWork := context.WithCancel(w.ctx)
	looking, stopLooking := context.WithCancel(w.ctx)
	var work, look sync.WaitGroup
	look.Go(func() { s.Run(looking) })
	if workers > 0 {
		work.Go(func() {
			if err := redis.NewQueue(w.redis).Serve(working, workers, s.Work); err != nil {
				t.Error(err)
			}
		})
	}
	stop = sync.OnceFunc(func() {
		stopWork()
		work.Wait()
		stopLooking()
		look.Wait()
	})
	t.Cleanup(stop)
	return stop
}

func request(requester string) jobs.Request {
	job := jobstest.NewJob("daily", requester)
	return jobs.Request{
		Tenant: job.Tenant, Requester: job.Requester, Origin: job.Origin, Mode: job.Mode, Definition: job.Definition,
		Words: job.Words,
	}
}

func (w *world) create(t *testing.T, s *jobs.Service, r jobs.Request) *export.Job {
	t.Helper()
	job, replayed, err := s.Create(w.ctx, r)
	if err != nil || replayed {
		t.Fatalf("create: replayed %v, %v", replayed, err)
	}
	return job
}

func (w *world) job(t *testing.T, id string) *export.Job {
	t.Helper()
	job, err := w.store.Job(w.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// await polls a job until ok returns true.
func (w *world) await(t *testing.T, id, what string, ok func(*export.Job) bool) *export.Job {
	t.Helper()
	var job *export.Job
	eventually(t, what, func() bool {
		job = w.job(t, id)
		return ok(job)
	})
	return job
}

func is(status export.Status) func(*export.Job) bool {
	return func(job *export.Job) bool { return job.Status == status }
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	late := time.After(testTimeout)
	for !ok() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("not within %s: %s", testTimeout, what)
		}
	}
}

func receive[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(testTimeout):
		t.Fatalf("not within %s: %s", testTimeout, what)
	}
	return v
}

// released checks that the requester can start another job.
func (w *world) released(t *testing.T, job *export.Job) {
	t.Helper()
	if _, err := w.store.Holder(w.ctx, jobs.SlotOf(job)); !errors.Is(err, jobs.ErrNoJob) {
		t.Errorf("the slot is held: %v", err)
	}
	lock := redis.NewLock(w.redis)
	eventually(t, "the lock is free", func() bool {
		holder, err := lock.Take(w.ctx, jobs.SlotOf(job), "next")
		return err == nil && holder == "next"
	})
	eventually(t, "claims are deleted", func() bool {
		_, claimed, err := w.store.Claimed(w.ctx, job.ID, 1)
		return err == nil && !claimed
	})
}
