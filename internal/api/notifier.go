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
func (n *notifier) closeSockets(c *fiber.Ctx, sessionIDs []string) {
	for _, id := range sessionIDs {
		n.hub.EndSession(id)
		n.notifyServers(c, jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: id})
	}
}

// roleChanged closes the sockets of an admin in a tenant, on every server.
func (n *notifier) roleChanged(c *fiber.Ctx, tenant, adminID string) {
	n.hub.ChangeRole(tenant, adminID)
	n.notifyServers(c, jobs.ControlMessage{Kind: jobs.ControlRoleChanged, Tenant: tenant, AdminID: adminID})
}

// factorRequired closes the sockets in a tenant whose sessions have no second factor.
func (n *notifier) factorRequired(c *fiber.Ctx, tenant string) {
	n.hub.RequireFactor(tenant)
	n.notifyServers(c, jobs.ControlMessage{Kind: jobs.ControlFactorRequired, Tenant: tenant})
}

// notifyServers sends a control message to the other servers. If that fails, they notice the change
// at the next check.
func (n *notifier) notifyServers(c *fiber.Ctx, m jobs.ControlMessage) {
	ctx := c.UserContext()
	if err := n.control.Control(ctx, m); err != nil {
		n.logger.WarnContext(ctx, "cannot notify the other servers", "kind", m.Kind, "request_id", requestID(c), "error", err)
	}
}
