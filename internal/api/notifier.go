package api

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/live"
	"github.com/egress-io/egress/internal/jobs"
)

// notifier closes sockets whose session, role or tenant has changed, on every server.
type notifier struct {
	hub     *live.Hub
	control Control
	logger  *slog.Logger
}

// closeSockets closes the sockets of ended sessions, on every server. Streams check their session
// themselves.
func (s *notifier) closeSockets(c *fiber.Ctx, sessionIDs []string) {
	for _, id := range sessionIDs {
		s.hub.EndSession(id)
		s.notifyServers(c, jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: id})
	}
}

// roleChanged closes the sockets of an admin in a tenant, on every server.
func (s *notifier) roleChanged(c *fiber.Ctx, tenant, adminID string) {
	s.hub.ChangeRole(tenant, adminID)
	s.notifyServers(c, jobs.ControlMessage{Kind: jobs.ControlRoleChanged, Tenant: tenant, AdminID: adminID})
}

// factorRequired closes the sockets in a tenant whose sessions have no second factor.
func (s *notifier) factorRequired(c *fiber.Ctx, tenant string) {
	s.hub.RequireFactor(tenant)
	s.notifyServers(c, jobs.ControlMessage{Kind: jobs.ControlFactorRequired, Tenant: tenant})
}

// notifyServers sends a control message to the other servers. If that fails, they notice the change
// at the next check.
func (s *notifier) notifyServers(c *fiber.Ctx, m jobs.ControlMessage) {
	ctx := c.UserContext()
	if err := s.control.Control(ctx, m); err != nil {
		s.logger.WarnContext(ctx, "cannot notify the other servers", "kind", m.Kind, "request_id", requestID(c), "error", err)
	}
}
