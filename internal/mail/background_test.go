package mail

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// failingSender is a Sender that returns the given errors first, and then accepts messages.
type failingSender struct {
	errs  []error
	tries int
	sent  chan *export.Message
}

func (f *failingSender) Send(_ context.Context, m *export.Message) error {
	f.tries++
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return err
	}
	f.sent <- m
	return nil
}

var resetMail = auth.ResetMail{To: "ada@example.com", Links: []auth.ResetLink{
	{Link: "https://egress.example.com/reset#t1", Tenants: []auth.Tenant{{Name: "Meridian\nPress"}, {Name: "Orion"}}},
	{Link: "https://egress.example.com/reset#t2"},
}}

func newBackgroundMailer(t *testing.T, s Sender) *BackgroundMailer {
	t.Helper()
	m, err := New(Options{PublicURL: "https://egress.example.com", Sender: s})
	if err != nil {
		t.Fatal(err)
	}
	c := NewBackgroundMailer(m, slog.New(slog.DiscardHandler))
	c.timer = func(time.Duration) <-chan time.Time { // at once
		fired := make(chan time.Time, 1)
		fired <- time.Time{}
		return fired
	}
	return c
}

func TestBackgroundMailer(t *testing.T) {
	t.Parallel()
	outage := &jobs.MailError{Problem: "The mail server does not answer."}

	t.Run("tries again after an outage, and names each account by its tenants", func(t *testing.T) {
		t.Parallel()
		s := &failingSender{errs: []error{outage, errors.New("no route")}, sent: make(chan *export.Message, 1)}
		c := newBackgroundMailer(t, s)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { c.Run(ctx); close(ended) }()
		c.SendReset(resetMail)
		m := <-s.sent
		stop()
		<-ended
		if s.tries != 3 || m.To != "ada@example.com" || !strings.HasPrefix(m.ID, "reset.") {
			t.Errorf("%d tries, %+v", s.tries, m)
		}
		for _, want := range []string{
			"Choose a new password for Meridian Press, Orion:\nhttps://egress.example.com/reset#t1\n",
			"Choose a new password for your account without a tenant:\nhttps://egress.example.com/reset#t2\n", "for one hour",
		} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("no %q in\n%s", want, m.Text)
			}
		}
	})

	t.Run("gives up at once where the mail server refuses for good, and in the end", func(t *testing.T) {
		t.Parallel()
		for tries, errs := range map[int][]error{
			1: {&jobs.MailError{Permanent: true, Problem: "Refused."}}, maxAttempts: {outage, outage, outage, outage},
		} {
			s := &failingSender{errs: errs, sent: make(chan *export.Message, 1)}
			newBackgroundMailer(t, s).deliver(t.Context(), resetMail)
			if s.tries != tries || len(s.sent) != 0 {
				t.Errorf("%d tries, want %d", s.tries, tries)
			}
		}
	})

	t.Run("sends queued messages when it ends", func(t *testing.T) {
		t.Parallel()
		s := &failingSender{sent: make(chan *export.Message, 2)}
		c := newBackgroundMailer(t, s)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		c.SendReset(resetMail)
		c.SendReset(resetMail)
		c.Run(ctx)
		if len(s.sent) != 2 {
			t.Errorf("%d mails were sent", len(s.sent))
		}
	})

	t.Run("never blocks who asks", func(t *testing.T) {
		t.Parallel()
		c := newBackgroundMailer(t, &failingSender{})
		for range queueSize + 5 {
			c.SendReset(resetMail)
		}
	})
}

func TestInvitationMail(t *testing.T) {
	t.Parallel()
	s := &failingSender{sent: make(chan *export.Message, 1)}
	err := newBackgroundMailer(t, s).SendInvitation(t.Context(), auth.InvitationMail{
		Invitation: &auth.Invitation{Email: "noor@example.com", Role: auth.Exporter, Expires: time.Date(2026, 12, 5, 8, 0, 0, 0, time.UTC)},
		Tenant:     auth.Tenant{ID: "meridian", Name: "Meridian <b>Press</b>"}, InvitedBy: "ada@example.com",
		Link: "https://egress.example.com/invitation#t",
	})
	if err != nil {
		t.Fatal(err)
	}
	m := <-s.sent
	if m.To != "noor@example.com" || !strings.Contains(m.Text, "as exporter") || !strings.Contains(m.Text, "5 December 2026") ||
		!strings.Contains(m.HTML, `href="https://egress.example.com/invitation#t"`) || strings.Contains(m.HTML, "<b>Press") {
		t.Errorf("%+v", m)
	}
}
