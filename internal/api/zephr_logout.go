package api

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
)

// Time limits for the database while logging out: to find the sessions' owners, to end the
// sessions, and for the whole request.
const (
	ownerTimeout  = 2 * time.Second
	endTimeout    = 3 * time.Second
	logoutTimeout = 8 * time.Second
)

// Logout answers POST /v3/admin/logout. It always deletes the cookies. 200 means that the session
// has ended. 202 means that the database does not respond: this server already refuses the session,
// and ends it later.
func (h *sessionHandlers) Logout(c *fiber.Ctx) error {
	h.deleteSessionCookies(c)
	all, cancel := context.WithTimeout(c.UserContext(), logoutTimeout)
	defer cancel()
	c.SetUserContext(all)
	tokens := h.sessionTokens(c)
	admins := h.sessionOwners(c, tokens)

	ctx, cancel := context.WithTimeout(all, endTimeout)
	defer cancel()
	var failures []error
	for _, token := range tokens {
		failures = append(failures, h.endSession(ctx, c, token))
	}
	err := errors.Join(failures...)
	if err != nil {
		h.logger.ErrorContext(ctx, "cannot end a session yet", "request_id", requestID(c), "error", err)
	}
	for _, err := range failures {
		if err != nil && !errors.Is(err, auth.ErrEndPending) {
			return err
		}
	}
	for _, id := range admins {
		h.recordLogIn(c, audit.SignedOut, id)
	}
	if err != nil {
		return respond(c, fiber.StatusAccepted, gen.Message{Message: "You are logged out here. The database does not respond, " +
			"so the session has not ended yet. This server already refuses it, and ends it when the database responds."})
	}
	return respond(c, fiber.StatusOK, gen.Message{Message: "You are logged out."})
}

// sessionOwners returns the ids of the admins whose sessions these are. It omits those that it
// cannot find, because logging out must work anyway.
func (h *sessionHandlers) sessionOwners(c *fiber.Ctx, tokens []string) (ids []string) {
	ctx, cancel := context.WithTimeout(c.UserContext(), ownerTimeout)
	defer cancel()
	for _, token := range tokens {
		if who, err := h.auth.Authenticate(ctx, token); err == nil {
			ids = append(ids, who.Admin.ID)
		}
	}
	return ids
}
