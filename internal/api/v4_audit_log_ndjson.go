package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// ndjson is the media type of newline-delimited JSON.
const ndjson = "application/x-ndjson"

const maxFollowPage = 1000 // records

// followAuditLog answers GET /v4/audit-log?after=…: the records after one, oldest first, as NDJSON
// in the order of the chain. A client that continues after the last line misses no record, even if
// several servers append. The access itself is recorded once an hour and is part of the log.
func (h *auditHandlers) followAuditLog(c *fiber.Ctx) error {
	if err := checkQueryNames(c, "after", "limit"); err != nil {
		return err
	}
	limit, err := queryLimit(c, maxAuditPage, maxFollowPage)
	if err != nil {
		return err
	}
	after := c.Query("after")
	if after != "" {
		if _, err := ulid.ParseStrict(after); err != nil {
			return errInvalidAfter
		}
	}
	if err := h.recordAccess(c, audit.LogExported, "", "followed as NDJSON"); err != nil {
		return err
	}
	list, err := h.audit.Follow(c.UserContext(), callerOf(c).tenant.ID, after, limit)
	if errors.Is(err, audit.ErrUnknownRecord) {
		return errInvalidAfter
	}
	if err != nil {
		return err
	}
	var body bytes.Buffer
	lines := json.NewEncoder(&body)
	for i := range list {
		if err := lines.Encode(viewAuditLine(&list[i])); err != nil { //nolint:gosec // an access key is not a secret
			return fmt.Errorf("encode an audit record: %w", err)
		}
	}
	setNoStore(c)
	c.Set(fiber.HeaderContentType, ndjson)
	return c.Send(body.Bytes())
}

var errInvalidAfter = errs.Invalid("after", "is not the id of an audit record of this tenant")

func viewAuditLine(r *audit.Record) gen.AuditLine {
	v := gen.AuditLine{
		ID: r.ID, Time: export.NewTime(r.Time), Kind: gen.AuditKind(r.Kind), UserID: orNull(r.AdminID), Email: orNull(r.Email),
		AccessKey: orNull(r.AccessKey), Address: orNull(r.Address), RequestID: orNull(r.RequestID), Subject: orNull(r.Subject), Words: orNull(r.Words),
		Tenant: r.Tenant, Prev: orNull(r.Prev), Hash: orNull(r.Hash),
	}
	if r.Seq != 0 {
		v.Seq = &r.Seq
	}
	return v
}
