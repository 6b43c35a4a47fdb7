package api

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
)

// auditor writes the audit records of requests.
type auditor struct {
	*clientAddresses

	audit    audit.Writer
	accounts AuditedAccounts
	refusals Refusals // nil: rate-limited log-ins are not recorded
	logger   *slog.Logger
}

// auditRecord returns an audit record with the caller of the request.
func (s *auditor) auditRecord(c *fiber.Ctx, kind audit.Kind, subject, words string) audit.Record {
	r := audit.Record{Kind: kind, Subject: subject, Words: words, Address: s.clientAddress(c).String(), RequestID: requestID(c)}
	if who := callerOf(c); who != nil {
		r.Tenant, r.AdminID, r.Email = who.tenant.ID, who.admin.ID, who.admin.Email
		if who.pair != nil {
			r.AccessKey = who.pair.AccessKey
		}
	}
	return r
}

// recordAction appends an audit record of a completed action. If that fails, it logs the record
// without personal data.
func (s *auditor) recordAction(c *fiber.Ctx, kind audit.Kind, subject, words string) {
	audit.RecordAction(c.UserContext(), s.audit, s.logger, s.auditRecord(c, kind, subject, words))
}

// recordAccess appends an audit record before personal data is shown, at most once an hour for the
// same access. If it returns an error, the data must not be shown.
func (s *auditor) recordAccess(c *fiber.Ctx, kind audit.Kind, subject, words string) error {
	return audit.RecordAccess(c.UserContext(), s.audit, s.auditRecord(c, kind, subject, words))
}

// recordThrottledLogIn queues an audit record of a rate-limited log-in. It writes nothing itself,
// so the response time does not reveal whether the account exists.
func (s *auditor) recordThrottledLogIn(c *fiber.Ctx, email string) {
	if s.refusals != nil {
		s.refusals.LogIn(audit.ThrottledLogIn{Email: email, Address: s.clientAddress(c).String()})
	}
}
