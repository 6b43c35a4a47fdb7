package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// MaxMailTries is how often an e-mail is tried before it is given up: with the pauses between the tries about a day.
const MaxMailTries = 30

const (
	mailBatch    = 50               // mails that one look takes
	maxMailDelay = time.Hour        // between two tries
	mailTimeout  = 45 * time.Second // of one try
	maxNotes     = 20               // how often the note of a try is written anew where the job changed meanwhile
)

// Mailer sends the e-mail that tells the requester of a final job how it ended.
type Mailer interface {
	// Send returns once the e-mail is handed over. What it sends for a job is the same message each time, by its id: a
	// message that was handed over before, and not noted, comes again. An error that is, or wraps, a *MailError says what
	// is shown of it; any other is tried again.
	Send(ctx context.Context, job *export.Job) error
}

// MailError is why an e-mail could not be sent.
type MailError struct {
	Permanent bool   // it was refused for good: trying again is of no use
	Problem   string // a sentence without addresses, to be shown
	Err       error  // the cause, for the log: without addresses; nil where it names one
}

func (e *MailError) Error() string {
	if e.Err == nil {
		return e.Problem
	}
	return e.Problem + " " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *MailError) Unwrap() error { return e.Err }

// dueMail is the e-mail that a job owes its requester when it ends like this, or nil. It is kept by the write that ends
// the job, so that nothing is lost between the two.
func (s *Service) dueMail(job *export.Job, at time.Time) *export.Mail {
	if s.mailer == nil && !s.set.MailElsewhere || job.Mode != export.Async || job.Origin != export.FromConsole || job.Outcome == export.Cancelled {
		return nil
	}
	return &export.Mail{State: export.MailDue, Next: at}
}

// mailLoop sends the mails that are due until ctx ends: at every interval, and at once when a job of this process ended.
func (s *Service) mailLoop(ctx context.Context) {
	ticker := time.NewTicker(s.set.MailEvery)
	defer ticker.Stop()
	for {
		if err := s.sendMails(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "cannot look after all e-mails; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.mailDue:
		}
	}
}

// sendMails tries once each mail that is due now.
func (s *Service) sendMails(ctx context.Context) error {
	jobs, err := s.store.Mailable(ctx, s.now(), mailBatch)
	if err != nil {
		return wrap(err, "look for e-mails that are due")
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

// sendMail claims a job's mail, sends it, and notes what became of it. The claim is a write of exactly the version that
// was read, so of many who try one wins. It holds as long as it says when the mail is due again: should this process die
// before the note, another one sends the same message then.
func (s *Service) sendMail(ctx context.Context, job *export.Job) error {
	if job.Mail.Tries >= MaxMailTries { // and whoever tried last died
		return s.noteMail(ctx, job, func(m *export.Mail) { giveUpMail(m, "The server stopped while it was sent.") })
	}
	claimed, err := s.writeMail(ctx, job, func(m *export.Mail) {
		m.Tries++
		m.Next = s.time().Add(s.set.MailLease)
	})
	if errors.Is(err, ErrConflict) {
		return nil // another process has it, or the janitor was faster: then the next look finds it again
	}
	if err != nil {
		return wrap(err, "claim an e-mail")
	}
	sending, cancel := context.WithTimeout(ctx, min(mailTimeout, s.set.MailLease/2))
	sent := s.mailer.Send(sending, claimed)
	cancel()
	return s.noteMail(context.WithoutCancel(ctx), claimed, func(m *export.Mail) { s.afterTry(ctx, job, m, sent) })
}

// afterTry changes a mail to what a try made of it.
func (s *Service) afterTry(ctx context.Context, job *export.Job, m *export.Mail, err error) {
	now := s.time()
	if err == nil {
		*m = export.Mail{State: export.MailSent, Tries: m.Tries, SentAt: &now}
		s.log.InfoContext(ctx, "e-mail sent", "job", job.ID, "tenant", job.Tenant, "tries", m.Tries)
		return
	}
	refusal, known := errors.AsType[*MailError](err)
	problem := "It could not be handed over."
	var cause error
	switch {
	case known:
		problem, cause = refusal.Problem, refusal.Err
	case ctx.Err() != nil:
		problem = "The server stopped while it was sent."
	}
	if known && refusal.Permanent || m.Tries >= MaxMailTries {
		giveUpMail(m, problem)
		s.log.ErrorContext(ctx, "an e-mail could not be sent", "job", job.ID, "tenant", job.Tenant, "tries", m.Tries, "problem", problem, "error", cause)
		return
	}
	m.Next, m.Problem = now.Add(s.set.mailDelay(m.Tries)), problem
	if ctx.Err() != nil {
		m.Next = now // this process ends; another one may go on at once
	}
	s.log.WarnContext(ctx, "an e-mail could not be sent yet", "job", job.ID, "tenant", job.Tenant, "tries", m.Tries, "problem", problem, "error", cause)
}

func giveUpMail(m *export.Mail, problem string) {
	m.State, m.Problem, m.Next = export.MailFailed, problem, time.Time{}
}

// noteMail writes what became of a try, over whatever else has happened to the job since: its expiry, the janitor's
// visit. Where somebody has claimed the mail anew, theirs is the word.
func (s *Service) noteMail(ctx context.Context, job *export.Job, change func(*export.Mail)) error {
	tries := job.Mail.Tries
	for range maxNotes {
		_, err := s.writeMail(ctx, job, change)
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			return wrap(err, "note what became of an e-mail")
		}
		if job, err = s.store.Job(ctx, job.ID); err != nil {
			return wrap(err, "read the job of an e-mail")
		}
		if job.Mail == nil || job.Mail.State != export.MailDue || job.Mail.Tries != tries {
			return nil
		}
	}
	return wrap(ErrConflict, "note what became of an e-mail")
}

// writeMail changes the mail of a job as it was read, and tells everyone.
func (s *Service) writeMail(ctx context.Context, job *export.Job, change func(*export.Mail)) (*export.Job, error) {
	mail := *job.Mail
	change(&mail)
	next := *job
	next.Sequence++
	next.Mail = &mail
	if err := s.store.Update(ctx, &next, Exactly(job)); err != nil {
		return nil, err
	}
	s.news.job(&next)
	return &next, nil
}
