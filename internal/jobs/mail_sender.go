package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// MaxMailTries is how often an e-mail is tried before it fails. With the delays that takes about a day.
const MaxMailTries = 30

const (
	mailBatch     = 50               // e-mails per query
	maxMailDelay  = time.Hour        // between two tries
	mailTimeout   = 45 * time.Second // of one try
	maxMailWrites = 20               // writes of a try's result, in case of conflicts
)

// Mailer sends the e-mail about the outcome of a final job to its requester.
type Mailer interface {
	// Send returns once a mail server or the outbox has accepted the e-mail. The message of a job
	// has the same Message-ID each time, because it is sent again if the result of a try was lost.
	// If the error is or wraps a *MailError, the error says what to show and whether to retry; any
	// other error is retried.
	Send(ctx context.Context, job *export.Job) error
}

// MailError says why an e-mail could not be sent.
type MailError struct {
	Permanent bool   // the refusal is final: do not retry
	Problem   string // a sentence to show; it contains no addresses
	Err       error  // the cause, for the log; nil if it contains an address
}

func (e *MailError) Error() string {
	if e.Err == nil {
		return e.Problem
	}
	return e.Problem + " " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *MailError) Unwrap() error { return e.Err }

// dueMail returns the e-mail that becomes due when the job ends, or nil. The write that ends the
// job stores it, so that nothing is lost between the two.
func (e *ender) dueMail(job *export.Job, at time.Time) *export.Mail {
	if !e.sendsMail || job.Mode != export.Async || job.Origin != export.FromConsole || job.Outcome == export.Cancelled {
		return nil
	}
	return &export.Mail{State: export.MailDue, Next: at}
}

// mailSender sends due e-mails.
type mailSender struct {
	*core
	mailer Mailer // nil: this process sends none
	due    signal
}

// run sends due e-mails until ctx ends: at every interval, and at once when a job of this
// process ends.
func (s *mailSender) run(ctx context.Context) {
	ticker := time.NewTicker(s.set.MailEvery)
	defer ticker.Stop()
	for {
		if err := s.sendMails(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "cannot process all e-mails; retrying", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.due:
		}
	}
}

// sendMails tries each due e-mail once.
func (s *mailSender) sendMails(ctx context.Context) error {
	jobs, err := s.store.Mailable(ctx, s.now(), mailBatch)
	if err != nil {
		return wrap(err, "find due e-mails")
	}
	var errs []error
	for _, job := range jobs {
		if ctx.Err() != nil {
			break
		}
		errs = append(errs, s.sendMail(ctx, job))
	}
	return errors.Join(errs...)
}

// sendMail claims a job's e-mail, sends it, and records the result. The claim is a write of exactly
// the version that was read, so one of several processes wins. The claim lasts until the time at
// which it makes the e-mail due again: if this process dies before it records the result, another
// one sends the same message then.
func (s *mailSender) sendMail(ctx context.Context, job *export.Job) error {
	if job.Mail.Tries >= MaxMailTries { // the process that made the last try died
		return s.recordMail(ctx, job, func(m *export.Mail) { giveUpMail(m, "The server stopped while it sent the email.") })
	}
	claimed, err := s.updateMail(ctx, job, func(m *export.Mail) {
		m.Tries++
		m.Next = s.time().Add(s.set.MailLease)
	})
	if errors.Is(err, ErrConflict) {
		return nil // another process claimed it, or the janitor changed the job: then the next query finds it again
	}
	if err != nil {
		return wrap(err, "claim an e-mail")
	}
	sending, cancel := context.WithTimeout(ctx, min(mailTimeout, s.set.MailLease/2))
	sent := s.mailer.Send(sending, claimed)
	cancel()
	return s.recordMail(context.WithoutCancel(ctx), claimed, func(m *export.Mail) { s.recordTry(ctx, job, m, sent) })
}

// recordTry updates an e-mail with the result of a try.
func (s *mailSender) recordTry(ctx context.Context, job *export.Job, m *export.Mail, err error) {
	now := s.time()
	if err == nil {
		*m = export.Mail{State: export.MailSent, Tries: m.Tries, SentAt: &now}
		s.log.InfoContext(ctx, "e-mail sent", "job", job.ID, "tenant", job.Tenant, "tries", m.Tries)
		return
	}
	refusal, known := errors.AsType[*MailError](err)
	problem := "The mail server did not accept the email."
	var cause error
	switch {
	case known:
		problem, cause = refusal.Problem, refusal.Err
	case ctx.Err() != nil:
		problem = "The server stopped while it sent the email."
	}
	if known && refusal.Permanent || m.Tries >= MaxMailTries {
		giveUpMail(m, problem)
		s.log.ErrorContext(ctx, "an e-mail could not be sent", "job", job.ID, "tenant", job.Tenant, "tries", m.Tries, "problem", problem, "error", cause)
		return
	}
	m.Next, m.Problem = now.Add(s.set.mailDelay(m.Tries)), problem
	if ctx.Err() != nil {
		m.Next = now // this process ends; another one may retry at once
	}
	s.log.WarnContext(ctx, "an e-mail could not be sent; retrying later", "job", job.ID, "tenant", job.Tenant, "tries", m.Tries, "problem", problem, "error", cause)
}

func giveUpMail(m *export.Mail, problem string) {
	m.State, m.Problem, m.Next = export.MailFailed, problem, time.Time{}
}

// recordMail writes the result of a try, even if the job has changed meanwhile (it expired, or the
// janitor cleaned up). If another process has claimed the e-mail again, that process's result
// counts.
func (s *mailSender) recordMail(ctx context.Context, job *export.Job, change func(*export.Mail)) error {
	tries := job.Mail.Tries
	for range maxMailWrites {
		_, err := s.updateMail(ctx, job, change)
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			return wrap(err, "record the result of an e-mail")
		}
		if job, err = s.store.Job(ctx, job.ID); err != nil {
			return wrap(err, "read the job of an e-mail")
		}
		if job.Mail == nil || job.Mail.State != export.MailDue || job.Mail.Tries != tries {
			return nil
		}
	}
	return wrap(ErrConflict, "record the result of an e-mail")
}

// updateMail changes the e-mail of a job as it was read, and publishes the job.
func (s *mailSender) updateMail(ctx context.Context, job *export.Job, change func(*export.Mail)) (*export.Job, error) {
	mail := *job.Mail
	change(&mail)
	next := *job
	next.Sequence++
	next.Mail = &mail
	if err := s.store.Update(ctx, &next, Exactly(job)); err != nil {
		return nil, err
	}
	s.updates.publish(&next)
	return &next, nil
}
