package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// E-mails per page.
const (
	defaultOutboxPage = 25
	maxOutboxPage     = 100
)

// outboxHandlers show the e-mails that were kept instead of sent.
type outboxHandlers struct {
	outbox Outbox // nil: e-mails are sent
}

var errNoOutbox = errs.Errorf(errs.CodeNotFound, "The outbox is not available: a mail server is configured, so emails are sent and not kept.")

// ListOutbox answers GET /v4/outbox.
func (h *outboxHandlers) ListOutbox(c *fiber.Ctx) error {
	if h.outbox == nil {
		return errNoOutbox
	}
	if err := checkQueryNames(c, "cursor", "limit"); err != nil {
		return err
	}
	limit, err := queryLimit(c, defaultOutboxPage, maxOutboxPage)
	if err != nil {
		return err
	}
	cursor := c.Query("cursor")
	if cursor != "" {
		if _, err := ulid.ParseStrict(cursor); err != nil {
			return errs.Invalid("cursor", "is not a cursor of a page of emails")
		}
	}
	who, reader := callerOf(c), ""
	if !who.role.Includes(auth.Owner) {
		reader = who.admin.ID
	}
	list, err := h.outbox.Messages(c.UserContext(), who.tenant.ID, reader, cursor, limit+1)
	if err != nil {
		return err
	}
	page := gen.OutboxPage{Results: []gen.OutboxMail{}}
	if len(list) > limit {
		list = list[:limit]
		page.Next = &list[limit-1].OutboxID
	}
	for _, m := range list {
		page.Results = append(page.Results, gen.OutboxMail{
			MailID: m.OutboxID, JobID: m.JobID, To: m.To, Subject: m.Subject, Time: export.NewTime(m.Time),
		})
	}
	return respond(c, fiber.StatusOK, page)
}

// GetOutboxMail answers GET /v4/outbox/{mailId}. Only owners can read other admins' e-mails; for
// others they do not exist.
func (h *outboxHandlers) GetOutboxMail(c *fiber.Ctx) error {
	if h.outbox == nil {
		return errNoOutbox
	}
	id, err := pathValue(c, "mailId")
	if err != nil {
		return err
	}
	who := callerOf(c)
	m, err := h.outbox.Message(c.UserContext(), who.tenant.ID, id)
	if err != nil {
		return err
	}
	if m.UserID != who.admin.ID && !who.role.Includes(auth.Owner) {
		return errs.Errorf(errs.CodeNotFound, "There is no such email.")
	}
	setUncompressed(c) // its text may contain the link of an invitation or of a password reset
	return respond(c, fiber.StatusOK, gen.OutboxMessage{
		MailID: m.OutboxID, JobID: m.JobID, To: m.To, Subject: m.Subject, Time: export.NewTime(m.Time),
		MessageID: m.ID, Text: m.Text, HTML: m.HTML,
	})
}
