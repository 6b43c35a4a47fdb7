package api

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

const (
	defaultAuditPage = 50 // records
	maxAuditPage     = 200
	maxAuditSearch   = 200 // bytes
	auditBatchSize   = 500 // records per read for the CSV file
)

// auditHandlers show and export the audit log.
type auditHandlers struct {
	*auditor
	*bodyStreamer

	audit  Audit
	now    func() time.Time
	logger *slog.Logger
}

// ListAuditLog answers GET /v4/audit-log: one page, newest first, or with after the new records as
// NDJSON.
func (h *auditHandlers) ListAuditLog(c *fiber.Ctx) error {
	if c.Context().QueryArgs().Has("after") {
		return h.followAuditLog(c)
	}
	q, err := auditQuery(c, "cursor", "limit")
	if err != nil {
		return err
	}
	limit, err := queryLimit(c, defaultAuditPage, maxAuditPage)
	if err != nil {
		return err
	}
	if q.Before = c.Query("cursor"); q.Before != "" {
		if _, err := ulid.ParseStrict(q.Before); err != nil {
			return errs.Invalid("cursor", "is not a cursor of a page of the audit log")
		}
	}
	q.Limit = limit + 1 // one more, to know whether another page follows
	list, err := h.audit.Records(c.UserContext(), callerOf(c).tenant.ID, q)
	if err != nil {
		return err
	}
	page := gen.AuditPage{Results: []gen.AuditRecord{}}
	if len(list) > limit {
		list = list[:limit]
		page.Next = &list[limit-1].ID
	}
	for i := range list {
		page.Results = append(page.Results, viewAuditRecord(&list[i]))
	}
	return respond(c, fiber.StatusOK, page)
}

func viewAuditRecord(r *audit.Record) gen.AuditRecord {
	return gen.AuditRecord{
		ID: r.ID, Time: export.NewTime(r.Time), Kind: gen.AuditKind(r.Kind), UserID: orNull(r.AdminID), Email: orNull(r.Email),
		AccessKey: orNull(r.AccessKey), Address: orNull(r.Address), RequestID: orNull(r.RequestID), Subject: orNull(r.Subject), Words: orNull(r.Words),
	}
}

// auditQuery parses the conditions on records. further are the names of other parameters that the
// route accepts.
func auditQuery(c *fiber.Ctx, further ...string) (q audit.Query, err error) {
	if err := checkQueryNames(c, append(further, "kind", "search", "from", "to")...); err != nil {
		return q, err
	}
	for _, kind := range c.Context().QueryArgs().PeekMulti("kind") {
		k := audit.Kind(kind)
		if !slices.Contains(audit.Kinds, k) {
			return q, errs.Invalid("kind", "is not a kind of audit record")
		}
		q.Kinds = append(q.Kinds, k)
	}
	if q.Search = c.Query("search"); len(q.Search) > maxAuditSearch || !utf8.ValidString(q.Search) {
		return q, errs.Invalid("search", "must be UTF-8 text of at most %d bytes", maxAuditSearch)
	}
	if q.From, _, err = auditTime(c, "from"); err != nil {
		return q, err
	}
	to, day, err := auditTime(c, "to")
	if day { // until the end of that day
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
		return t, false, errs.Invalid(name, "must be a date (2026-01-31) or an RFC 3339 time (2026-01-31T08:30:00Z)")
	}
	return t, day, nil
}

// auditColumns is the header of the CSV file.
var auditColumns = []string{"time", "kind", "email", "user_id", "access_key", "address", "subject", "words", "request_id", "id"}

// ExportAuditLog answers GET /v4/audit-log.csv. The file is written while it is sent, newest first.
// If it fails, the connection ends without the last chunk. The dialect is spreadsheet without the
// byte-order mark: no cell can run as a formula, and csv.RemoveGuard restores the values.
func (h *auditHandlers) ExportAuditLog(c *fiber.Ctx) error {
	q, err := auditQuery(c)
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	if err := audit.Unavailable(h.audit.Append(c.UserContext(), h.auditRecord(c, audit.LogExported, "", string(c.Context().QueryArgs().QueryString())))); err != nil {
		return err
	}
	setNoStore(c)
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="audit_`+tenant+`_`+h.now().UTC().Format("20060102T150405Z")+`.csv"`)
	h.streamBody(c, func(ctx context.Context, w io.Writer) error { return h.writeAuditLog(ctx, w, tenant, q) }, func(err error) {
		if err != nil {
			h.logger.Warn("audit log export aborted", "tenant", tenant, "error", err)
		}
	})
	return nil
}

func (h *auditHandlers) writeAuditLog(ctx context.Context, to io.Writer, tenant string, q audit.Query) error {
	w := bufio.NewWriter(to)
	row := csv.AppendRecord(nil, auditColumns)
	if _, err := w.Write(row); err != nil {
		return err
	}
	for q.Limit = auditBatchSize; ; {
		list, err := h.audit.Records(ctx, tenant, q)
		if err != nil {
			return err
		}
		for i := range list {
			r := &list[i]
			row = csv.AppendRecord(row[:0], []string{
				r.Time.Format(export.TimeFormat), string(r.Kind), r.Email, r.AdminID, r.AccessKey, r.Address, r.Subject, r.Words, r.RequestID, r.ID,
			})
			if _, err := w.Write(row); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil || len(list) < auditBatchSize {
			return err
		}
		q.Before = list[len(list)-1].ID
	}
}
