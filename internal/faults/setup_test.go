package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/redis"
	"github.com/egress-io/egress/internal/storetest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// testTimeout is how long a test waits for an expected event.
const testTimeout = time.Minute

// testEnv is a database, a Redis, a queue worker and a subscriber that run one case after another.
type testEnv struct {
	ctx    context.Context
	store  jobs.Store
	stored storedUsers
	redis  *redis.Client

	mu        sync.Mutex // guards the fields below
	now       *process   // of the current case
	published map[string][]publishedState
	cases     int
}

// publishedState is a published state of a job.
type publishedState struct {
	version int64
	status  export.Status
	bytes   int64
}

// process is the service of one case, and its running handlers.
type process struct {
	label   string
	service *jobs.Service
	handler sync.WaitGroup
}

// clock is a clock that a test can advance.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func newTestEnv(t *testing.T, redisURL string) *testEnv {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stores := storetest.Open(t)
	client, err := redis.Connect(redisURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &testEnv{ctx: ctx, store: stores.Jobs, stored: storeUsers(t, stores), redis: client, published: map[string][]publishedState{}}
	var running sync.WaitGroup
	subscribed := make(chan struct{}, 100)
	running.Go(func() {
		err := redis.NewBus(client).Subscribe(ctx, jobs.Listener{Job: l.record, Progress: l.recordProgress, Resubscribed: func() {
			select {
			case subscribed <- struct{}{}:
			default:
			}
		}})
		if err != nil {
			t.Error(err)
		}
	})
	running.Go(func() {
		if err := redis.NewQueue(client).Serve(ctx, 3, l.work); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	receive(t, subscribed, "subscription")
	return l
}

// record stores what is published.
func (l *testEnv) record(job *export.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.published[job.ID] = append(l.published[job.ID], publishedState{job.Version(), job.Status, job.Progress.Users.Bytes})
}

func (l *testEnv) recordProgress(e *jobs.ProgressEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.published[e.JobID] = append(l.published[e.JobID], publishedState{e.Version, e.Progress.Phase, e.Progress.Users.Bytes})
}

// publishedState returns the published states of a job.
func (l *testEnv) publishedState(id string) []publishedState {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.published[id])
}

// work passes an attempt to the current case's service.
func (l *testEnv) work(ctx context.Context, id string, n int64) error {
	l.mu.Lock()
	p := l.now
	if p != nil {
		p.handler.Add(1)
	}
	l.mu.Unlock()
	if p == nil {
		return nil // the task belongs to a finished case
	}
	defer p.handler.Done()
	var err error
	pprof.Do(ctx, pprof.Labels("case", p.label), func(ctx context.Context) { err = p.service.Work(ctx, id, n) })
	return err
}

// startService starts a service as the current case's. Whatever still runs after stop, and after its
// handlers have returned, is a leak.
func (l *testEnv) startService(service *jobs.Service) (p *process, stop func()) {
	ctx, cancel := context.WithCancel(l.ctx)
	l.mu.Lock()
	l.cases++
	p = &process{label: fmt.Sprintf("%p-%d", l, l.cases), service: service}
	l.now = p
	l.mu.Unlock()
	var running sync.WaitGroup
	pprof.Do(ctx, pprof.Labels("case", p.label), func(ctx context.Context) {
		running.Go(func() { service.Run(ctx) })
	})
	return p, sync.OnceFunc(func() {
		l.mu.Lock()
		l.now = nil
		l.mu.Unlock()
		p.handler.Wait()
		cancel()
		running.Wait()
	})
}

// goroutines returns the stacks of the case's goroutines that still run.
func (p *process) goroutines(t *testing.T) string {
	t.Helper()
	var all bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		t.Fatal(err)
	}
	var mine []string
	for g := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(g, `"case":"`+p.label+`"`) {
			mine = append(mine, g)
		}
	}
	return strings.Join(mine, "\n\n")
}

// times are short, so that a test takes moments instead of seconds. A busy machine may miss a
// heartbeat, which costs the case only an attempt.
func times() jobs.Settings {
	return jobs.Settings{
		HeartbeatEvery: 200 * time.Millisecond, StaleAfter: 3 * time.Second, StuckAfter: 2 * time.Second,
		PublishEvery: 5 * time.Millisecond, ReconcileEvery: 100 * time.Millisecond, RequeueEvery: 200 * time.Millisecond,
		CleanEvery: 100 * time.Millisecond, RetryDelay: time.Millisecond,
		StoreTimeout: 1500 * time.Millisecond, CleanTimeout: 500 * time.Millisecond,
	}
}

// small makes parts of a few users, so that a short run has many parts.
func small() pipeline.Settings {
	return pipeline.Settings{
		PartSize: func(int) int { return 1500 }, BlockUsers: 5, SegmentUsers: 9, SampleUsers: 3, Readers: 2, Packers: 1,
		RetryDelay: time.Nanosecond,
	}
}

// log stores a case's log lines, to be shown if the case fails.
type log struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func (l *log) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	await(t, again.C, what, ok)
}

// await checks the condition again after every value from the channel.
func await[T any](t *testing.T, again <-chan T, what string, ok func() bool) {
	t.Helper()
	late := time.After(testTimeout)
	for !ok() {
		select {
		case <-again:
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
