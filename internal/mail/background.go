package mail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/jobs"
)

// The limits of a BackgroundMailer.
const (
	queueSize       = 100 // pending messages; further ones are dropped and logged
	maxAttempts     = 4
	firstRetryDelay = 5 * time.Second // after the first failure; doubled each time
)

// BackgroundMailer sends messages in the background, so that the duration of a request does not
// depend on what it sends. Pending messages are lost when the process ends; the person can request
// another one.
type BackgroundMailer struct {
	*Mailer
	queue  chan auth.ResetMail
	logger *slog.Logger
	timer  func(time.Duration) <-chan time.Time
}

// NewBackgroundMailer returns a BackgroundMailer. It sends nothing until Run is called.
func NewBackgroundMailer(m *Mailer, logger *slog.Logger) *BackgroundMailer {
	return &BackgroundMailer{Mailer: m, queue: make(chan auth.ResetMail, queueSize), logger: logger.With("component", "mail"), timer: time.After}
}

// SendReset queues the message of a password reset. It does not block.
func (c *BackgroundMailer) SendReset(r auth.ResetMail) {
	select {
	case c.queue <- r:
	default:
		c.logger.Warn("password reset e-mail dropped: the queue is full")
	}
}

// Run sends queued messages one by one. It blocks until ctx ends, then tries each queued message
// once and returns.
func (c *BackgroundMailer) Run(ctx context.Context) {
	for {
		select {
		case r := <-c.queue:
			c.deliver(ctx, r)
		case <-ctx.Done():
			c.sendQueued(context.WithoutCancel(ctx))
			return
		}
	}
}

func (c *BackgroundMailer) deliver(ctx context.Context, r auth.ResetMail) {
	delay := firstRetryDelay
	for attempt := 1; ; attempt++ {
		err := c.sendReset(context.WithoutCancel(ctx), r) // the sender limits each attempt
		if err == nil {
			return
		}
		refusal, isMailError := errors.AsType[*jobs.MailError](err)
		if attempt == maxAttempts || isMailError && refusal.Permanent || ctx.Err() != nil {
			c.logger.Error("password reset e-mail not sent", "attempts", attempt, "error", err)
			return
		}
		select {
		case <-c.timer(delay):
		case <-ctx.Done():
		}
		delay *= 2
	}
}

func (c *BackgroundMailer) sendQueued(ctx context.Context) {
	for {
		select {
		case r := <-c.queue:
			if err := c.sendReset(ctx, r); err != nil {
				c.logger.Error("password reset e-mail not sent", "attempts", 1, "error", err)
			}
		default:
			return
		}
	}
}
