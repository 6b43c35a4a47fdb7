package api

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

// recordLogIn records a log-in to an account, or a log-out.
func (a *auditor) recordLogIn(c *fiber.Ctx, kind audit.Kind, adminID string) {
	admin, _, err := a.accounts.Account(c.UserContext(), adminID)
	if err != nil || admin == nil {
		a.logger.ErrorContext(c.UserContext(), "cannot write an audit record", "kind", kind, "admin", adminID, "request_id", requestID(c), "error", err)
		return
	}
	a.recordAccount(c, kind, admin, "")
}

// recordFailedLogIn records a failed log-in for every account of an e-mail address. It does the
// same work for an address without an account, so that the response time does not reveal whether
// one exists.
func (a *auditor) recordFailedLogIn(c *fiber.Ctx, kind audit.Kind, email string) {
	accounts, err := a.accounts.Accounts(c.UserContext(), email)
	if err != nil {
		a.logger.ErrorContext(c.UserContext(), "cannot write an audit record", "kind", kind, "request_id", requestID(c), "error", err)
		return
	}
	if len(accounts) == 0 {
		accounts = []auth.Admin{{}}
	}
	for i := range accounts {
		a.recordAccount(c, kind, &accounts[i], "")
	}
}

// methodWords are the names of the methods in the audit log.
var methodWords = map[auth.FactorMethod]string{
	auth.MethodTOTP: "an authenticator app", auth.MethodPasskey: "a passkey", auth.MethodRecoveryCode: "a recovery code",
}

// recordFactorUse records the use of a recovery code, so that its owner can notice it.
func (a *auditor) recordFactorUse(c *fiber.Ctx, proof auth.FactorProof) {
	if proof.Method == auth.MethodRecoveryCode {
		a.recordAccount(c, audit.RecoveryCodeUsed, proof.Admin, "")
	}
}

// recordFactorFailure records a wrong answer to a challenge. Wrong TOTP codes are recorded
// individually, because their number per day is limited. Other failures are recorded once an hour.
func (a *auditor) recordFactorFailure(c *fiber.Ctx, proof auth.FactorProof, err error) {
	code := errs.CodeOf(err)
	if proof.Admin == nil || code != errs.CodeInvalidRequest && code != errs.CodeRateLimited {
		return
	}
	if proof.Method == auth.MethodTOTP && code == errs.CodeInvalidRequest {
		a.recordAccount(c, audit.SecondFactorFailed, proof.Admin, methodWords[proof.Method])
		return
	}
	words := methodWords[proof.Method]
	if code == errs.CodeRateLimited {
		words += ": too many attempts"
	}
	a.recordInTenants(c, proof.Admin, a.auditRecord(c, audit.SecondFactorFailed, string(proof.Method)+" "+string(code), words), true)
}

// recordAccount records an action on an account in the audit logs of all its tenants. The action is
// complete: if a record cannot be written, the failure is logged.
func (a *auditor) recordAccount(c *fiber.Ctx, kind audit.Kind, admin *auth.Admin, words string) {
	a.recordInTenants(c, admin, a.auditRecord(c, kind, "", words), false)
}

// recordInTenants appends a record to the log of each of the admin's tenants. With once, it omits
// records that were written within the hour.
func (a *auditor) recordInTenants(c *fiber.Ctx, admin *auth.Admin, r audit.Record, once bool) {
	ctx := c.UserContext()
	r.AdminID, r.Email = admin.ID, admin.Email
	memberships, err := a.accounts.Memberships(ctx, admin)
	tenants := make([]string, 0, len(memberships))
	for _, m := range memberships {
		tenants = append(tenants, m.Tenant.ID)
	}
	if len(tenants) == 0 {
		tenants = []string{""} // the log of no tenant
	}
	for _, r.Tenant = range tenants {
		if once {
			err = errors.Join(err, a.audit.AppendOnce(ctx, r))
		} else {
			err = errors.Join(err, a.audit.Append(ctx, r))
		}
	}
	if err != nil {
		a.logger.ErrorContext(ctx, "cannot write an audit record", "kind", r.Kind, "admin", r.AdminID, "request_id", r.RequestID, "error", err)
	}
}
