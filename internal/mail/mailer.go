// Package mail tells admins by e-mail how their exports ended: it composes the messages, and sends them by SMTP or keeps
// them for the console's outbox.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

// Sender hands a message over: SMTP, or Kept. Errors are those of jobs.Mailer.
type Sender interface {
	Send(ctx context.Context, m *export.Message) error
}

// Outbox keeps messages; mongo.Outbox. A message whose ID is kept already is left as it is, and no error.
type Outbox interface {
	Keep(ctx context.Context, m *export.Message) error
}

// Kept is the sender that sends nothing: it keeps every message for the console's outbox.
type Kept struct{ Outbox Outbox }

// Send implements Sender.
func (k Kept) Send(ctx context.Context, m *export.Message) error {
	if err := k.Outbox.Keep(ctx, m); err != nil {
		return &jobs.MailError{Problem: "The database did not take it.", Err: err}
	}
	return nil
}

// Options are what a Mailer needs.
type Options struct {
	// PublicURL is where browsers find the console; links begin with it.
	PublicURL string
	// TenantName returns a tenant's name for people.
	TenantName func(ctx context.Context, id string) (string, error)
	Sender     Sender
	Now        func() time.Time // nil: time.Now
}

// Mailer composes and sends. It is a jobs.Mailer.
type Mailer struct {
	public string
	host   string // of Message-IDs
	name   func(ctx context.Context, id string) (string, error)
	sender Sender
	now    func() time.Time
}

var _ jobs.Mailer = (*Mailer)(nil)

// New returns a Mailer, or an error where the public URL is none.
func New(o Options) (*Mailer, error) {
	u, err := url.Parse(o.PublicURL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("the public URL %q has no host", o.PublicURL)
	}
	m := &Mailer{public: u.Scheme + "://" + u.Host, host: u.Hostname(), name: o.TenantName, sender: o.Sender, now: o.Now}
	if m.now == nil {
		m.now = time.Now
	}
	return m, nil
}

// Send implements jobs.Mailer.
func (m *Mailer) Send(ctx context.Context, job *export.Job) error {
	name, err := m.name(ctx, job.Tenant)
	if err != nil {
		return &jobs.MailError{Problem: "The database did not answer.", Err: err}
	}
	message, err := m.compose(job, name)
	if errors.Is(err, errNoMail) {
		return &jobs.MailError{Permanent: true, Problem: "There is nothing to tell about how the export ended.", Err: err}
	}
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, message)
}
