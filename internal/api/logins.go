package api

import (
	"context"
	"errors"
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
)

// logins gives new sessions to browsers and ends the sessions of browsers.
type logins struct {
	*clientAddresses
	*cookies
	*notifier

	store  BrowserSessions
	logger *slog.Logger
}

// loginAttempt returns the data of a request that the log-in limits use.
func (s *logins) loginAttempt(c *fiber.Ctx, email, password string) auth.Attempt {
	return auth.Attempt{
		Email: email, Password: password, Address: s.clientAddress(c).String(), UserAgent: c.Get(fiber.HeaderUserAgent),
		Device: s.deviceToken(c),
	}
}

// respondSession responds with the cookie of a new session. It ends the previous sessions of the
// browser, so that none of another admin remains usable.
func (s *logins) respondSession(c *fiber.Ctx, token string, session *auth.Session) error {
	for _, old := range s.sessionTokens(c) {
		if err := s.endSession(c.UserContext(), c, old); err != nil {
			s.logger.WarnContext(c.UserContext(), "cannot end a replaced session yet", "request_id", requestID(c), "error", err)
		}
	}
	cookie := s.sessionCookie(token)
	cookie.Expires = session.Created.Add(auth.AbsoluteTimeout)
	c.Cookie(cookie)
	s.setDeviceCookie(c, session)
	return respond(c, fiber.StatusOK, gen.LoggedIn{Cookie: cookie.Name + "=" + token, Message: "You are logged in."})
}

// endSession ends the session of a token and closes its sockets. With ErrEndPending the sockets are
// closed, and the session ends later.
func (s *logins) endSession(ctx context.Context, c *fiber.Ctx, token string) error {
	id, err := s.store.Logout(ctx, token)
	if err != nil && !errors.Is(err, auth.ErrEndPending) {
		return err
	}
	s.closeSockets(c, []string{id})
	return err
}

// setDeviceCookie sets the device cookie for a new session. Failed log-ins from this device are
// then counted separately. If it fails, the device counts as new at the next log-in.
func (s *logins) setDeviceCookie(c *fiber.Ctx, session *auth.Session) {
	device, err := s.store.Device(c.UserContext(), session, s.deviceToken(c))
	if err != nil {
		s.logger.WarnContext(c.UserContext(), "cannot create a device cookie", "request_id", requestID(c), "error", err)
		return
	}
	cookie := s.newCookie(deviceCookieName, device)
	cookie.Expires = session.Created.Add(deviceCookieMaxAge)
	c.Cookie(cookie)
}
