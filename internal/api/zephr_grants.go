package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// zephrGrantHandlers show the grants of users to programs.
type zephrGrantHandlers struct {
	*auditor

	users Users
	now   func() time.Time
}

// listedGrant is a grant in a list or alone. Zephr spells two members in two ways; it has both.
type listedGrant struct {
	gen.ZephrGrant

	GrantIDSnake   string              `json:"grant_id"`
	CreatedAtSnake *gen.ZephrGrantTime `json:"created_at,omitempty"`
}

func viewListedGrant(userID string, g *users.Grant) listedGrant {
	v := zephrGrant(userID, g)
	return listedGrant{v, v.GrantID, v.CreatedAt}
}

// FindUserGrants answers GET /v3/users/{user_id}/grants.
func (h *zephrGrantHandlers) FindUserGrants(c *fiber.Ctx) error {
	q, err := parseQuery(c, func(name string) bool { return name == "active" })
	if err != nil {
		return err
	}
	onlyActive, err := q.flag("active")
	if err != nil {
		return err
	}
	u, err := viewedUser(c, h.auditor, h.users)
	if err != nil {
		return err
	}
	v, now := gen.UserGrants{Results: []any{}}, h.now()
	for i := range u.Grants {
		if g := &u.Grants[i]; !onlyActive || isActive(g, now) {
			v.Results = append(v.Results, viewListedGrant(u.ID, g))
		}
	}
	return respond(c, fiber.StatusOK, v)
}

// isActive reports whether a grant is active at a time. Other programs may end a grant by its state
// alone.
func isActive(g *users.Grant, now time.Time) bool {
	return g.ExpiryState != users.GrantExpired && g.StateAt(now) == users.GrantActive
}

// FindUserGrant answers GET /v3/users/{user_id}/grants/{grant_id}.
func (h *zephrGrantHandlers) FindUserGrant(c *fiber.Ctx) error {
	id, err := pathValue(c, "grant_id")
	if err != nil {
		return err
	}
	u, err := viewedUser(c, h.auditor, h.users)
	if err != nil {
		return err
	}
	for i := range u.Grants {
		if g := &u.Grants[i]; g.ID == id {
			return respond(c, fiber.StatusOK, viewListedGrant(u.ID, g))
		}
	}
	return errs.Errorf(errs.CodeNotFound, "This user has no grant with this ID.")
}

// viewedUser returns the user in the path and records the access.
func viewedUser(c *fiber.Ctx, a *auditor, reader Users) (u users.User, err error) {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return u, err
	}
	if u, err = reader.GetUser(c.UserContext(), callerOf(c).tenant.ID, id); err != nil {
		return u, err
	}
	return u, a.recordAccess(c, audit.UserViewed, u.ID, "")
}
