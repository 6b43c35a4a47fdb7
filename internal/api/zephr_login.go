package api

import (
	"context"
	"errors"
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/bodystream"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
)

// Maximum lengths of credentials in bytes.
const (
	maxEmail    = 320
	maxPassword = 1024
)

// sessionHandlers sign admins in and out, and confirm their sessions.
type sessionHandlers struct {
	*logins
	*sessions
	*auditor

	auth interface {
		SignIns
		Authenticator
	}
	keys   Keys
	logger *slog.Logger
}

// Login answers POST /v3/admin/login.
func (h *sessionHandlers) Login(c *fiber.Ctx) error {
	body, err := decodeBody(c, "identifiers", "validators")
	if err != nil {
		return err
	}
	identifiers, err := body.Get("identifiers").Object("email_address")
	if err != nil {
		return err
	}
	email, err := identifiers.Get("email_address").RequiredText(maxEmail)
	if err != nil {
		return err
	}
	validators, err := body.Get("validators").Object("password")
	if err != nil {
		return err
	}
	password, err := validators.Get("password").RequiredText(maxPassword)
	if err != nil {
		return err
	}
	ctx, stop := bodystream.WatchClient(c.UserContext(), c.Context().Conn())
	defer stop()
	token, session, err := h.auth.Login(ctx, h.loginAttempt(c, email, password))
	if err != nil {
		if errors.Is(context.Cause(ctx), bodystream.ErrClientGone) {
			return bodystream.ErrClientGone
		}
		switch errs.CodeOf(err) {
		case errs.CodeUnauthenticated:
			h.recordFailedLogIn(c, audit.SignInFailed, email)
		case errs.CodeSecondFactorRequired: // the password was correct
			h.recordFailedLogIn(c, audit.SecondFactorAsked, email)
		case errs.CodeRateLimited:
			h.recordThrottledLogIn(c, email)
		}
		return err
	}
	h.recordLogIn(c, audit.SignedIn, session.AdminID)
	return h.respondSession(c, token, session)
}
