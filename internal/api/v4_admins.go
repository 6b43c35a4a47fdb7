package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

// memberHandlers manage the members of a tenant and their sessions.
type memberHandlers struct {
	*sessions
	*auditor

	auth interface {
		Members
		Invitations
		Accounts
	}
	keys    Keys
	factors Factors
	now     func() time.Time
}

// ListAdmins answers GET /v4/admins.
func (h *memberHandlers) ListAdmins(c *fiber.Ctx) error {
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	members, err := h.auth.Members(ctx, tenant)
	if err != nil {
		return err
	}
	invitations, err := h.auth.Invitations(ctx, tenant)
	if err != nil {
		return err
	}
	ids := make([]string, len(members))
	for i := range members {
		ids[i] = members[i].ID
	}
	factors, err := h.factors.AccountsWithFactor(ctx, ids)
	if err != nil {
		return err
	}
	v := gen.Admins{Results: make([]gen.Admin, len(members)), Invitations: make([]gen.PendingInvitation, len(invitations))}
	for i := range members {
		v.Results[i] = viewAdmin(&members[i], tenant, factors)
	}
	for i := range invitations {
		v.Invitations[i] = viewInvitation(&invitations[i], h.now())
	}
	return respond(c, fiber.StatusOK, v)
}

// viewAdmin returns the API's view of a member. factors contains the accounts that have a second
// factor.
func viewAdmin(a *auth.Admin, tenant string, factors map[string]bool) gen.Admin {
	return gen.Admin{
		UserID: a.ID, Email: a.Email, Name: a.Name, Role: a.Role(tenant), Everywhere: a.GlobalRole.Valid(),
		Created: export.NewTime(a.Created), SecondFactor: factors[a.ID],
	}
}

// SetAdminRole answers PATCH /v4/admins/{user_id}.
func (h *memberHandlers) SetAdminRole(c *fiber.Ctx) error {
	body, err := decodeBody(c, "role")
	if err != nil {
		return err
	}
	role, err := decodeRole(body)
	if err != nil {
		return err
	}
	admin, err := h.setRole(c, role)
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	h.recordAction(c, audit.RoleChanged, admin.ID, admin.Email+" from "+string(admin.Role(tenant))+" to "+string(role))
	now, err := h.auth.Member(c.UserContext(), tenant, admin.ID)
	if err != nil {
		return err
	}
	factors, err := h.factors.AccountsWithFactor(c.UserContext(), []string{now.ID})
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewAdmin(now, tenant, factors))
}

// RemoveAdmin answers DELETE /v4/admins/{user_id}. The member's key pairs and sessions in the
// tenant end for good: a later invitation does not restore them.
func (h *memberHandlers) RemoveAdmin(c *fiber.Ctx) error {
	admin, err := h.setRole(c, "")
	if err != nil {
		return err
	}
	ctx, tenant := c.UserContext(), callerOf(c).tenant.ID
	h.recordAction(c, audit.AdminRemoved, admin.ID, admin.Email+", who was "+string(admin.Role(tenant)))
	if _, err := h.keys.RevokeAll(ctx, tenant, admin.ID); err != nil {
		return err
	}
	_, remaining, err := h.auth.Account(ctx, admin.ID)
	if err != nil {
		return err
	}
	if len(remaining) == 0 {
		if err := h.endSessions(c, admin.ID); err != nil {
			return err
		}
	}
	return respond(c, fiber.StatusOK, gen.Message{Message: "The member was removed."})
}

// setRole changes the role of the admin in the path, closes the admin's sockets, and returns the
// admin as before the change.
func (h *memberHandlers) setRole(c *fiber.Ctx, role auth.Role) (*auth.Admin, error) {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return nil, err
	}
	tenant := callerOf(c).tenant.ID
	before, err := h.auth.SetRole(c.UserContext(), tenant, id, role)
	if err != nil {
		return nil, err
	}
	h.roleChanged(c, tenant, id)
	return before, nil
}

func decodeRole(body decode.Object) (auth.Role, error) {
	text, err := body.Get("role").RequiredText(len(auth.Exporter))
	if err != nil {
		return "", err
	}
	role := auth.Role(text)
	if !role.Valid() {
		return "", errs.Invalid("role", "must be %s, %s or %s", auth.Owner, auth.Exporter, auth.Viewer)
	}
	return role, nil
}
