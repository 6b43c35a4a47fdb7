package jobs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// A job of a process that has certainly died continues without waiting for the end of its lease,
// wherever the process died, and the dead process can no longer write.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	for moment, run := range map[string]bool{"after the claim": false, "during the run": true} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			s := w.service(t, succeed)
			job := w.create(t, s, request("admin:a"))
			lease := w.clock.now().Add(time.Hour) // no test waits for its end
			if won, err := w.store.Claim(w.ctx, job.ID, 1, lease); !won || err != nil {
				t.Fatal(won, err)
			}
			dead := *job
			if run {
				dead.Attempt, dead.Status, dead.Heartbeat, dead.Dirty = 1, export.Downloading, lease, true
				if err := w.store.Update(w.ctx, &dead, jobs.Exactly(job)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.TakeOver(w.ctx); err != nil {
				t.Fatal(err)
			}
			if run {
				late := dead
				late.Sequence++
				if err := w.store.Update(w.ctx, &late, jobs.Within(&late)); !errors.Is(err, jobs.ErrConflict) {
					t.Errorf("a write of the dead attempt: %v", err)
				}
			}
			w.start(t, s, 1)
			done := w.await(t, job.ID, "the job is completed", is(export.Completed))
			if run != (done.Resumes == 1) {
				t.Errorf("%d resumes", done.Resumes)
			}
		})
	}
}

// A job that waits after a failure keeps its delay.
func TestTakeOverKeepsTheDelay(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	s := w.service(t, succeed)
	job := w.create(t, s, request("admin:a"))
	due := export.NewTime(w.clock.now().Add(time.Hour))
	waiting := *job
	waiting.Attempt, waiting.Status, waiting.Heartbeat = 1, export.Downloading, due.Time
	waiting.Retry = &export.Retry{Reason: export.RetryStorage, Message: "m", At: &due}
	if err := w.store.Update(w.ctx, &waiting, jobs.Exactly(job)); err != nil {
		t.Fatal(err)
	}
	if err := s.TakeOver(w.ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.job(t, job.ID); got.Attempt != 1 || !got.Heartbeat.Equal(due.Time) {
		t.Errorf("attempt %d, heartbeat %s", got.Attempt, got.Heartbeat)
	}
}
