package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// featureHandlers show and switch the features of a tenant.
type featureHandlers struct {
	*auditor

	features Features
}

// ListFeatures answers GET /v4/features.
func (h *featureHandlers) ListFeatures(c *fiber.Ctx) error {
	on, err := h.features.Features(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, on)
}

// SetFeature answers PUT /v4/features/{key}. The change applies to exports that start after it.
func (h *featureHandlers) SetFeature(c *fiber.Ctx) error {
	name, err := pathValue(c, "key")
	if err != nil {
		return err
	}
	key := export.Feature(name)
	if key != export.FeatureAsync && key != export.FeatureStateEvents {
		return errs.Errorf(errs.CodeNotFound, "There is no such feature.")
	}
	body, err := decodeBody(c, "enabled")
	if err != nil {
		return err
	}
	on, err := body.Get("enabled").Flag()
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	if err := h.features.SetFeature(c.UserContext(), tenant, key, on); err != nil {
		return err
	}
	state := "off"
	if on {
		state = "on"
	}
	h.recordAction(c, audit.FeatureSwitched, name, name+" "+state)
	return h.ListFeatures(c)
}
