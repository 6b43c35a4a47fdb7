package api

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	table "github.com/egress-io/egress/internal/export/csv"
)

const (
	auditPage      = 50 // records
	maxAuditPage   = 200
	maxAuditSearch = 200 // bytes
	auditBatch     = 500 // records that are read at once for a file
)

// ListAuditLog answers GET /v4/audit-log.
func (s *server) ListAuditLog(c *fiber.Ctx) error {
	q, err := auditQuery(c, "cursor", "limit")
	if err != nil {
		return err
	}
	limit, err := queryLimit(c, auditPage, maxAuditPage)
	if err != nil {
		return err
	}
	if q.Before = c.Query("cursor"); q.Before != "" {
		if _, err := ulid.ParseStrict(q.Before); err != nil {
			return export.Invalid("cursor", "is not one that a page of the audit log has returned")
		}
	}
	q.Limit = limit + 1 // one more tells whether there is a further page
	list, err := s.audit.Records(c.UserContext(), callerOf(c).tenant.ID, q)
	if err != nil {
		return err
	}
	page := gen.AuditPage{Results: []gen.AuditRecord{}}
	if len(list) > limit {
		list = list[:limit]
		page.Next = &list[limit-1].ID
	}
	for i := range list {
		page.Results = append(page.Results, viewRecord(&list[i]))
	}
	return s.answer(c, fiber.StatusOK, page)
}

func viewRecord(r *audit.Record) gen.AuditRecord {
	return gen.AuditRecord{
		ID: r.ID, Time: export.NewTime(r.Time), Kind: gen.AuditKind(r.Kind), UserID: orNull(r.AdminID), Email: orNull(r.Email),
		AccessKey: orNull(r.AccessKey), Address: orNull(r.Address), RequestID: orNull(r.RequestID), Subject: orNull(r.Subject), Words: orNull(r.Words),
	}
}

// auditQuery reads what selects records; further are other parameters that the address takes.
func auditQuery(c *fiber.Ctx, further ...string) (q audit.Query, err error) {
	if err := queryNames(c, append(further, "kind", "search", "from", "to")...); err != nil {
		return q, err
	}
	for _, kind := range c.Context().QueryArgs().PeekMulti("kind") {
		k := audit.Kind(kind)
		if !slices.Contains(audit.Kinds, k) {
			return q, export.Invalid("kind", "is not a kind of record")
		}
		q.Kinds = append(q.Kinds, k)
	}
	if q.Search = c.Query("search"); len(q.Search) > maxAuditSearch || !utf8.ValidString(q.Search) {
		return q, export.Invalid("search", "must be text of at most %d bytes", maxAuditSearch)
	}
	if q.From, _, err = auditTime(c, "from"); err != nil {
		return q, err
	}
	to, day, err := auditTime(c, "to")
	if day { // that whole day
		to = to.AddDate(0, 0, 1).Add(-time.Millisecond)
	}
	q.To = to
	return q, err
}

func auditTime(c *fiber.Ctx, name string) (t time.Time, day bool, err error) {
	text := c.Query(name)
	if text == "" {
		return t, false, nil
	}
	t, day, err = export.ParseTime(text)
	if err != nil {
		return t, false, export.Invalid(name, "must be a date (2026-01-31) or an RFC 3339 time (2026-01-31T08:30:00Z)")
	}
	return t, day, nil
}

// auditColumns are the names in the first row of the file.
var auditColumns = []string{"time", "kind", "email", "user_id", "access_key", "address", "subject", "words", "request_id", "id"}

// ExportAuditLog answers GET /v4/audit-log.csv. The file is made while it is sent, newest first; one that breaks off never
// looks whole. What a spreadsheet could run is marked as in exports for spreadsheets.
func (s *server) ExportAuditLog(c *fiber.Ctx) error {
	q, err := auditQuery(c)
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	if err := unnoted(s.audit.Append(c.UserContext(), s.by(c, audit.LogExported, "", string(c.Context().QueryArgs().QueryString())))); err != nil {
		return err
	}
	s.apiHeaders(c)
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="audit_`+tenant+`_`+time.Now().UTC().Format("20060102T150405Z")+`.csv"`)
	s.send(c, func(ctx context.Context, w io.Writer) error { return s.writeAuditLog(ctx, w, tenant, q) }, func(err error) {
		if err != nil {
			s.logger.Warn("the file of the audit log broke off", "tenant", tenant, "error", err)
		}
	})
	return nil
}

func (s *server) writeAuditLog(ctx context.Context, to io.Writer, tenant string, q audit.Query) error {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	if err := w.Write(auditColumns); err != nil {
		return err
	}
	for q.Limit = auditBatch; ; {
		list, err := s.audit.Records(ctx, tenant, q)
		if err != nil {
			return err
		}
		for i := range list {
			r := &list[i]
			row := []string{
				r.Time.Format(export.TimeFormat), string(r.Kind), r.Email, r.AdminID, r.AccessKey, r.Address, r.Subject, r.Words, r.RequestID, r.ID,
			}
			for i := range row {
				row[i] = table.Guarded(row[i])
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		w.Flush()
		if err := w.Error(); err != nil || len(list) < auditBatch {
			return err
		}
		q.Before = list[len(list)-1].ID
	}
}
