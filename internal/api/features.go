package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
)

// ListFeatures answers GET /v4/features.
func (s *server) ListFeatures(c *fiber.Ctx) error {
	on, err := s.features.Features(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, on)
}

// SetFeature answers PUT /v4/features/{key}. A change holds for the exports that are asked for from then on.
func (s *server) SetFeature(c *fiber.Ctx) error {
	name, err := pathValue(c, "key")
	if err != nil {
		return err
	}
	key := export.Feature(name)
	if key != export.FeatureAsync && key != export.FeatureStateEvents {
		return export.Errorf(export.CodeNotFound, "There is no such feature.")
	}
	body, err := decode(c, "enabled")
	if err != nil {
		return err
	}
	on, err := body.flag("enabled")
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	if err := s.features.SetFeature(c.UserContext(), tenant, key, on); err != nil {
		return err
	}
	state := "off"
	if on {
		state = "on"
	}
	s.did(c, audit.FeatureSwitched, name, name+" "+state)
	return s.ListFeatures(c)
}
