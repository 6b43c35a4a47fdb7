package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

var sessionEnded = gen.Message{Message: "The session has ended."}

// sessions lists and ends the sessions of accounts.
type sessions struct {
	*notifier

	store Sessions
}

// ListSessions answers GET /v4/account/sessions.
func (h *sessionHandlers) ListSessions(c *fiber.Ctx) error {
	return h.respondSessions(c, callerOf(c).admin.ID)
}

// ListMemberSessions answers GET /v4/admins/{user_id}/sessions.
func (h *memberHandlers) ListMemberSessions(c *fiber.Ctx) error {
	member, err := h.pathMember(c, "user_id")
	if err != nil {
		return err
	}
	return h.respondSessions(c, member.ID)
}

func (s *sessions) respondSessions(c *fiber.Ctx, adminID string) error {
	list, err := s.store.Sessions(c.UserContext(), adminID)
	if err != nil {
		return err
	}
	v := gen.Sessions{Results: make([]gen.Session, len(list))}
	for i := range list {
		v.Results[i] = viewSession(&list[i], callerOf(c).session.ID)
	}
	return respond(c, fiber.StatusOK, v)
}

func viewSession(one *auth.Session, current string) gen.Session {
	return gen.Session{
		ID: one.Name(), Created: export.NewTime(one.Created), LastUsed: export.NewTime(one.LastUsed), Expires: export.NewTime(one.Expires),
		Address: one.Address, UserAgent: one.UserAgent, SecondFactor: one.SecondFactor, Current: one.ID == current,
	}
}

// EndSession answers DELETE /v4/account/sessions/{session_id}.
func (h *sessionHandlers) EndSession(c *fiber.Ctx) error {
	who := callerOf(c)
	if err := h.endSessionOfPath(c, who.admin.ID); err != nil {
		return err
	}
	h.recordAccount(c, audit.SessionsEnded, who.admin, "one session")
	return respond(c, fiber.StatusOK, sessionEnded)
}

// EndMemberSession answers DELETE /v4/admins/{user_id}/sessions/{session_id}.
func (h *memberHandlers) EndMemberSession(c *fiber.Ctx) error {
	member, err := h.pathMember(c, "user_id")
	if err != nil {
		return err
	}
	if err := h.endSessionOfPath(c, member.ID); err != nil {
		return err
	}
	h.recordAction(c, audit.SessionsEnded, member.ID, "one session of "+member.Email)
	return respond(c, fiber.StatusOK, sessionEnded)
}

// EndMemberSessions answers DELETE /v4/admins/{user_id}/sessions.
func (h *memberHandlers) EndMemberSessions(c *fiber.Ctx) error {
	member, err := h.pathMember(c, "user_id")
	if err != nil {
		return err
	}
	if err := h.endSessions(c, member.ID); err != nil {
		return err
	}
	h.recordAction(c, audit.SessionsEnded, member.ID, "every session of "+member.Email)
	return respond(c, fiber.StatusOK, gen.Message{Message: "The sessions have ended."})
}

// LogOutEverywhere answers DELETE /v4/account/sessions.
func (h *sessionHandlers) LogOutEverywhere(c *fiber.Ctx) error {
	who := callerOf(c)
	pairs, err := queryFlag(c, "keyPairs")
	if err != nil {
		return err
	}
	if pairs {
		if err := revokeKeyPairs(c, h.keys, h.auditor, who.admin); err != nil {
			return err
		}
	}
	if err := h.endSessions(c, who.admin.ID); err != nil {
		return err
	}
	h.recordAccount(c, audit.SessionsEnded, who.admin, "every session")
	h.deleteSessionCookies(c)
	return respond(c, fiber.StatusOK, gen.Message{Message: "You are logged out everywhere."})
}

// pathMember returns the member of the tenant whose id is in a parameter of the path.
func (h *memberHandlers) pathMember(c *fiber.Ctx, parameter string) (*auth.Admin, error) {
	id, err := pathValue(c, parameter)
	if err != nil {
		return nil, err
	}
	return h.auth.Member(c.UserContext(), callerOf(c).tenant.ID, id)
}

// endSessionOfPath ends the session in the path and closes its sockets.
func (s *sessions) endSessionOfPath(c *fiber.Ctx, adminID string) error {
	name, err := pathValue(c, "session_id")
	if err != nil {
		return err
	}
	id, err := s.store.EndSession(c.UserContext(), adminID, name)
	if err != nil {
		return err
	}
	s.closeSockets(c, []string{id})
	return nil
}

// endSessions ends every session of an account and closes their sockets.
func (s *sessions) endSessions(c *fiber.Ctx, adminID string) error {
	ids, err := s.store.EndSessions(c.UserContext(), adminID)
	s.closeSockets(c, ids)
	return err
}
