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
func (l *logins) loginAttempt(c *fiber.Ctx, email, password string) auth.Attempt {
	return auth.Attempt{
		Email: email, Password: password, Address: l.clientAddress(c).String(), UserAgent: c.Get(fiber.HeaderUserAgent),
		Device: l.deviceToken(c),
	}
}

// respondSession responds with the cookie of a new session. It ends the previous sessions of the
// browser, so that none of another admin remains usable.
func (l *logins) respondSession(c *fiber.Ctx, token string, session *auth.Session) error {
	for _, old := range l.sessionTokens(c) {
		if err := l.endSession(c.UserContext(), c, old); err != nil {
			l.logger.WarnContext(c.UserContext(), "cannot end a replaced session yet", "request_id", requestID(c), "error", err)
		}
	}
	cookie := l.sessionCookie(token)
	cookie.Expires = session.Created.Add(auth.AbsoluteTimeout)
	c.Cookie(cookie)
	l.setDeviceCookie(c, session)
	return respond(c, fiber.StatusOK, gen.LoggedIn{Cookie: cookie.Name + "=" + token, Message: "You are logged in."})
}

// endSession ends the session of a token and closes its sockets. With ErrEndPending the sockets are
// closed, and the session ends later.
func (l *logins) endSession(ctx context.Context, c *fiber.Ctx, token string) error {
	id, err := l.store.Logout(ctx, token)
	if err != nil && !errors.Is(err, auth.ErrEndPending) {
		return err
	}
	l.closeSockets(c, []string{id})
	return err
}

// setDeviceCookie sets the device cookie for a new session. Failed log-ins from this device are
// then counted separately. If it fails, the device counts as new at the next log-in.
func (l *logins) setDeviceCookie(c *fiber.Ctx, session *auth.Session) {
	device, err := l.store.Device(c.UserContext(), session, l.deviceToken(c))
	if err != nil {
		l.logger.WarnContext(c.UserContext(), "cannot create a device cookie", "request_id", requestID(c), "error", err)
		return
	}
	cookie := l.newCookie(deviceCookieName, device)
	cookie.Expires = session.Created.Add(deviceCookieMaxAge)
	c.Cookie(cookie)
}
