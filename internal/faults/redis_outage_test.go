package faults_test

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/pipeline/pipelinetest"
	"github.com/egress-io/egress/internal/redis"
	"github.com/egress-io/egress/internal/redis/redistest"
)

// steppedStorage is a storage that stores only as many parts as its steps allow.
type steppedStorage struct {
	pipeline.Storage
	steps *steps
}

func (s steppedStorage) Create(ctx context.Context, key, contentType string) (pipeline.Upload, error) {
	u, err := s.Storage.Create(ctx, key, contentType)
	return steppedUpload{u, s.steps}, err
}

type steppedUpload struct {
	pipeline.Upload
	steps *steps
}

func (u steppedUpload) Part(ctx context.Context, n int, body []byte) (pipeline.StoredPart, error) {
	if err := u.steps.wait(ctx, n); err != nil {
		return pipeline.StoredPart{}, err
	}
	return u.Upload.Part(ctx, n, body)
}

// steps lets parts pass up to a number. Parts are stored concurrently, so a plain count would let a
// later part take the place of an earlier one.
type steps struct {
	mu     sync.Mutex
	upTo   int
	raised chan struct{} // closed when upTo is raised
}

func newSteps() *steps { return &steps{raised: make(chan struct{})} }

func (s *steps) wait(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		upTo, raised := s.upTo, s.raised
		s.mu.Unlock()
		if n <= upTo {
			return nil
		}
		select {
		case <-raised:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *steps) raise(parts int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.upTo += parts
	close(s.raised)
	s.raised = make(chan struct{})
}

// screen is what a requester sees: a snapshot after every subscription, then updates, and never a
// version older than the one shown.
type screen struct {
	mu    sync.Mutex
	shown []export.Job
	fresh int // snapshots
}

func (s *screen) show(job *export.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.shown); n == 0 || job.Version() > s.shown[n-1].Version() {
		s.shown = append(s.shown, *job)
	}
}

// update shows the progress of the job that is shown.
func (s *screen) update(e *jobs.ProgressEvent) {
	last := s.last()
	if last.ID != e.JobID {
		return
	}
	if job := e.Apply(&last); job != nil {
		s.show(job)
	}
}

func (s *screen) all() []export.Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.shown)
}

func (s *screen) last() export.Job {
	all := s.all()
	if len(all) == 0 {
		return export.Job{}
	}
	return all[len(all)-1]
}

// watch updates a requester's screen as the hub does, until the test ends.
func (l *testEnv) watch(t *testing.T, service *jobs.Service, slot jobs.Slot) *screen {
	t.Helper()
	s := &screen{}
	ctx, cancel := context.WithCancel(l.ctx)
	refresh, ready := make(chan struct{}, 1), make(chan struct{}, 1)
	var running sync.WaitGroup
	running.Go(func() {
		err := redis.NewBus(l.redis).Subscribe(ctx, jobs.Listener{
			Job: func(job *export.Job) {
				if jobs.SlotOf(job) == slot {
					s.show(job)
				}
			},
			Progress: func(e *jobs.ProgressEvent) {
				if e.Slot() == slot {
					s.update(e)
				}
			},
			Resubscribed: func() {
				select {
				case refresh <- struct{}{}:
				default:
				}
			},
		})
		if err != nil {
			t.Error(err)
		}
	})
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-refresh:
			}
			recent, err := service.Snapshot(ctx, slot.Tenant, slot.RequesterID)
			if err != nil {
				t.Error(err)
			}
			for _, job := range recent {
				s.show(job)
			}
			s.mu.Lock()
			s.fresh++
			s.mu.Unlock()
			select {
			case ready <- struct{}{}:
			default:
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	receive(t, ready, "a first snapshot")
	return s
}

func (s *screen) snapshots() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fresh
}

// Redis dies during a run and comes back empty. The run neither stops nor restarts, the screen
// never shows anything false, and it is up to date before the end. EGRESS_TEST_AWAY is how long
// Redis stays away, in addition to the time that it takes to see that the run continues.
func TestRedisOutageDuringRun(t *testing.T) {
	t.Parallel()
	longer, err := time.ParseDuration("0" + os.Getenv("EGRESS_TEST_AWAY"))
	if err != nil {
		t.Fatalf("EGRESS_TEST_AWAY: %v", err)
	}
	server := redistest.Server(t)
	l := newTestEnv(t, server.URL())
	want := l.run(t, testCase{scenario: scenarios[0]}, "").sha256

	tenant, stored, logs := pipelinetest.NewTenant(pipelinetest.MakeUsers(t, userCount)), pipelinetest.NewStorage(), &log{}
	steps, changed, pace, now := newSteps(), make(chan struct{}, 1), newPace(), &clock{}
	set := times()
	set.StuckAfter = time.Hour // the test decides when parts are stored
	storage, bus := steppedStorage{pacedStorage{stored, pace}, steps}, redis.NewBus(l.redis)
	service := jobs.New(jobs.Options{
		Store: observedStore{l.store, pace, changed}, Lock: redis.NewLock(l.redis), Queue: redis.NewQueue(l.redis), Bus: bus, Feed: bus,
		Storage: storage, Logger: logs.logger(), Now: now.now,
		Executor: pipeline.New(pipeline.Options{Planner: tenant, Accounts: tenant, Users: tenant, Storage: storage, Settings: small(), Logger: logs.logger()}),
		Settings: set,
	})
	process, stop := l.startService(service)
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("What the service said:\n%s", logs)
		}
	})
	id := l.admit(t, service, "")
	screen := l.watch(t, service, jobs.SlotOf(l.job(t, id)))
	var kept *export.Job
	until := func(parts int) {
		t.Helper()
		await(t, changed, "more parts are kept", func() bool {
			kept = l.job(t, id)
			return kept.Checkpoint != nil && kept.Checkpoint.Parts >= parts
		})
	}

	steps.raise(2)
	until(2)
	eventually(t, "the screen shows the run", func() bool { return screen.last().Progress.Users.Bytes > 0 })
	server.Stop()
	before, snapshots := screen.last(), screen.snapshots()
	steps.raise(3)
	until(5)
	alive := kept.Heartbeat
	begun := time.NewTimer(longer)
	<-begun.C
	await(t, changed, "the run gives signs of life", func() bool {
		kept = l.job(t, id)
		return kept.Heartbeat.After(alive.Add(longer))
	})
	if kept.Attempt != 1 || !kept.Status.Running() {
		t.Fatalf("without Redis the job is %s in attempt %d", kept.Status, kept.Attempt)
	}
	if on := screen.last(); on.Status.Final() || on.Progress.Users.Bytes < before.Progress.Users.Bytes {
		t.Errorf("without Redis the screen shows %s, %+v", on.Status, on.Progress)
	}

	server.Start()
	eventually(t, "the screen catches up", func() bool {
		return screen.snapshots() > snapshots && screen.last().Progress.Users.Bytes >= kept.Progress.Users.Bytes
	})
	if on := screen.last(); !on.Status.Running() {
		t.Errorf("the screen shows %s while the job is running", on.Status)
	}
	steps.raise(1 << 20)
	await(t, changed, "the job ends", func() bool {
		kept = l.job(t, id)
		return kept.Status.Final()
	})
	process.handler.Wait()
	eventually(t, "the screen shows the end", func() bool { return screen.last().Status == export.Completed })
	now.advance(times().StaleAfter * 60)
	await(t, changed, "the job is cleaned up after", func() bool {
		kept = l.job(t, id)
		return !kept.Dirty
	})
	c := testCase{scenario: scenario{name: "redis away"}}
	c.check(t, kept, stored, want)
	if kept.Attempt != 1 || kept.Resumes != 0 {
		t.Errorf("completed by attempt %d", kept.Attempt)
	}
	l.checkReleased(t, c, kept)
	l.checkPublished(t, c, id)
	checkScreen(t, screen.all(), kept)
}

// checkScreen reports everything false that a screen has shown.
func checkScreen(t *testing.T, shown []export.Job, end *export.Job) {
	t.Helper()
	order := []export.Status{export.Queued, export.Preparing, export.Downloading, export.Completed}
	var last export.Job
	for i, job := range shown {
		u := job.Progress.Users
		switch {
		case !slices.Contains(order, job.Status), slices.Index(order, job.Status) < slices.Index(order, last.Status):
			t.Errorf("shown as %s after %s", job.Status, last.Status)
		case job.Status == export.Completed && i < len(shown)-1:
			t.Error("shown as completed, and then as something else")
		case u.Bytes < last.Progress.Users.Bytes, u.Bytes > end.Files[0].Bytes, u.Rows > end.Files[0].Rows, job.Failure != nil:
			t.Errorf("shown as %+v after %+v, %+v", job.Progress, last.Progress, job.Failure)
		}
		last = job
	}
	if last.Status != export.Completed || last.Progress.Users != end.Progress.Users || last.Progress.Percent != 100 {
		t.Errorf("at last shown as %s, %+v", last.Status, last.Progress)
	}
}
