package jobs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func TestQueries(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, nil)
	var made []*export.Job
	for i := range 5 {
		made = append(made, w.create(t, s, request(fmt.Sprintf("admin:%d", i))))
	}

	t.Run("a job is its tenant's", func(t *testing.T) {
		if job, err := s.Job(w.ctx, "daily", made[0].ID); err != nil || job.ID != made[0].ID {
			t.Errorf("%v, %v", job, err)
		}
		if _, err := s.Job(w.ctx, "weekly", made[0].ID); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("another tenant's: %v", err)
		}
	})
	t.Run("pages end, and hold each job once", func(t *testing.T) {
		var got []string
		q := jobs.ListQuery{Limit: 2}
		for range 3 {
			page, next, err := s.List(w.ctx, "daily", q)
			if err != nil {
				t.Fatal(err)
			}
			for _, job := range page {
				got = append(got, job.ID)
			}
			q.Cursor = next
		}
		if q.Cursor != "" || len(got) != 5 {
			t.Fatalf("got %v, then %q", got, q.Cursor)
		}
		for i, id := range got {
			if id != made[4-i].ID {
				t.Errorf("place %d: %s", i, id)
			}
		}
		for _, bad := range []jobs.ListQuery{{Limit: -1}, {Limit: 201}, {Cursor: "x"}} {
			if _, _, err := s.List(w.ctx, "daily", bad); errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
	t.Run("positions count from one and move up", func(t *testing.T) {
		position := func(i int, want int64) {
			t.Helper()
			if n, err := s.QueuePosition(w.ctx, w.job(t, made[i].ID)); n != want || err != nil {
				t.Errorf("job %d: %d, %v, want %d", i, n, err, want)
			}
		}
		position(0, 1)
		position(4, 5)
		if _, err := s.Cancel(w.ctx, "daily", made[1].ID, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		position(4, 4)
		position(1, 0)
	})
	t.Run("a snapshot has the live job and those of a day", func(t *testing.T) {
		snapshot := func(want ...string) {
			t.Helper()
			got, err := s.Snapshot(w.ctx, "daily", "admin:1")
			if err != nil || len(got) != len(want) {
				t.Fatalf("got %v, %v, want %v", got, err, want)
			}
			for i := range want {
				if got[i].ID != want[i] {
					t.Errorf("place %d: %s, want %s", i, got[i].ID, want[i])
				}
			}
		}
		snapshot(made[1].ID)
		next := w.create(t, s, request("admin:1"))
		snapshot(next.ID, made[1].ID)
		w.clock.advance(25 * time.Hour)
		snapshot(next.ID)
	})
}
