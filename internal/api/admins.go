package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

// The longest name and token that are looked at, in bytes.
const (
	maxAdminName = 200
	maxToken     = 100
)

// ListAdmins answers GET /v4/admins.
func (s *server) ListAdmins(c *fiber.Ctx) error {
	tenant := callerOf(c).tenant.ID
	list, err := s.auth.Members(c.UserContext(), tenant)
	if err != nil {
		return err
	}
	v := gen.Admins{Results: make([]gen.Admin, len(list))}
	for i := range list {
		v.Results[i] = viewAdmin(&list[i], tenant)
	}
	return s.answer(c, fiber.StatusOK, v)
}

func viewAdmin(a *auth.Admin, tenant string) gen.Admin {
	return gen.Admin{
		UserID: a.ID, Email: a.Email, Name: a.Name, Role: a.Role(tenant), Everywhere: a.Everywhere.Valid(), Invited: a.Password == "",
		Created: export.NewTime(a.Created),
	}
}

// InviteAdmin answers POST /v4/admins.
func (s *server) InviteAdmin(c *fiber.Ctx) error {
	body, err := decode(c, "email", "role")
	if err != nil {
		return err
	}
	email, err := body.requiredText("email", maxEmail)
	if err != nil {
		return err
	}
	role, err := bodyRole(body)
	if err != nil {
		return err
	}
	admin, token, err := s.auth.Invite(c.UserContext(), callerOf(c).tenant.ID, email, role)
	if err != nil {
		return err
	}
	s.did(c, audit.AdminInvited, admin.ID, admin.Email+" as "+string(role))
	return s.answerInvitation(c, admin, token)
}

// ReinviteAdmin answers POST /v4/admins/{user_id}/invitations.
func (s *server) ReinviteAdmin(c *fiber.Ctx) error {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return err
	}
	admin, token, err := s.auth.Reinvite(c.UserContext(), callerOf(c).tenant.ID, id)
	if err != nil {
		return err
	}
	s.did(c, audit.AdminInvited, admin.ID, admin.Email+" again")
	return s.answerInvitation(c, admin, token)
}

// answerInvitation says how who is invited gets in. The token stands behind #, which no browser sends and no server logs.
func (s *server) answerInvitation(c *fiber.Ctx, admin *auth.Admin, token string) error {
	v := gen.Invitation{Admin: viewAdmin(admin, callerOf(c).tenant.ID)}
	if token != "" {
		link := s.public + "/invitation#" + token
		v.Link = &link
	}
	return s.answer(c, fiber.StatusCreated, v)
}

// SetAdminRole answers PATCH /v4/admins/{user_id}.
func (s *server) SetAdminRole(c *fiber.Ctx) error {
	body, err := decode(c, "role")
	if err != nil {
		return err
	}
	role, err := bodyRole(body)
	if err != nil {
		return err
	}
	admin, err := s.setRole(c, role)
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	s.did(c, audit.RoleChanged, admin.ID, admin.Email+" from "+string(admin.Role(tenant))+" to "+string(role))
	now, err := s.auth.Member(c.UserContext(), tenant, admin.ID)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, viewAdmin(now, tenant))
}

// RemoveAdmin answers DELETE /v4/admins/{user_id}.
func (s *server) RemoveAdmin(c *fiber.Ctx) error {
	admin, err := s.setRole(c, "")
	if err != nil {
		return err
	}
	s.did(c, audit.AdminRemoved, admin.ID, admin.Email+", who was "+string(admin.Role(callerOf(c).tenant.ID)))
	return s.answer(c, fiber.StatusOK, gen.Message{Message: "The admin has no role in this tenant any more."})
}

// setRole changes the role of the admin of the path, which their open tabs learn at once, and returns the admin as it was.
func (s *server) setRole(c *fiber.Ctx, role auth.Role) (*auth.Admin, error) {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return nil, err
	}
	tenant := callerOf(c).tenant.ID
	before, err := s.auth.SetRole(c.UserContext(), tenant, id, role)
	if err != nil {
		return nil, err
	}
	s.hub.ChangeRole(tenant, id)
	s.tell(c, jobs.ControlMessage{Kind: jobs.ControlRoleChanged, Tenant: tenant, AdminID: id})
	return before, nil
}

func bodyRole(body object) (auth.Role, error) {
	text, err := body.requiredText("role", len(auth.Exporter))
	if err != nil {
		return "", err
	}
	role := auth.Role(text)
	if !role.Valid() {
		return "", export.Invalid("role", "must be %s, %s or %s", auth.Owner, auth.Exporter, auth.Viewer)
	}
	return role, nil
}

// LookAtInvitation answers POST /v4/invitations.
func (s *server) LookAtInvitation(c *fiber.Ctx) error {
	body, err := decode(c, "token")
	if err != nil {
		return err
	}
	token, err := body.requiredText("token", maxToken)
	if err != nil {
		return err
	}
	admin, tenant, err := s.auth.Invited(c.UserContext(), token)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, gen.Invited{Email: admin.Email, Name: admin.Name, Tenant: tenant.Name})
}

// AcceptInvitation answers POST /v4/invitations/acceptances.
func (s *server) AcceptInvitation(c *fiber.Ctx) error {
	body, err := decode(c, "token", "name", "password")
	if err != nil {
		return err
	}
	token, err := body.requiredText("token", maxToken)
	if err != nil {
		return err
	}
	name, err := body.text("name", maxAdminName)
	if err != nil {
		return err
	}
	password, err := body.requiredText("password", maxPassword)
	if err != nil {
		return err
	}
	admin, sessionToken, session, err := s.auth.Accept(c.UserContext(), token, name, password)
	if err != nil {
		return err
	}
	s.noteSignIn(c, audit.InvitationTaken, admin.Email)
	return s.answerSession(c, sessionToken, session)
}
