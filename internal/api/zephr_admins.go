package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
)

// FindAdmins answers GET /v3/admin/users.
func (h *memberHandlers) FindAdmins(c *fiber.Ctx) error {
	tenant := callerOf(c).tenant.ID
	members, err := h.auth.Members(c.UserContext(), tenant)
	if err != nil {
		return err
	}
	v := gen.FoundAdmins{Results: make([]gen.FoundAdmin, len(members)), Total: int64(len(members))}
	for i := range members {
		v.Results[i] = gen.FoundAdmin{
			UserID: members[i].ID, Identifiers: gen.AdminIdentifiers{EmailAddress: members[i].Email}, Role: members[i].Role(tenant),
		}
	}
	return respond(c, fiber.StatusOK, v)
}

// FindAdminRoles answers GET /v3/admin/users/{user_id}/roles. Only the tenant of the request is
// visible, so there is one role.
func (h *memberHandlers) FindAdminRoles(c *fiber.Ctx) error {
	admin, err := h.pathMember(c, "user_id")
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, []gen.MemberRole{{Email: admin.Email, Role: admin.Role(callerOf(c).tenant.ID)}})
}

// FindAdminTenantRoles answers GET /v3/admin/users/{user_id}/roles/{tenant}. Tenants other than the
// tenant of the request do not exist.
func (h *memberHandlers) FindAdminTenantRoles(c *fiber.Ctx) error {
	tenant, err := pathValue(c, "tenant")
	if err != nil {
		return err
	}
	if tenant != callerOf(c).tenant.ID {
		return auth.ErrNoTenant
	}
	return h.FindAdminRoles(c)
}

// FindRoles answers GET /v3/admin/roles.
func (h *memberHandlers) FindRoles(c *fiber.Ctx) error {
	tenant := callerOf(c).tenant.ID
	members, err := h.auth.Members(c.UserContext(), tenant)
	if err != nil {
		return err
	}
	views := make([]gen.RoleOfMember, len(members))
	for i := range members {
		views[i] = viewRole(&members[i], tenant)
	}
	return respond(c, fiber.StatusOK, views)
}

// FindRole answers GET /v3/admin/roles/{role_id}.
func (h *memberHandlers) FindRole(c *fiber.Ctx) error {
	admin, err := h.pathMember(c, "role_id")
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewRole(admin, callerOf(c).tenant.ID))
}

// viewRole returns the API's view of a member's role. A member has one role in a tenant, so the
// role's id is the id of the member.
func viewRole(a *auth.Admin, tenant string) gen.RoleOfMember {
	return gen.RoleOfMember{RoleID: a.ID, Email: a.Email, Role: a.Role(tenant)}
}
