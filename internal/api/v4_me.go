package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

// meHandlers show the caller's tenants and roles.
type meHandlers struct {
	*authorizer

	jobs   Jobs
	outbox Outbox // nil: e-mails are sent
}

// GetMe answers GET /v4/me. The tenant is null for an admin without a tenant, and for an admin with
// several who named none.
func (h *meHandlers) GetMe(c *fiber.Ctx) error {
	who := callerOf(c)
	ctx := c.UserContext()
	all, err := h.memberships(ctx, who)
	if err != nil {
		return err
	}
	me := gen.Me{UserID: who.admin.ID, Email: who.admin.Email, Name: who.admin.Name, Tenants: []gen.Membership{}, Outbox: h.outbox != nil}
	for _, m := range all {
		me.Tenants = append(me.Tenants, gen.Membership{
			ID: m.Tenant.ID, Name: m.Tenant.Name, Role: m.Role, RetentionSeconds: retention(m.Tenant, h.jobs.Retention()),
			SecondFactorMissing: who.session != nil && auth.FactorMissing(&m.Tenant, who.session),
		})
	}
	if name := c.Get(tenantHeader); name != "" || len(all) == 1 {
		m, err := h.membership(ctx, who, name)
		if errs.CodeOf(err) == errs.CodeSecondFactorMissing {
			m, err = h.auth.Membership(ctx, who.admin, name) // the client learns here which tenant requires a second factor
		}
		if err != nil {
			return err
		}
		me.Tenant, me.Role = &m.Tenant.ID, &m.Role
	}
	return respond(c, fiber.StatusOK, me)
}
