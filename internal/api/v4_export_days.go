package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
)

// ListExportDays answers GET /v4/export-days.
func (h *jobHandlers) ListExportDays(c *fiber.Ctx) error {
	if err := checkQueryNames(c, "timeZone"); err != nil {
		return err
	}
	zone, err := queryZone(c)
	if err != nil {
		return err
	}
	days, err := h.jobs.ExportDays(c.UserContext(), callerOf(c).tenant.ID, zone)
	if err != nil {
		return err
	}
	v := gen.ExportDays{Days: make([]gen.ExportDay, len(days))}
	for i, day := range days {
		v.Days[i] = gen.ExportDay{Day: day.Day, Exports: day.Exports, Rows: day.Rows, Failed: day.Failed}
	}
	return respond(c, fiber.StatusOK, v)
}

// ListKeptDays answers GET /v4/kept-file-days.
func (h *jobHandlers) ListKeptDays(c *fiber.Ctx) error {
	if err := checkQueryNames(c, "timeZone"); err != nil {
		return err
	}
	zone, err := queryZone(c)
	if err != nil {
		return err
	}
	days, err := h.jobs.KeptDays(c.UserContext(), callerOf(c).tenant.ID, zone)
	if err != nil {
		return err
	}
	v := gen.KeptDays{Days: make([]gen.KeptDay, len(days))}
	for i, day := range days {
		v.Days[i] = gen.KeptDay{Day: day.Day, Files: day.Files, Bytes: day.Bytes}
	}
	return respond(c, fiber.StatusOK, v)
}
