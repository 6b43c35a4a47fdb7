package api

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/bodystream"
	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/jobs"
)

// Maximum lengths of credentials in bytes.
const (
	maxEmail    = 320
	maxPassword = 1024
)

// Login answers POST /v3/admin/login.
func (s *server) Login(c *fiber.Ctx) error {
	body, err := decodeBody(c, "identifiers", "validators")
	if err != nil {
		return err
	}
	identifiers, err := body.object("identifiers", "email_address")
	if err != nil {
		return err
	}
	email, err := identifiers.requiredText("email_address", maxEmail)
	if err != nil {
		return err
	}
	validators, err := body.object("validators", "password")
	if err != nil {
		return err
	}
	password, err := validators.requiredText("password", maxPassword)
	if err != nil {
		return err
	}
	ctx, stop := bodystream.WatchClient(c.UserContext(), c.Context().Conn())
	defer stop()
	token, session, err := s.auth.Login(ctx, s.loginAttempt(c, email, password))
	if err != nil {
		if errors.Is(context.Cause(ctx), bodystream.ErrClientGone) {
			return bodystream.ErrClientGone
		}
		switch errs.CodeOf(err) {
		case errs.CodeUnauthenticated:
			s.recordFailedSignIn(c, audit.SignInFailed, email)
		case errs.CodeSecondFactorRequired: // the password was correct
			s.recordFailedSignIn(c, audit.SecondFactorAsked, email)
		case errs.CodeRateLimited:
			s.recordThrottledSignIn(c, email)
		}
		return err
	}
	s.recordSignIn(c, audit.SignedIn, session.AdminID)
	return s.respondSession(c, token, session)
}

// loginAttempt returns the data of a request that the sign-in limits use.
func (s *server) loginAttempt(c *fiber.Ctx, email, password string) auth.Attempt {
	return auth.Attempt{
		Email: email, Password: password, Address: s.clientAddress(c).String(), UserAgent: c.Get(fiber.HeaderUserAgent),
		Device: s.deviceToken(c),
	}
}

// respondSession responds with the cookie of a new session. It ends the previous sessions of the
// browser, so that none of another admin remains usable.
func (s *server) respondSession(c *fiber.Ctx, token string, session *auth.Session) error {
	for _, old := range s.sessionTokens(c) {
		if err := s.endSession(c.UserContext(), c, old); err != nil {
			s.logger.WarnContext(c.UserContext(), "cannot end a replaced session yet", "request_id", requestID(c), "error", err)
		}
	}
	cookie := s.sessionCookie(token)
	cookie.Expires = session.Created.Add(auth.AbsoluteTimeout)
	c.Cookie(cookie)
	s.setDeviceCookie(c, session)
	return respond(c, fiber.StatusOK, gen.LoggedIn{Cookie: cookie.Name + "=" + token, Message: "You are signed in."})
}

// notifyServers sends a control message to the other servers. If that fails, they notice the change
// at the next check.
func (s *server) notifyServers(c *fiber.Ctx, m jobs.ControlMessage) {
	ctx := c.UserContext()
	if err := s.control.Control(ctx, m); err != nil {
		s.logger.WarnContext(ctx, "cannot notify the other servers", "kind", m.Kind, "request_id", requestID(c), "error", err)
	}
}
