package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// The sizes of a page of e-mails.
const (
	outboxPage    = 25
	maxOutboxPage = 100
)

var errNoOutbox = export.Errorf(export.CodeNotFound, "There is no outbox: e-mails are sent by the configured mail server and not kept.")

// ListOutbox answers GET /v4/outbox.
func (s *server) ListOutbox(c *fiber.Ctx) error {
	if s.outbox == nil {
		return errNoOutbox
	}
	if err := queryNames(c, "cursor", "limit"); err != nil {
		return err
	}
	limit, err := queryLimit(c, outboxPage, maxOutboxPage)
	if err != nil {
		return err
	}
	cursor := c.Query("cursor")
	if cursor != "" {
		if _, err := ulid.ParseStrict(cursor); err != nil {
			return export.Invalid("cursor", "is not one that a page of e-mails has returned")
		}
	}
	who, reader := callerOf(c), ""
	if !who.role.Includes(auth.Owner) {
		reader = who.admin.ID
	}
	list, err := s.outbox.Messages(c.UserContext(), who.tenant.ID, reader, cursor, limit+1)
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
	return s.answer(c, fiber.StatusOK, page)
}

// GetOutboxMail answers GET /v4/outbox/{mailId}. Another admin's e-mail is not there, but for owners.
func (s *server) GetOutboxMail(c *fiber.Ctx) error {
	if s.outbox == nil {
		return errNoOutbox
	}
	id, err := pathValue(c, "mailId")
	if err != nil {
		return err
	}
	who := callerOf(c)
	m, err := s.outbox.Message(c.UserContext(), who.tenant.ID, id)
	if err != nil {
		return err
	}
	if m.UserID != who.admin.ID && !who.role.Includes(auth.Owner) {
		return export.Errorf(export.CodeNotFound, "There is no such e-mail.")
	}
	return s.answer(c, fiber.StatusOK, gen.OutboxMessage{
		MailID: m.OutboxID, JobID: m.JobID, To: m.To, Subject: m.Subject, Time: export.NewTime(m.Time),
		MessageID: m.ID, Text: m.Text, HTML: m.HTML,
	})
}
