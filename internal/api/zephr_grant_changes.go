package api

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// CreateUserGrant answers POST /v3/users/{user_id}/grants.
func (h *zephrChangeHandlers) CreateUserGrant(c *fiber.Ctx) error {
	return h.putGrant(c, ulid.Make().String(), "The grant was created.")
}

// PutUserGrant answers POST /v3/users/{user_id}/grants/{grant_id}.
func (h *zephrChangeHandlers) PutUserGrant(c *fiber.Ctx) error {
	id, err := pathValue(c, "grant_id")
	if err != nil {
		return err
	}
	if !users.ValidID(id) {
		return errs.Invalid("grant_id", "must have at most %d bytes, without control characters", users.MaxIDBytes)
	}
	return h.putGrant(c, id, "The grant was stored.")
}

// putGrant adds or replaces a grant, and adds its product if it is missing. A user who does not exist
// is a 409, as in Zephr.
func (h *zephrChangeHandlers) putGrant(c *fiber.Ctx, grantID, message string) error {
	g, err := decodeGrant(c)
	if err != nil {
		return err
	}
	err = h.applyChange(c, audit.UserChanged, "grants."+grantID, func(tenant, id string, at time.Time) error {
		if _, err := h.users.GetUser(c.UserContext(), tenant, id); err != nil {
			return err
		}
		if _, err := h.records.AddProducts(c.UserContext(), tenant, []users.Product{{ID: g.ProductID, Label: g.ProductID}}); err != nil {
			return err
		}
		g.ID, g.UserID, g.Created, g.ExpiryState = grantID, id, &at, g.StateAt(at)
		return h.records.PutGrant(c.UserContext(), tenant, id, g, at)
	})
	if errs.CodeOf(err) == errs.CodeNotFound {
		err = &errs.Error{Code: errs.CodeExists, Field: "user_id", Message: "There is no user with this ID."}
	}
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusCreated, gen.CreatedGrant{GrantID: grantID, GrantIDSnake: grantID, Message: message})
}

// decodeGrant decodes a grant without its ids, state and time of creation.
func decodeGrant(c *fiber.Ctx) (g users.Grant, err error) {
	body, err := decodeBody(c, "entitlement_type", "entitlement_id", "product_id", "startTime", "endTime")
	if err != nil {
		return g, err
	}
	if g.EntitlementType, err = body.Get("entitlement_type").RequiredText(users.MaxNameBytes); err != nil {
		return g, err
	}
	if !slices.Contains(users.EntitlementTypes, g.EntitlementType) {
		return g, errs.Invalid("entitlement_type", "must be one of %s", strings.Join(users.EntitlementTypes, ", "))
	}
	if g.EntitlementID, err = requiredID(body.Get("entitlement_id")); err != nil {
		return g, err
	}
	if g.ProductID, err = requiredID(body.Get("product_id")); err != nil {
		return g, err
	}
	if g.Start, err = decodeTime(body.Get("startTime"), users.AccountTimes); err != nil {
		return g, err
	}
	if g.End, err = decodeTime(body.Get("endTime"), users.EndTimes); err != nil {
		return g, err
	}
	if g.Start != nil && g.End != nil && g.End.Before(*g.Start) {
		return g, errs.Invalid("endTime", "must not be before startTime")
	}
	return g, nil
}

// DeleteUserGrant answers DELETE /v3/users/{user_id}/grants/{grant_id}.
func (h *zephrChangeHandlers) DeleteUserGrant(c *fiber.Ctx) error {
	grantID, err := pathValue(c, "grant_id")
	if err != nil {
		return err
	}
	return h.changeUser(c, audit.UserChanged, "grants."+grantID, "The grant was deleted.", func(tenant, id string, at time.Time) error {
		return h.records.DeleteGrant(c.UserContext(), tenant, id, grantID, at)
	})
}
