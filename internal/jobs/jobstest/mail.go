package jobstest

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// ended inserts a job that has ended, with an e-mail that is due at the given time.
func ended(t *testing.T, ctx context.Context, s jobs.Store, requester string, due time.Time) *export.Job {
	t.Helper()
	job := NewJob("daily", requester)
	insert(t, ctx, s, job)
	return change(t, ctx, s, job, func(j *export.Job) {
		finish(export.Completed)(j)
		j.Mail = &export.Mail{State: export.MailDue, Next: due}
	})
}

func findsMail(t *testing.T, ctx context.Context, s jobs.Store) {
	first := ended(t, ctx, s, "admin:1", epoch.Add(time.Minute))
	second := ended(t, ctx, s, "admin:2", epoch.Add(2*time.Minute))
	insert(t, ctx, s, NewJob("daily", "admin:3"))
	silent := NewJob("daily", "admin:4")
	insert(t, ctx, s, silent)
	change(t, ctx, s, silent, finish(export.Completed))
	check := func(name string, at time.Time, limit int, want ...*export.Job) {
		t.Helper()
		got, err := s.Mailable(ctx, at, limit)
		if err != nil || !reflect.DeepEqual(ids(got), ids(want)) {
			t.Errorf("%s: got %v, want %v, %v", name, ids(got), ids(want), err)
		}
	}
	check("before", epoch.Add(time.Minute-time.Millisecond), 9)
	check("one is due", epoch.Add(time.Minute), 9, first)
	check("both are due", epoch.Add(time.Hour), 9, first, second)
	check("one at a time", epoch.Add(time.Hour), 1, first)

	first = change(t, ctx, s, first, func(j *export.Job) {
		j.Mail = &export.Mail{State: export.MailDue, Tries: 1, Next: epoch.Add(time.Hour), Problem: "x"}
	})
	check("the first is due later", epoch.Add(time.Minute), 9)
	at := epoch.Add(3 * time.Minute)
	sent := change(t, ctx, s, first, func(j *export.Job) { j.Mail = &export.Mail{State: export.MailSent, Tries: 2, SentAt: &at} })
	change(t, ctx, s, second, func(j *export.Job) { j.Mail = &export.Mail{State: export.MailFailed, Tries: 9, Problem: "y"} })
	check("none is due any more", epoch.Add(99*time.Hour), 9)
	got, err := s.Job(ctx, sent.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, sent)
}

func racesForMail(t *testing.T, ctx context.Context, s jobs.Store) {
	job := ended(t, ctx, s, "admin:1", epoch)
	var won atomic.Int64
	race(t, func(int) error {
		list, err := s.Mailable(ctx, epoch, 9)
		if err != nil || len(list) == 0 {
			return err
		}
		next := *list[0]
		next.Sequence++
		next.Mail = &export.Mail{State: export.MailDue, Tries: 1, Next: epoch.Add(time.Minute)}
		err = s.Update(ctx, &next, jobs.Exactly(list[0]))
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, jobs.ErrConflict) {
			return err
		}
		return nil
	})
	if won.Load() != 1 {
		t.Errorf("%d of %d got the e-mail", won.Load(), racers)
	}
	if got, err := s.Job(ctx, job.ID); err != nil || got.Mail.Tries != 1 {
		t.Errorf("after the race: %+v, %v", got.Mail, err)
	}
}
