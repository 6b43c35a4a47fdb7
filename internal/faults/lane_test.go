package faults_test

import (
	"bytes"
	"context"
	"errors"
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
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/redis"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// patience is how long a test waits for what must happen.
const patience = time.Minute

// lane is a database, a Redis, a worker of its queue and a subscriber, for one case after the other.
type lane struct {
	ctx   context.Context
	db    *mongo.DB
	store jobs.Store
	redis *redis.Client

	mu    sync.Mutex // guards what follows
	now   *process   // the case's
	heard map[string][]news
	cases int
}

// news is what a subscriber hears of a job.
type news struct {
	version int64
	status  export.Status
	bytes   int64
}

// process is the service of one case, and the handlers that work for it.
type process struct {
	label   string
	service *jobs.Service
	handler sync.WaitGroup
}

// clock is a clock that a test may push on.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func newLane(t *testing.T, redisURL string) *lane {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stack := embeddedtest.Shared(t, embeddedtest.MongoDB)
	db, err := mongo.Connect(ctx, mongo.Options{URI: stack.MongoDBURI(), Database: embeddedtest.Database(t), SingleWriter: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	client, err := redis.Connect(redisURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &lane{ctx: ctx, db: db, store: mongo.NewJobs(db), redis: client, heard: map[string][]news{}}
	var running sync.WaitGroup
	subscribed := make(chan struct{}, 100)
	running.Go(func() {
		err := redis.NewBus(client).Subscribe(ctx, jobs.Listener{Job: l.hear, Resubscribed: func() {
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
		if err := errors.Join(client.Close(), db.Close(context.Background())); err != nil {
			t.Error(err)
		}
	})
	soon(t, subscribed, "subscription")
	return l
}

// hear keeps what is published.
func (l *lane) hear(job *export.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard[job.ID] = append(l.heard[job.ID], news{job.Version(), job.Status, job.Progress.Users.Bytes})
}

// news returns what was published of a job.
func (l *lane) news(id string) []news {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.heard[id])
}

// work hands an attempt to the case's service.
func (l *lane) work(ctx context.Context, id string, n int64) error {
	l.mu.Lock()
	p := l.now
	if p != nil {
		p.handler.Add(1)
	}
	l.mu.Unlock()
	if p == nil {
		return nil // of a case that is over
	}
	defer p.handler.Done()
	var err error
	pprof.Do(ctx, pprof.Labels("case", p.label), func(ctx context.Context) { err = p.service.Work(ctx, id, n) })
	return err
}

// begin makes a service the case's, and starts it. What of it still runs after stop, and after its handlers have returned, is
// a leak.
func (l *lane) begin(service *jobs.Service) (p *process, stop func()) {
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

// goroutines returns the stacks of those that a case has started and that still run.
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

// times are short: what takes seconds in a server is to take moments here. The heartbeat is the one that a busy machine can
// miss, which costs the case an attempt and no more.
func times() jobs.Settings {
	return jobs.Settings{
		HeartbeatEvery: 200 * time.Millisecond, StaleAfter: 3 * time.Second, StuckAfter: 2 * time.Second,
		PublishEvery: 5 * time.Millisecond, ReconcileEvery: 100 * time.Millisecond, RequeueEvery: 200 * time.Millisecond,
		CleanEvery: 100 * time.Millisecond, RetryDelay: time.Millisecond,
		StoreTimeout: 1500 * time.Millisecond, CleanTimeout: 500 * time.Millisecond,
	}
}

// small makes parts of a few users, so that a short run has many of them.
func small() run.Settings {
	return run.Settings{
		PartSize: func(int) int { return 1500 }, BlockUsers: 5, SegmentUsers: 9, SampleUsers: 3, Readers: 2, Packers: 1,
		RetryDelay: time.Nanosecond,
	}
}

// log keeps what a case says until it is known whether anybody wants to read it.
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

// await looks again whenever it is told to.
func await[T any](t *testing.T, again <-chan T, what string, ok func() bool) {
	t.Helper()
	late := time.After(patience)
	for !ok() {
		select {
		case <-again:
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
