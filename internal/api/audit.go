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
func (a *auditor) auditRecord(c *fiber.Ctx, kind audit.Kind, subject, words string) audit.Record {
	r := audit.Record{Kind: kind, Subject: subject, Words: words, Address: a.clientAddress(c).String(), RequestID: requestID(c)}
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
func (a *auditor) recordAction(c *fiber.Ctx, kind audit.Kind, subject, words string) {
	audit.RecordAction(c.UserContext(), a.audit, a.logger, a.auditRecord(c, kind, subject, words))
}

// recordAccess appends an audit record before personal data is shown, at most once an hour for the
// same access. If it returns an error, the data must not be shown.
func (a *auditor) recordAccess(c *fiber.Ctx, kind audit.Kind, subject, words string) error {
	return audit.RecordAccess(c.UserContext(), a.audit, a.auditRecord(c, kind, subject, words))
}

// recordThrottledLogIn queues an audit record of a rate-limited log-in. It writes nothing itself,
// so the response time does not reveal whether the account exists.
func (a *auditor) recordThrottledLogIn(c *fiber.Ctx, email string) {
	if a.refusals != nil {
		a.refusals.LogIn(audit.ThrottledLogIn{Email: email, Address: a.clientAddress(c).String()})
	}
}
