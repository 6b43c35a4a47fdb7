package jobs_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/redis"
	"github.com/egress-io/egress/internal/redis/redistest"
)

// createConcurrently sends n requests at once. It returns the created jobs, the number of rejected requests, and
// which jobs the rejections named.
func (w *world) createConcurrently(t *testing.T, s *jobs.Service, n int) (made []*export.Job, refused int64, named map[string]int) {
	t.Helper()
	type answer struct {
		job *export.Job
		err error
	}
	answers := make(chan answer, n)
	var g errgroup.Group
	for range n {
		g.Go(func() error {
			job, _, err := s.Create(w.ctx, request("admin:a"))
			answers <- answer{job, err}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	close(answers)
	named = map[string]int{}
	for a := range answers {
		if a.err == nil {
			made = append(made, a.job)
			continue
		}
		e, ok := errors.AsType[*errs.Error](a.err)
		if !ok || e.Code != errs.CodeExportInProgress {
			t.Fatalf("refused with %v", a.err)
		}
		refused++
		id, ok := e.Details["jobId"].(string)
		if !ok {
			t.Fatalf("details %v", e.Details)
		}
		named[id]++
	}
	return made, refused, named
}

func TestOneOfFiveHundredRequestsIsAccepted(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		s := w.service(t, nil)
		made, refused, named := w.createConcurrently(t, s, 500)
		if len(made) != 1 || refused != 499 || named[made[0].ID] != 499 {
			t.Fatalf("%d made, %d refused because of %v", len(made), refused, named)
		}
		first := made[0].ID

		w.empty(t) // Redis is empty; the database is not
		made, refused, named = w.createConcurrently(t, s, 500)
		if len(made) != 0 || refused != 500 || named[first] != 500 {
			t.Fatalf("after Redis was emptied: %d made, %d refused because of %v, want %s", len(made), refused, named, first)
		}
		if holder, err := redis.NewLock(w.redis).Take(w.ctx, jobs.Slot{Tenant: "daily", RequesterID: "admin:a"}, "x"); holder != first || err != nil {
			t.Errorf("the lock is held by %q, %v", holder, err)
		}
		if _, err := s.Cancel(w.ctx, "daily", first, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		if made, refused, _ = w.createConcurrently(t, s, 50); len(made) != 1 || refused != 49 {
			t.Fatalf("after the end: %d made, %d refused", len(made), refused)
		}
	})
}

func TestRestoreSetsLocks(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, nil)
	job := w.create(t, s, request("admin:a"))
	w.empty(t)
	if err := s.RestoreLocks(w.ctx); err != nil {
		t.Fatal(err)
	}
	if holder, err := redis.NewLock(w.redis).Take(w.ctx, jobs.SlotOf(job), "x"); holder != job.ID || err != nil {
		t.Errorf("the lock is held by %q, %v", holder, err)
	}
}

func TestStaleLockIsTakenOver(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		s, lock := w.service(t, nil), redis.NewLock(w.redis)
		for name, holder := range map[string]func(slot jobs.Slot) string{
			"missing": func(jobs.Slot) string { return jobstest.ID() },
			"final": func(slot jobs.Slot) string {
				job := w.create(t, s, request(slot.RequesterID))
				if _, err := s.Cancel(w.ctx, slot.Tenant, job.ID, "ada@example.com"); err != nil {
					t.Fatal(err)
				}
				return job.ID
			},
			"another's": func(jobs.Slot) string { return w.create(t, s, request("admin:z")).ID },
		} {
			slot := jobs.Slot{Tenant: "daily", RequesterID: "admin:" + name}
			if err := lock.Set(w.ctx, slot, holder(slot)); err != nil {
				t.Fatal(err)
			}
			job := w.create(t, s, request(slot.RequesterID))
			if holder, err := lock.Take(w.ctx, slot, "x"); holder != job.ID || err != nil {
				t.Errorf("%s: the lock is held by %q, %v", name, holder, err)
			}
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, nil)
	r := request("admin:a")
	r.IdempotencyKey = "monday"
	first := w.create(t, s, r)

	t.Run("answers with the same job", func(t *testing.T) {
		job, replayed, err := s.Create(w.ctx, r)
		if err != nil || !replayed || job.ID != first.ID {
			t.Errorf("%v, replayed %v, %v", job, replayed, err)
		}
	})
	t.Run("refuses another definition", func(t *testing.T) {
		other := r
		other.Definition.Include.Grants = !other.Definition.Include.Grants
		if _, _, err := s.Create(w.ctx, other); errs.CodeOf(err) != errs.CodeIdempotencyKeyReused {
			t.Error(err)
		}
	})
	t.Run("belongs to its requester", func(t *testing.T) {
		other := request("admin:b")
		other.IdempotencyKey = r.IdempotencyKey
		if job := w.create(t, s, other); job.ID == first.ID {
			t.Error("got the job of another requester")
		}
	})
	t.Run("is remembered after the end, for a day", func(t *testing.T) {
		if _, err := s.Cancel(w.ctx, "daily", first.ID, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		job, replayed, err := s.Create(w.ctx, r)
		if err != nil || !replayed || job.ID != first.ID || job.Status != export.Cancelled {
			t.Errorf("%v, replayed %v, %v", job, replayed, err)
		}
		w.clock.advance(24 * time.Hour)
		if job := w.create(t, s, r); job.ID == first.ID {
			t.Error("remembered for longer")
		}
	})
	t.Run("must be printable and short", func(t *testing.T) {
		for _, key := range []string{"a\nb", "\x00", string(make([]byte, 256)), "\xff"} {
			bad := r
			bad.IdempotencyKey = key
			if _, _, err := s.Create(w.ctx, bad); errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Errorf("%q: %v", key, err)
			}
		}
	})
	t.Run("makes one job of fifty requests at once", func(t *testing.T) {
		r := request("admin:c")
		r.IdempotencyKey = "once"
		var made, unanswered atomic.Int64
		ids := make(chan string, 50)
		var g errgroup.Group
		for range 50 {
			g.Go(func() error {
				job, replayed, err := s.Create(w.ctx, r)
				// On a busy machine a database may answer too late. The key makes a repetition safe.
				for errs.CodeOf(err) == errs.CodeUnavailable && !strings.Contains(err.Error(), "Too many requests") && w.ctx.Err() == nil {
					unanswered.Add(1)
					job, replayed, err = s.Create(w.ctx, r)
				}
				if err != nil {
					return err
				}
				if !replayed {
					made.Add(1)
				}
				ids <- job.ID
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		close(ids)
		different := map[string]bool{}
		for id := range ids {
			different[id] = true
		}
		// A request without an answer may have made the job.
		if n := made.Load(); n > 1 || n == 0 && unanswered.Load() == 0 || len(different) != 1 {
			t.Errorf("%d made, %d unanswered, %d different jobs answered", n, unanswered.Load(), len(different))
		}
		stored, _, err := s.List(w.ctx, "daily", jobs.ListQuery{RequesterID: r.Requester.ID})
		if err != nil || len(stored) != 1 || !different[stored[0].ID] {
			t.Errorf("%d jobs stored, %v; want the one that was answered", len(stored), err)
		}
	})
}

func TestAdmissionWithoutRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	w := newWorld(t, server.URL())
	s := w.service(t, succeed)
	server.Stop()
	w.start(t, s, 1)

	begun := time.Now()
	job := w.create(t, s, request("admin:a"))
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
	if _, _, err := s.Create(w.ctx, request("admin:a")); errs.CodeOf(err) != errs.CodeExportInProgress {
		t.Errorf("a second one: %v", err)
	}
	cancelled := w.create(t, s, request("admin:b"))
	if got, err := s.Cancel(w.ctx, "daily", cancelled.ID, "ada@example.com"); err != nil || got.Status != export.Cancelled {
		t.Errorf("cancel: %v, %v", got, err)
	}
	server.Start()
	w.await(t, job.ID, "the job runs once Redis is back", is(export.Completed))
	w.released(t, job)
}
