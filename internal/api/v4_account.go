package api

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// accountHandlers show and change the caller's account.
type accountHandlers struct {
	*logins
	*auditor
	*authorizer

	auth    Accounts
	keys    Keys
	factors Factors
	now     func() time.Time
}

// GetAccount answers GET /v4/account.
func (h *accountHandlers) GetAccount(c *fiber.Ctx) error {
	v, err := h.viewAccount(c.UserContext(), callerOf(c))
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, v)
}

func (h *accountHandlers) viewAccount(ctx context.Context, who *caller) (gen.OwnAccount, error) {
	a := who.admin
	pairs, err := h.keys.List(ctx, "", a.ID)
	if err != nil {
		return gen.OwnAccount{}, err
	}
	have, err := h.factors.AccountFactors(ctx, a.ID)
	if err != nil {
		return gen.OwnAccount{}, err
	}
	all, err := h.memberships(ctx, who)
	if err != nil {
		return gen.OwnAccount{}, err
	}
	changed := a.PasswordChanged
	if changed.IsZero() {
		changed = a.Created
	}
	v := gen.OwnAccount{
		UserID: a.ID, Email: a.Email, Name: a.Name, Created: export.NewTime(a.Created), PasswordChanged: export.NewTime(changed),
		ConfirmedUntil: export.NewTime(who.session.ConfirmedUntil()), KeyPairs: len(pairs), SecondFactor: viewSecondFactor(have), RequiredBy: []string{},
	}
	for _, m := range all {
		if m.Tenant.SecondFactorRequired {
			v.RequiredBy = append(v.RequiredBy, m.Tenant.Name)
		}
	}
	return v, nil
}

// ChangeAccount answers PATCH /v4/account.
func (h *accountHandlers) ChangeAccount(c *fiber.Ctx) error {
	body, err := decodeBody(c, "name")
	if err != nil {
		return err
	}
	name, err := body.Get("name").RequiredText(maxAdminName)
	if err != nil {
		return err
	}
	who, ctx := callerOf(c), c.UserContext()
	if who.admin.Name, err = h.auth.SetName(ctx, who.admin.ID, name); err != nil {
		return err
	}
	h.recordAccount(c, audit.AccountChanged, who.admin, "name")
	return h.GetAccount(c)
}

// ChangePassword answers PUT /v4/account/password.
func (h *accountHandlers) ChangePassword(c *fiber.Ctx) error {
	body, err := decodeBody(c, "currentPassword", "newPassword", "revokeKeyPairs")
	if err != nil {
		return err
	}
	current, err := body.Get("currentPassword").RequiredText(maxPassword)
	if err != nil {
		return err
	}
	next, err := body.Get("newPassword").RequiredText(maxPassword)
	if err != nil {
		return err
	}
	revoke, err := body.Get("revokeKeyPairs").OptionalFlag()
	if err != nil {
		return err
	}
	who := callerOf(c)
	have, err := h.factors.AccountFactors(c.UserContext(), who.admin.ID)
	if err != nil {
		return err
	}
	// With a second factor, knowing the password must not be enough to replace it.
	if have.Any() && !h.now().Before(who.session.ConfirmedUntil()) {
		return errUnconfirmed
	}
	id := &auth.Identity{Admin: who.admin, Session: who.session}
	token, session, ended, err := h.auth.ChangePassword(c.UserContext(), id, next, h.loginAttempt(c, who.admin.Email, current))
	h.closeSockets(c, ended)
	if err != nil {
		return err
	}
	h.recordAccount(c, audit.PasswordChanged, who.admin, "")
	if revoke {
		if err := revokeKeyPairs(c, h.keys, h.auditor, who.admin); err != nil {
			return err
		}
	}
	return h.respondSession(c, token, session)
}

// revokeKeyPairs revokes the key pairs of an account in every tenant.
func revokeKeyPairs(c *fiber.Ctx, keys Keys, log *auditor, admin *auth.Admin) error {
	n, err := keys.RevokeAll(c.UserContext(), "", admin.ID)
	if n > 0 {
		log.recordAccount(c, audit.KeyPairRevoked, admin, "all key pairs of the account")
	}
	return err
}
