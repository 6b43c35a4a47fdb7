package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

// LoginSecondFactor answers POST /v4/logins/second-factor.
func (h *sessionHandlers) LoginSecondFactor(c *fiber.Ctx) error {
	answer, err := decodeFactorAnswer(c)
	if err != nil {
		return err
	}
	proof, token, session, err := h.auth.CompleteLogin(c.UserContext(), answer, h.loginAttempt(c, "", ""))
	if err != nil {
		h.recordFactorFailure(c, proof, err)
		return err
	}
	h.recordFactorUse(c, proof)
	h.recordAccount(c, audit.SignedIn, proof.Admin, "with "+methodWords[proof.Method])
	return h.respondSession(c, token, session)
}

// ConfirmSession answers POST /v4/session/confirmations.
func (h *sessionHandlers) ConfirmSession(c *fiber.Ctx) error {
	body, err := decodeBody(c, "password")
	if err != nil {
		return err
	}
	password, err := body.Get("password").RequiredText(maxPassword)
	if err != nil {
		return err
	}
	who := callerOf(c)
	until, challenge, err := h.auth.Confirm(c.UserContext(), who.identity(), h.loginAttempt(c, who.admin.Email, password))
	if err != nil {
		if errs.CodeOf(err) == errs.CodeInvalidRequest { // the rate limit of log-ins bounds the number of records
			h.recordAccount(c, audit.SignInFailed, who.admin, "confirming the session")
		}
		return err
	}
	if challenge != nil {
		return respond(c, fiber.StatusOK, gen.SessionConfirmationResult{SecondFactor: challenge})
	}
	h.recordAccount(c, audit.SessionConfirmed, who.admin, "with the password")
	return respond(c, fiber.StatusOK, gen.SessionConfirmationResult{ConfirmedUntil: timeOrNull(&until)})
}

// ConfirmSecondFactor answers POST /v4/session/confirmations/second-factor.
func (h *sessionHandlers) ConfirmSecondFactor(c *fiber.Ctx) error {
	answer, err := decodeFactorAnswer(c)
	if err != nil {
		return err
	}
	proof, until, err := h.auth.CompleteConfirm(c.UserContext(), callerOf(c).identity(), answer)
	if err != nil {
		h.recordFactorFailure(c, proof, err)
		return err
	}
	h.recordFactorUse(c, proof)
	h.recordAccount(c, audit.SessionConfirmed, proof.Admin, "with the password and "+methodWords[proof.Method])
	return respond(c, fiber.StatusOK, gen.SessionConfirmationResult{ConfirmedUntil: timeOrNull(&until)})
}

func decodeFactorAnswer(c *fiber.Ctx) (*auth.FactorAnswer, error) {
	body, err := decodeBody(c, "challenge", "code", "recoveryCode", "passkey")
	if err != nil {
		return nil, err
	}
	a := &auth.FactorAnswer{Passkey: body.Get("passkey").Raw()}
	if a.Challenge, err = body.Get("challenge").RequiredText(maxToken); err != nil {
		return nil, err
	}
	if a.Code, err = body.Get("code").Text(maxCode); err != nil {
		return nil, err
	}
	if a.RecoveryCode, err = body.Get("recoveryCode").Text(maxCode); err != nil {
		return nil, err
	}
	return a, nil
}
