package api

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Maximum lengths in bytes.
const (
	maxAdminName = 200
	maxToken     = 100
)

// invitationHandlers create and accept invitations to tenants.
type invitationHandlers struct {
	*logins
	*auditor

	auth         Invitations
	keys         Keys
	mail         Mail   // nil: links are shown instead of sent
	publicOrigin string // "" if unknown
	now          func() time.Time
}

func viewInvitation(i *auth.Invitation, now time.Time) gen.PendingInvitation {
	return gen.PendingInvitation{
		ID: i.ID, Email: i.Email, Role: i.Role, Created: export.NewTime(i.Created), Expires: export.NewTime(i.Expires),
		Expired: i.Expired(now),
	}
}

// InviteAdmin answers POST /v4/admins.
func (h *invitationHandlers) InviteAdmin(c *fiber.Ctx) error {
	body, err := decodeBody(c, "email", "role")
	if err != nil {
		return err
	}
	email, err := body.Get("email").RequiredText(maxEmail)
	if err != nil {
		return err
	}
	role, err := decodeRole(body)
	if err != nil {
		return err
	}
	who := callerOf(c)
	i, token, err := h.auth.Invite(c.UserContext(), who.tenant.ID, email, role, who.admin.ID)
	if err != nil {
		return err
	}
	h.recordAction(c, audit.AdminInvited, i.ID, i.Email+" as "+string(role))
	return h.respondInvitation(c, i, token)
}

// RenewInvitation answers POST /v4/admins/invitations/{invitation_id}/links.
func (h *invitationHandlers) RenewInvitation(c *fiber.Ctx) error {
	id, err := pathValue(c, "invitation_id")
	if err != nil {
		return err
	}
	i, token, err := h.auth.RenewInvitation(c.UserContext(), callerOf(c).tenant.ID, id)
	if err != nil {
		return err
	}
	h.recordAction(c, audit.AdminInvited, i.ID, i.Email+" again")
	return h.respondInvitation(c, i, token)
}

// respondInvitation sends the link to the address, or returns it if mail is not configured. The
// token is in the fragment of the link: browsers do not send it, and servers do not log it.
func (h *invitationHandlers) respondInvitation(c *fiber.Ctx, i *auth.Invitation, token string) error {
	v := gen.Invitation{Invitation: viewInvitation(i, h.now())}
	link := h.publicOrigin + "/invitation#" + token
	if h.mail == nil {
		v.Link = &link
		return respond(c, fiber.StatusCreated, v)
	}
	who := callerOf(c)
	err := h.mail.SendInvitation(c.UserContext(), auth.InvitationMail{Invitation: i, Tenant: who.tenant, InvitedBy: who.admin.Email, Link: link})
	if err != nil {
		return errs.Wrap(errs.CodeUnavailable, err, "The invitation was created, but its email could not be sent. Send it again from the list of invitations.")
	}
	v.Mailed = true
	return respond(c, fiber.StatusCreated, v)
}

// WithdrawInvitation answers DELETE /v4/admins/invitations/{invitation_id}.
func (h *invitationHandlers) WithdrawInvitation(c *fiber.Ctx) error {
	id, err := pathValue(c, "invitation_id")
	if err != nil {
		return err
	}
	i, err := h.auth.WithdrawInvitation(c.UserContext(), callerOf(c).tenant.ID, id)
	if err != nil {
		return err
	}
	h.recordAction(c, audit.InvitationWithdrawn, i.ID, i.Email)
	return respond(c, fiber.StatusOK, gen.Message{Message: "The invitation was withdrawn."})
}

// LookAtInvitation answers POST /v4/invitations.
func (h *invitationHandlers) LookAtInvitation(c *fiber.Ctx) error {
	token, err := decodeToken(c)
	if err != nil {
		return err
	}
	i, tenant, err := h.auth.InvitationByToken(c.UserContext(), token)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, gen.Invited{Email: i.Email, Name: localPart(i.Email), Tenant: tenant.Name, Role: i.Role})
}

// AcceptInvitation answers POST /v4/invitations/acceptances.
func (h *invitationHandlers) AcceptInvitation(c *fiber.Ctx) error {
	body, err := decodeBody(c, "token", "name", "password")
	if err != nil {
		return err
	}
	token, err := body.Get("token").RequiredText(maxToken)
	if err != nil {
		return err
	}
	name, err := body.Get("name").Text(maxAdminName)
	if err != nil {
		return err
	}
	password, err := body.Get("password").RequiredText(maxPassword)
	if err != nil {
		return err
	}
	admin, sessionToken, session, err := h.auth.AcceptInvitation(c.UserContext(), token, name, h.loginAttempt(c, "", password))
	if err != nil {
		return err
	}
	h.recordLogIn(c, audit.InvitationTaken, admin.ID)
	return h.respondSession(c, sessionToken, session)
}

// JoinTenant answers POST /v4/account/invitations.
func (h *invitationHandlers) JoinTenant(c *fiber.Ctx) error {
	token, err := decodeToken(c)
	if err != nil {
		return err
	}
	ctx, who := c.UserContext(), callerOf(c)
	i, _, err := h.auth.InvitationByToken(ctx, token)
	if err != nil {
		return err
	}
	// Key pairs of a former membership must not become valid again.
	if !who.admin.Role(i.Tenant).Valid() {
		if _, err := h.keys.RevokeAll(ctx, i.Tenant, who.admin.ID); err != nil {
			return err
		}
	}
	m, err := h.auth.JoinTenant(ctx, token, who.admin)
	if err != nil {
		return err
	}
	who.tenant = m.Tenant
	h.recordAction(c, audit.InvitationTaken, i.ID, who.admin.Email+" as "+string(m.Role))
	h.roleChanged(c, m.Tenant.ID, who.admin.ID)
	return respond(c, fiber.StatusOK, gen.Joined{
		Tenant: m.Tenant.ID, Name: m.Tenant.Name, Role: m.Role, Message: "You are a member of " + m.Tenant.Name + " now.",
	})
}

// decodeToken decodes a body with a token only.
func decodeToken(c *fiber.Ctx) (string, error) {
	body, err := decodeBody(c, "token")
	if err != nil {
		return "", err
	}
	return body.Get("token").RequiredText(maxToken)
}

// localPart returns the part of an e-mail address before @, the default name of an account.
func localPart(email string) string {
	name, _, _ := strings.Cut(email, "@")
	return name
}
