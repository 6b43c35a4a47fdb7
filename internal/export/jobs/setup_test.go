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
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/jobs/jobstest"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/redis"
	"github.com/egress-io/egress/internal/redis/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 2 * time.Minute

// clock is a clock that tests may push on.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// storage remembers what was asked of it.
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

// executor runs a function as the run.
type executor func(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error)

func (f executor) Run(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
	return f(ctx, job, obs)
}

// streamer runs a function as the making of a streamed file.
type streamer func(ctx context.Context, job *export.Job, kind export.FileKind, obs run.Observer, to run.Receiver) (run.Streamed, error)

// both is the executor of a service.
type both struct {
	executor
	stream streamer
}

func (b both) Stream(ctx context.Context, job *export.Job, kind export.FileKind, obs run.Observer, to run.Receiver) (run.Streamed, error) {
	return b.stream(ctx, job, kind, obs, to)
}

// fileKey is where the test's runs put their file.
func fileKey(job *export.Job) string { return run.Prefix(job) + "users.csv" }

// succeed is a run that goes well.
func succeed(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error) {
	if err := obs.Prepared(ctx, export.UsersFile, []export.Column{{Name: "user_id"}}, export.Progress{Phase: export.Downloading}); err != nil {
		return run.Result{}, err
	}
	if err := obs.Uploading(ctx, fileKey(job)); err != nil {
		return run.Result{}, err
	}
	obs.Event("written", "All rows were written.")
	return run.Result{
		Files:    []export.File{{Kind: export.UsersFile, Name: "users.csv", Key: fileKey(job), Bytes: 9}},
		Warnings: []export.Warning{{Code: "no_column", Message: "m"}},
		Progress: export.Progress{Users: export.FileProgress{Bytes: 9, BytesTotal: 9, BytesTotalExact: true}},
	}, nil
}

// world is a Redis and a database with one process or more.
type world struct {
	stream  streamer // of services made from then on; nil: nothing is streamed
	ctx     context.Context
	store   jobs.Store
	redis   *redis.Client
	url     string
	empty   func(t *testing.T) // loses all that Redis knows
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
	stack := embeddedtest.Shared(t, embeddedtest.MongoDB)
	db, err := mongo.Connect(ctx, mongo.Options{URI: stack.MongoDBURI(), Database: embeddedtest.Database(t), SingleWriter: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
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
		ctx: ctx, store: mongo.NewJobs(db), redis: client, url: redisURL, clock: &clock{}, storage: &storage{},
	}
}

func logger(t *testing.T) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// service makes the service of one process. Change may adapt its parts and settings.
func (w *world) service(t *testing.T, f executor, change ...func(*jobs.Parts, *jobs.Settings)) *jobs.Service {
	bus := redis.NewBus(w.redis)
	p := jobs.Parts{
		Store: w.store, Gate: redis.NewLock(w.redis), Queue: redis.NewQueue(w.redis), Bus: bus, Feed: bus,
		Storage: w.storage, Executor: both{f, w.stream}, Logger: logger(t), Now: w.clock.now,
	}
	s := jobs.Settings{
		HeartbeatEvery: 100 * time.Millisecond, PublishEvery: 10 * time.Millisecond, ReconcileEvery: 20 * time.Millisecond,
		RequeueEvery: 50 * time.Millisecond, CleanEvery: 20 * time.Millisecond, RetryDelay: time.Millisecond,
	}
	for _, f := range change {
		f(&p, &s)
	}
	return jobs.New(p, s)
}

// start runs a service's own goroutines and, with workers, a worker. Stop ends them as a process does on a signal.
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

// await polls a job until it is as wanted.
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
	late := time.After(patience)
	for !ok() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

func soon[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("not within %s: %s", patience, what)
	}
	return v
}

// released checks that nothing holds a requester back any more.
func (w *world) released(t *testing.T, job *export.Job) {
	t.Helper()
	if _, err := w.store.Holder(w.ctx, jobs.SlotOf(job)); !errors.Is(err, jobs.ErrNoJob) {
		t.Errorf("the slot is held: %v", err)
	}
	lock := redis.NewLock(w.redis)
	eventually(t, "the gate is open", func() bool {
		holder, err := lock.Take(w.ctx, jobs.SlotOf(job), "next")
		return err == nil && holder == "next"
	})
	eventually(t, "claims are forgotten", func() bool {
		_, claimed, err := w.store.Claimed(w.ctx, job.ID, 1)
		return err == nil && !claimed
	})
}
