package api

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

// recordLogIn records a log-in to an account, or a log-out.
func (s *auditor) recordLogIn(c *fiber.Ctx, kind audit.Kind, adminID string) {
	admin, _, err := s.accounts.Account(c.UserContext(), adminID)
	if err != nil || admin == nil {
		s.logger.ErrorContext(c.UserContext(), "cannot write an audit record", "kind", kind, "admin", adminID, "request_id", requestID(c), "error", err)
		return
	}
	s.recordAccount(c, kind, admin, "")
}

// recordFailedLogIn records a failed log-in for every account of an e-mail address. It does the
// same work for an address without an account, so that the response time does not reveal whether
// one exists.
func (s *auditor) recordFailedLogIn(c *fiber.Ctx, kind audit.Kind, email string) {
	accounts, err := s.accounts.Accounts(c.UserContext(), email)
	if err != nil {
		s.logger.ErrorContext(c.UserContext(), "cannot write an audit record", "kind", kind, "request_id", requestID(c), "error", err)
		return
	}
	if len(accounts) == 0 {
		accounts = []auth.Admin{{}}
	}
	for i := range accounts {
		s.recordAccount(c, kind, &accounts[i], "")
	}
}

// methodWords are the names of the methods in the audit log.
var methodWords = map[auth.FactorMethod]string{
	auth.MethodTOTP: "an authenticator app", auth.MethodPasskey: "a passkey", auth.MethodRecoveryCode: "a recovery code",
}

// recordFactorUse records the use of a recovery code, so that its owner can notice it.
func (s *auditor) recordFactorUse(c *fiber.Ctx, proof auth.FactorProof) {
	if proof.Method == auth.MethodRecoveryCode {
		s.recordAccount(c, audit.RecoveryCodeUsed, proof.Admin, "")
	}
}

// recordFactorFailure records a wrong answer to a challenge. Wrong TOTP codes are recorded
// individually, because their number per day is limited. Other failures are recorded once an hour.
func (s *auditor) recordFactorFailure(c *fiber.Ctx, proof auth.FactorProof, err error) {
	code := errs.CodeOf(err)
	if proof.Admin == nil || code != errs.CodeInvalidRequest && code != errs.CodeRateLimited {
		return
	}
	if proof.Method == auth.MethodTOTP && code == errs.CodeInvalidRequest {
		s.recordAccount(c, audit.SecondFactorFailed, proof.Admin, methodWords[proof.Method])
		return
	}
	words := methodWords[proof.Method]
	if code == errs.CodeRateLimited {
		words += ": too many attempts"
	}
	s.recordInTenants(c, proof.Admin, s.auditRecord(c, audit.SecondFactorFailed, string(proof.Method)+" "+string(code), words), true)
}

// recordAccount records an action on an account in the audit logs of all its tenants. The action is
// complete: if a record cannot be written, the failure is logged.
func (s *auditor) recordAccount(c *fiber.Ctx, kind audit.Kind, admin *auth.Admin, words string) {
	s.recordInTenants(c, admin, s.auditRecord(c, kind, "", words), false)
}

// recordInTenants appends a record to the log of each of the admin's tenants. With once, it omits
// records that were written within the hour.
func (s *auditor) recordInTenants(c *fiber.Ctx, admin *auth.Admin, r audit.Record, once bool) {
	ctx := c.UserContext()
	r.AdminID, r.Email = admin.ID, admin.Email
	memberships, err := s.accounts.Memberships(ctx, admin)
	tenants := make([]string, 0, len(memberships))
	for _, m := range memberships {
		tenants = append(tenants, m.Tenant.ID)
	}
	if len(tenants) == 0 {
		tenants = []string{""} // the log of no tenant
	}
	for _, r.Tenant = range tenants {
		if once {
			err = errors.Join(err, s.audit.AppendOnce(ctx, r))
		} else {
			err = errors.Join(err, s.audit.Append(ctx, r))
		}
	}
	if err != nil {
		s.logger.ErrorContext(ctx, "cannot write an audit record", "kind", r.Kind, "admin", r.AdminID, "request_id", r.RequestID, "error", err)
	}
}
