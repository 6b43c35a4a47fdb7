package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// tenantHeader names the tenant of a request.
const tenantHeader = "Egress-Tenant"

// caller is who a request comes from, as the guard found out.
type caller struct {
	admin   *auth.Admin
	session *auth.Session
	tenant  auth.Tenant // zero where the route does not depend on one
	role    auth.Role
}

// requester is the caller as the one who asks for a job.
func (c *caller) requester() export.Requester {
	return export.Requester{ID: requesterID(c.admin), UserID: c.admin.ID, Email: c.admin.Email}
}

func requesterID(a *auth.Admin) string { return "admin:" + a.ID }

// seesFiles reports whether the caller may fetch a job's files, and cancel it.
func (c *caller) seesFiles(job *export.Job) bool {
	return c.role.Includes(auth.Owner) || job.Requester.ID == requesterID(c.admin)
}

type localKey int

const (
	callerKey localKey = iota
	routeKey
	requestIDKey
)

func callerOf(c *fiber.Ctx) *caller {
	who, _ := c.Locals(callerKey).(*caller)
	return who
}

// guard lets a request through to its handler if its row of the policy allows it.
func (s *server) guard(row access) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := s.crossSite.Check(auth.Request{
			Method: c.Method(), Host: string(c.Context().Host()), Origin: c.Get(fiber.HeaderOrigin),
			FetchSite: c.Get("Sec-Fetch-Site"), StartsWork: row.startsWork,
		})
		if err != nil {
			return err
		}
		if row.who != anyone {
			who, err := s.identify(c, row)
			if err != nil {
				return err
			}
			c.Locals(callerKey, who)
		}
		return c.Next()
	}
}

func (s *server) identify(c *fiber.Ctx, row access) (*caller, error) {
	ctx := c.UserContext()
	id, err := s.auth.Authenticate(ctx, c.Cookies(auth.CookieName))
	if err != nil {
		return nil, err
	}
	who := &caller{admin: id.Admin, session: id.Session}
	least := row.who.role()
	if least == "" {
		return who, nil
	}
	name := c.Get(tenantHeader)
	if row.tenantInQuery {
		name = c.Query("tenant")
	}
	m, err := s.auth.Enter(ctx, id.Admin, name)
	if err != nil {
		return nil, err
	}
	if !m.Role.Includes(least) {
		return nil, export.Errorf(export.CodeForbidden, "This needs the role %q in this tenant; yours is %q.", least, m.Role)
	}
	who.tenant, who.role = m.Tenant, m.Role
	return who, nil
}
