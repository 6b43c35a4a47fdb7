package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/live"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/jobs"
)

// socketHandlers open WebSockets.
type socketHandlers struct {
	hub *live.Hub
}

// OpenSocket answers GET /ws.
func (h *socketHandlers) OpenSocket(c *fiber.Ctx) error {
	progress, err := queryFlag(c, "progress")
	if err != nil {
		return err
	}
	m := h.newSubscriber(c)
	m.Progress = progress
	return h.hub.Serve(c, m)
}

func (h *socketHandlers) newSubscriber(c *fiber.Ctx) live.Subscriber {
	who := callerOf(c)
	return live.Subscriber{
		Slot:  jobs.Slot{Tenant: who.tenant.ID, RequesterID: requesterID(who.admin)},
		Admin: who.admin.ID, Session: who.session.ID, Role: who.role,
		SecondFactor: who.session.SecondFactor, Downloads: who.role.Includes(auth.Exporter),
	}
}
