package jobs_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/pipeline"
)

// fakeMailer is a mailer that stores messages and returns the configured answers.
type fakeMailer struct {
	answer func(ctx context.Context, job *export.Job, n int) error // n counts the messages from 1; nil: accept all

	mu   sync.Mutex
	sent []*export.Job
}

func (p *fakeMailer) Send(ctx context.Context, job *export.Job) error {
	p.mu.Lock()
	p.sent = append(p.sent, job)
	n := len(p.sent)
	p.mu.Unlock()
	if p.answer == nil {
		return nil
	}
	return p.answer(ctx, job, n)
}

func (p *fakeMailer) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent)
}

// mails gives a service a mailer and short intervals.
func mails(m jobs.Mailer) func(*jobs.Options) {
	return func(o *jobs.Options) {
		o.Mailer = m
		o.Settings.MailEvery, o.Settings.MailDelay = 10*time.Millisecond, time.Millisecond
	}
}

func mailIs(state export.MailState) func(*export.Job) bool {
	return func(j *export.Job) bool { return j.Mail != nil && j.Mail.State == state }
}

// With two processes that look for due mail, each outcome sends exactly one message.
func TestEndedJobSendsOneMail(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		box := &fakeMailer{}
		heard := w.collectPublished(t)
		f := func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
			if job.Requester.ID == "admin:bad" {
				return pipeline.Result{}, errs.Errorf(errs.CodeNonStringID, "The ids are not text.")
			}
			return succeed(ctx, job, obs)
		}
		first, second := w.service(t, f, mails(box)), w.service(t, f, mails(box))
		w.start(t, first, 2)
		w.start(t, second, 2)
		want := map[string]export.Status{}
		for _, requester := range []string{"admin:a", "admin:b", "admin:c", "admin:bad"} {
			job := w.create(t, first, request(requester))
			want[job.ID] = export.Completed
			if requester == "admin:bad" {
				want[job.ID] = export.Failed
			}
		}
		for id, status := range want {
			job := w.await(t, id, "the mail is sent", mailIs(export.MailSent))
			if job.Status != status || job.Mail.Tries != 1 || job.Mail.SentAt == nil || job.Mail.Problem != "" {
				t.Errorf("%s: %+v", job.Status, job.Mail)
			}
			eventually(t, "tabs see the mail", func() bool {
				for _, j := range heard() {
					if j.ID == id && mailIs(export.MailSent)(j) {
						return true
					}
				}
				return false
			})
		}
		w.clock.advance(time.Hour)
		eventually(t, "the janitor has cleaned up", func() bool {
			for id := range want {
				if w.job(t, id).Dirty {
					return false
				}
			}
			return true
		})
		box.mu.Lock()
		defer box.mu.Unlock()
		if len(box.sent) != len(want) {
			t.Errorf("%d mails for %d ends", len(box.sent), len(want))
		}
		for _, job := range box.sent {
			if job.Outcome != want[job.ID] {
				t.Errorf("the mail tells of %s, and it was %s", job.Outcome, want[job.ID])
			}
			delete(want, job.ID)
		}
	})
}

func TestNoMail(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	box := &fakeMailer{}
	begun := make(chan struct{})
	s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		if job.Requester.ID == "admin:cancelled" {
			close(begun)
			<-ctx.Done()
			return pipeline.Result{}, context.Cause(ctx)
		}
		return succeed(ctx, job, obs)
	}, mails(box))
	w.start(t, s, 2)
	api := request("key:k")
	api.Origin = export.FromAPI
	script := w.create(t, s, api)
	w.await(t, script.ID, "the script's job is done", is(export.Completed))
	cancelled := w.create(t, s, request("admin:cancelled"))
	receive(t, begun, "the run has begun")
	if _, err := s.Cancel(w.ctx, "daily", cancelled.ID, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	stream := request("admin:sync")
	stream.Mode = export.Sync
	syncJob := w.create(t, s, stream)
	w.clock.advance(time.Minute) // the stream is never opened
	w.await(t, syncJob.ID, "the stream is cancelled", is(export.Cancelled))
	// When this message is sent, the loop has checked the other jobs.
	last := w.create(t, s, request("admin:last"))
	w.await(t, last.ID, "the last one's mail is sent", mailIs(export.MailSent))
	for _, id := range []string{script.ID, cancelled.ID, syncJob.ID} {
		if job := w.job(t, id); job.Mail != nil {
			t.Errorf("a mail is due for a job that is %s, %s, %s: %+v", job.Origin, job.Mode, job.Outcome, job.Mail)
		}
	}
	if box.count() != 1 {
		t.Errorf("%d mails", box.count())
	}
}

// A failing mailer is retried and finally given up, and does not change the export.
func TestFailedMail(t *testing.T) {
	t.Parallel()
	down := errors.New("dial tcp 10.0.0.7:25: connection refused")
	for name, c := range map[string]struct {
		answer func(n int) error
		want   export.Mail
	}{
		"once": {
			func(n int) error {
				if n == 1 {
					return down
				}
				return nil
			},
			export.Mail{State: export.MailSent, Tries: 2},
		},
		"for good": {
			func(int) error {
				return &jobs.MailError{Permanent: true, Problem: "The mail server refused it.", Err: down}
			},
			export.Mail{State: export.MailFailed, Tries: 1, Problem: "The mail server refused it."},
		},
		"for a day": {
			func(int) error { return &jobs.MailError{Problem: "The mail server does not answer.", Err: down} },
			export.Mail{State: export.MailFailed, Tries: jobs.MaxMailTries, Problem: "The mail server does not answer."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := embedded(t)
			box := &fakeMailer{answer: func(_ context.Context, _ *export.Job, n int) error { return c.answer(n) }}
			s := w.service(t, succeed, mails(box), func(o *jobs.Options) { o.Settings.MailLease = time.Hour })
			w.start(t, s, 1)
			job := w.create(t, s, request("admin:a"))
			done := w.await(t, job.ID, "the mail is sent or failed", func(j *export.Job) bool {
				if mailIs(export.MailDue)(j) && j.Mail.Problem != "" {
					w.clock.advance(max(0, min(time.Hour, j.Mail.Next.Sub(w.clock.now())))) // the delay is over
				}
				return j.Mail != nil && j.Mail.State != export.MailDue
			})
			if done.Mail.State != c.want.State || done.Mail.Tries != c.want.Tries || done.Mail.Problem != c.want.Problem || box.count() != c.want.Tries {
				t.Errorf("%+v after %d tries, want %+v", done.Mail, box.count(), c.want)
			}
			if done.Outcome != export.Completed || len(done.Files) != 1 || done.Failure != nil {
				t.Errorf("the export has become %+v", done)
			}
		})
	}
}

// While a message waits, its job shows the reason, without any address.
func TestMailRetryDelays(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	box := &fakeMailer{answer: func(context.Context, *export.Job, int) error { return errors.New("no route to ada@example.com") }}
	s := w.service(t, succeed, mails(box), func(o *jobs.Options) { o.Settings.MailDelay = 15 * time.Second })
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	for try, pause := range []time.Duration{15 * time.Second, 30 * time.Second, time.Minute} {
		waiting := w.await(t, job.ID, "the mail waits", func(j *export.Job) bool {
			return mailIs(export.MailDue)(j) && j.Mail.Tries == try+1 && j.Mail.Problem != "" && j.Mail.Next.Sub(w.clock.now()) <= pause
		})
		if strings.Contains(waiting.Mail.Problem, "@") || waiting.Status != export.Completed {
			t.Errorf("%s: %+v", waiting.Status, waiting.Mail)
		}
		w.clock.advance(pause)
	}
}

// If a process dies between sending and recording, the message is sent again and recorded after the
// lease.
func TestMailIsResentAfterProcessDeath(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	job := jobstest.NewJob("daily", "admin:a")
	if err := w.store.Insert(w.ctx, job); err != nil {
		t.Fatal(err)
	}
	at := w.clock.now().UTC().Truncate(time.Millisecond)
	claimed := *job
	claimed.Sequence++
	claimed.Status, claimed.Outcome, claimed.CompletedAt = export.Completed, export.Completed, &at
	claimed.Mail = &export.Mail{State: export.MailDue, Tries: 1, Next: at.Add(2 * time.Minute)}
	if err := w.store.Update(w.ctx, &claimed, jobs.Exactly(job)); err != nil {
		t.Fatal(err)
	}
	box := &fakeMailer{}
	s := w.service(t, succeed, mails(box))
	w.start(t, s, 1)
	other := w.create(t, s, request("admin:b")) // its message shows that the loop has run
	w.await(t, other.ID, "the other mail is sent", mailIs(export.MailSent))
	if box.count() != 1 {
		t.Fatalf("%d mails within the lease", box.count())
	}
	w.clock.advance(3 * time.Minute)
	done := w.await(t, job.ID, "the mail is sent", mailIs(export.MailSent))
	if done.Mail.Tries != 2 || box.count() != 2 {
		t.Errorf("%+v, %d mails", done.Mail, box.count())
	}
}

// A job that expires, or is cleaned up, while its message is being sent keeps both changes.
func TestMailWhileTheJobChanges(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	sending, open := make(chan struct{}), make(chan struct{})
	box := &fakeMailer{answer: func(ctx context.Context, _ *export.Job, _ int) error {
		close(sending)
		<-open
		return nil
	}}
	s := w.service(t, succeed, mails(box), func(o *jobs.Options) { o.Settings.MailLease = 1000 * time.Hour })
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	receive(t, sending, "the mail is being sent")
	w.clock.advance(8 * 24 * time.Hour)
	w.await(t, job.ID, "the job is expired and clean", func(j *export.Job) bool { return j.Status == export.Expired && !j.Dirty })
	close(open)
	done := w.await(t, job.ID, "the mail is recorded", mailIs(export.MailSent))
	if done.Status != export.Expired || done.Outcome != export.Completed || box.count() != 1 {
		t.Errorf("%+v", done)
	}
}

// A process without a mailer leaves messages to a process with one.
func TestMailOfAnotherProcess(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	working := w.service(t, succeed, func(o *jobs.Options) { o.Settings.MailElsewhere = true })
	w.start(t, working, 1)
	job := w.create(t, working, request("admin:a"))
	w.await(t, job.ID, "the job is completed and its mail due", mailIs(export.MailDue))
	box := &fakeMailer{}
	w.start(t, w.service(t, nil, mails(box)), 0)
	w.await(t, job.ID, "the mail is sent", mailIs(export.MailSent))
}

// A process that shuts down does not wait for a hanging mail server, and hands the message to
// another process at once.
func TestMailAtShutdown(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	sending := make(chan struct{})
	box := &fakeMailer{answer: func(ctx context.Context, _ *export.Job, n int) error {
		if n > 1 {
			return nil
		}
		close(sending)
		<-ctx.Done()
		return ctx.Err()
	}}
	stop := w.start(t, w.service(t, succeed, mails(box)), 1)
	job := w.create(t, w.service(t, nil), request("admin:a"))
	receive(t, sending, "the mail is being sent")
	stop()
	if left := w.job(t, job.ID); left.Mail.State != export.MailDue || left.Mail.Next.After(w.clock.now()) {
		t.Errorf("the mail is left as %+v", left.Mail)
	}
	w.start(t, w.service(t, succeed, mails(box)), 1)
	w.await(t, job.ID, "another process has sent the mail", mailIs(export.MailSent))
}
