package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// maxCode is the maximum length of a code of an app, or of a recovery code, in bytes.
const maxCode = 100

// identity returns the caller's admin and session.
func (c *caller) identity() *auth.Identity {
	return &auth.Identity{Admin: c.admin, Session: c.session}
}

// factorHandlers manage the second factors of the caller's account.
type factorHandlers struct {
	*auditor

	factors Factors
}

// BeginTOTP answers POST /v4/account/totp.
func (h *factorHandlers) BeginTOTP(c *fiber.Ctx) error {
	secret, uri, err := h.factors.BeginTOTP(c.UserContext(), callerOf(c).identity())
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, gen.TOTPSetup{Secret: secret, URI: uri})
}

// ConfirmTOTP answers PUT /v4/account/totp.
func (h *factorHandlers) ConfirmTOTP(c *fiber.Ctx) error {
	body, err := decodeBody(c, "code")
	if err != nil {
		return err
	}
	code, err := body.Get("code").RequiredText(maxCode)
	if err != nil {
		return err
	}
	codes, err := h.factors.ConfirmTOTP(c.UserContext(), callerOf(c).identity(), code)
	if err != nil {
		return err
	}
	return h.respondFactorAdded(c, fiber.StatusOK, "an authenticator app", codes)
}

// RemoveTOTP answers DELETE /v4/account/totp.
func (h *factorHandlers) RemoveTOTP(c *fiber.Ctx) error {
	who := callerOf(c)
	if err := h.factors.RemoveTOTP(c.UserContext(), who.identity()); err != nil {
		return err
	}
	h.recordAccount(c, audit.SecondFactorRemoved, who.admin, "an authenticator app")
	return respond(c, fiber.StatusOK, gen.Message{Message: "The authenticator app is removed."})
}

// BeginPasskey answers POST /v4/account/passkeys/options.
func (h *factorHandlers) BeginPasskey(c *fiber.Ctx) error {
	options, err := h.factors.BeginPasskey(c.UserContext(), callerOf(c).identity())
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, gen.PasskeyOptions{PublicKey: options})
}

// AddPasskey answers POST /v4/account/passkeys.
func (h *factorHandlers) AddPasskey(c *fiber.Ctx) error {
	body, err := decodeBody(c, "name", "credential")
	if err != nil {
		return err
	}
	name, err := body.Get("name").RequiredText(auth.MaxPasskeyName)
	if err != nil {
		return err
	}
	credential := body.Get("credential").Raw()
	if credential == nil {
		return errs.Invalid("credential", "is missing")
	}
	codes, err := h.factors.AddPasskey(c.UserContext(), callerOf(c).identity(), name, credential)
	if err != nil {
		return err
	}
	return h.respondFactorAdded(c, fiber.StatusCreated, "the passkey "+name, codes)
}

// respondFactorAdded records an added second factor and responds with the factors of the account.
func (h *factorHandlers) respondFactorAdded(c *fiber.Ctx, status int, what string, codes []string) error {
	admin := callerOf(c).admin
	h.recordAccount(c, audit.SecondFactorAdded, admin, what)
	have, err := h.factors.AccountFactors(c.UserContext(), admin.ID)
	if err != nil {
		return err
	}
	if codes == nil {
		codes = []string{}
	}
	return respond(c, status, gen.FactorAdded{SecondFactor: viewSecondFactor(have), RecoveryCodes: codes})
}

// RenamePasskey answers PATCH /v4/account/passkeys/{passkey_id}.
func (h *factorHandlers) RenamePasskey(c *fiber.Ctx) error {
	id, err := pathValue(c, "passkey_id")
	if err != nil {
		return err
	}
	body, err := decodeBody(c, "name")
	if err != nil {
		return err
	}
	name, err := body.Get("name").RequiredText(auth.MaxPasskeyName)
	if err != nil {
		return err
	}
	p, err := h.factors.RenamePasskey(c.UserContext(), callerOf(c).identity(), id, name)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewPasskey(p))
}

// RemovePasskey answers DELETE /v4/account/passkeys/{passkey_id}.
func (h *factorHandlers) RemovePasskey(c *fiber.Ctx) error {
	id, err := pathValue(c, "passkey_id")
	if err != nil {
		return err
	}
	who := callerOf(c)
	p, err := h.factors.RemovePasskey(c.UserContext(), who.identity(), id)
	if err != nil {
		return err
	}
	h.recordAccount(c, audit.SecondFactorRemoved, who.admin, "the passkey "+p.Name)
	return respond(c, fiber.StatusOK, gen.Message{Message: "The passkey is removed."})
}

// MakeRecoveryCodes answers POST /v4/account/recovery-codes.
func (h *factorHandlers) MakeRecoveryCodes(c *fiber.Ctx) error {
	who := callerOf(c)
	codes, err := h.factors.MakeRecoveryCodes(c.UserContext(), who.identity())
	if err != nil {
		return err
	}
	h.recordAccount(c, audit.RecoveryCodesMade, who.admin, "")
	return respond(c, fiber.StatusOK, gen.RecoveryCodes{RecoveryCodes: codes})
}

// viewSecondFactor returns the API's view of an account's second factors.
func viewSecondFactor(have *auth.AccountFactors) gen.SecondFactor {
	v := gen.SecondFactor{Passkeys: make([]gen.Passkey, len(have.Passkeys)), RecoveryCodes: len(have.RecoveryCodes)}
	if have.TOTP != nil {
		v.Totp = timeOrNull(&have.TOTP.Created)
	}
	for i := range have.Passkeys {
		v.Passkeys[i] = viewPasskey(&have.Passkeys[i])
	}
	return v
}

func viewPasskey(p *auth.Passkey) gen.Passkey {
	return gen.Passkey{ID: p.ID, Name: p.Name, Created: export.NewTime(p.Created), LastUsed: timeOrNull(&p.LastUsed)}
}
