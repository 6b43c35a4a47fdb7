// Package mail composes e-mails about exports, invitations and password resets. It sends them by
// SMTP or stores them in the console's outbox.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// Sender delivers a message: SMTP or OutboxSender. Its errors are those of jobs.Mailer.
type Sender interface {
	Send(ctx context.Context, m *export.Message) error
}

// Outbox stores messages; mongo.Outbox implements it. If a message with the same ID is stored,
// StoreMessage changes nothing and returns nil.
type Outbox interface {
	StoreMessage(ctx context.Context, m *export.Message) error
}

// OutboxSender is a Sender that stores every message in the console's outbox and sends nothing.
type OutboxSender struct{ Outbox Outbox }

// Send implements Sender.
func (k OutboxSender) Send(ctx context.Context, m *export.Message) error {
	if err := k.Outbox.StoreMessage(ctx, m); err != nil {
		return &jobs.MailError{Problem: "The database did not store the email.", Err: err}
	}
	return nil
}

// Options configure a Mailer.
type Options struct {
	// PublicURL is the console's address in browsers; links start with it.
	PublicURL string
	// JobPath returns the path of a job's page in the console.
	JobPath func(job *export.Job) string
	// TenantName returns a tenant's display name.
	TenantName func(ctx context.Context, id string) (string, error)
	Sender     Sender
	Now        func() time.Time // nil: time.Now
}

// Mailer composes and sends messages. It implements jobs.Mailer.
type Mailer struct {
	publicURL  string
	jobPath    func(job *export.Job) string
	host       string // the host part of Message-IDs
	tenantName func(ctx context.Context, id string) (string, error)
	sender     Sender
	now        func() time.Time
}

var _ jobs.Mailer = (*Mailer)(nil)

// New returns a Mailer. It fails if the public URL has no host.
func New(o Options) (*Mailer, error) {
	u, err := url.Parse(o.PublicURL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("the public URL %q has no host", o.PublicURL)
	}
	m := &Mailer{publicURL: u.Scheme + "://" + u.Host, jobPath: o.JobPath, host: u.Hostname(), tenantName: o.TenantName, sender: o.Sender, now: o.Now}
	if m.now == nil {
		m.now = time.Now
	}
	return m, nil
}

// Send implements jobs.Mailer.
func (m *Mailer) Send(ctx context.Context, job *export.Job) error {
	name, err := m.tenantName(ctx, job.Tenant)
	if err != nil {
		return &jobs.MailError{Problem: "The database did not answer.", Err: err}
	}
	message, err := m.compose(job, name)
	if errors.Is(err, errNoOutcome) {
		return &jobs.MailError{Permanent: true, Problem: "No email exists for this outcome of an export.", Err: err}
	}
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, message)
}
