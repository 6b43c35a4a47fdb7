package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

var errNoMail = errs.Errorf(errs.CodeMailNotConfigured,
	"This server cannot send email. Ask its operator to reset the password with: egress admin reset EMAIL.")

// passwordResetHandlers replace forgotten passwords by links in e-mails.
type passwordResetHandlers struct {
	*auditor
	*notifier

	auth interface {
		PasswordResets
		Authenticator
	}
	keys         Keys
	mail         Mail   // nil: no link can be sent
	publicOrigin string // "" if unknown
}

// RequestPasswordReset answers POST /v4/password-resets. Neither the response nor its timing
// depends on whether the address has an account: the e-mail is sent later.
func (h *passwordResetHandlers) RequestPasswordReset(c *fiber.Ctx) error {
	body, err := decodeBody(c, "email")
	if err != nil {
		return err
	}
	email, err := body.Get("email").RequiredText(maxEmail)
	if err != nil {
		return err
	}
	if h.mail == nil {
		return errNoMail
	}
	links, err := h.auth.RequestReset(c.UserContext(), email, h.clientAddress(c).String())
	if err != nil {
		return err
	}
	for i := range links {
		links[i].Link = h.publicOrigin + "/reset#" + links[i].Token
		h.recordAccount(c, audit.PasswordResetRequested, links[i].Admin, "")
	}
	if len(links) > 0 {
		h.mail.SendReset(auth.ResetMail{To: links[0].Admin.Email, Links: links})
	}
	return respond(c, fiber.StatusAccepted, gen.Message{
		Message: "If this address has an account, a link is on its way. It is valid for one hour.",
	})
}

// CheckPasswordReset answers POST /v4/password-resets/checks.
func (h *passwordResetHandlers) CheckPasswordReset(c *fiber.Ctx) error {
	token, err := decodeToken(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	admin, err := h.auth.CheckReset(ctx, token)
	if err != nil {
		return err
	}
	all, err := h.auth.Memberships(ctx, admin)
	if err != nil {
		return err
	}
	pairs, err := h.keys.List(ctx, "", admin.ID)
	if err != nil {
		return err
	}
	v := gen.PasswordResetCheck{Email: admin.Email, Tenants: make([]string, len(all)), KeyPairs: len(pairs)}
	for i, m := range all {
		v.Tenants[i] = m.Tenant.Name
	}
	return respond(c, fiber.StatusOK, v)
}

// ResetPassword answers PUT /v4/password-resets.
func (h *passwordResetHandlers) ResetPassword(c *fiber.Ctx) error {
	body, err := decodeBody(c, "token", "password", "keepKeyPairs")
	if err != nil {
		return err
	}
	token, err := body.Get("token").RequiredText(maxToken)
	if err != nil {
		return err
	}
	password, err := body.Get("password").RequiredText(maxPassword)
	if err != nil {
		return err
	}
	keep, err := body.Get("keepKeyPairs").OptionalFlag()
	if err != nil {
		return err
	}
	admin, ended, err := h.auth.ResetPassword(c.UserContext(), token, password)
	h.closeSockets(c, ended)
	if err != nil {
		return err
	}
	h.recordAccount(c, audit.PasswordReset, admin, "by a mailed link")
	if !keep {
		if err := revokeKeyPairs(c, h.keys, h.auditor, admin); err != nil {
			return err
		}
	}
	return respond(c, fiber.StatusOK, gen.Message{Message: "The password was changed, and every session has ended. Log in with the new password."})
}
