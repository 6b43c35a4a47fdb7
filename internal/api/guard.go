package api

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// tenantHeader names the tenant of a request.
const tenantHeader = "Egress-Tenant"

// caller is who a request comes from, as the guard found out.
type caller struct {
	admin   *auth.Admin
	session *auth.Session    // nil for a signed request
	pair    *auth.KeyPair    // nil for a session
	only    *auth.Membership // of a key pair: the one tenant that it is good in
	tenant  auth.Tenant      // zero where the route does not depend on one
	role    auth.Role
}

// requester is the caller as the one who asks for a job.
func (c *caller) requester() export.Requester {
	return export.Requester{ID: c.requesterID(), UserID: c.admin.ID, Email: c.admin.Email}
}

func (c *caller) requesterID() string {
	if c.pair != nil {
		return "key:" + c.pair.AccessKey
	}
	return requesterID(c.admin)
}

// requesterID is an admin, in the console, as one who asks for jobs.
func requesterID(a *auth.Admin) string { return "admin:" + a.ID }

func (c *caller) origin() export.Origin {
	if c.pair != nil {
		return export.FromAPI
	}
	return export.FromConsole
}

// seesFiles reports whether the caller may fetch a job's files, and cancel it.
func (c *caller) seesFiles(job *export.Job) bool {
	return c.role.Includes(auth.Owner) || c.role.Includes(auth.Exporter) && job.Requester.ID == c.requesterID()
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
		// What is signed, checked and logged are the bytes that came; decoded ones could be a thousand times as many.
		if e := c.Get(fiber.HeaderContentEncoding); e != "" && !strings.EqualFold(e, "identity") {
			return fiber.NewError(fiber.StatusUnsupportedMediaType)
		}
		if !row.largeBody && len(c.BodyRaw()) > smallBody {
			return fiber.NewError(fiber.StatusRequestEntityTooLarge)
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

// identify finds out who asks, and refuses who may not.
func (s *server) identify(c *fiber.Ctx, row access) (*caller, error) {
	who, err := s.authenticate(c, row)
	if err != nil {
		return nil, err
	}
	least := row.who.role()
	if least == "" {
		return who, nil
	}
	name := c.Get(tenantHeader)
	if row.tenantInQuery {
		name = c.Query("tenant")
	}
	m, err := s.enter(c.UserContext(), who, name)
	if err != nil {
		return nil, err
	}
	if !m.Role.Includes(least) {
		return nil, export.Errorf(export.CodeForbidden, "This needs the role %q in this tenant; yours is %q.", least, m.Role)
	}
	who.tenant, who.role = m.Tenant, m.Role
	return who, nil
}

// authenticate believes a signature before a cookie.
func (s *server) authenticate(c *fiber.Ctx, row access) (*caller, error) {
	header := c.Get(fiber.HeaderAuthorization)
	if !auth.IsSigned(header) {
		id, err := s.auth.Authenticate(c.UserContext(), c.Cookies(auth.CookieName))
		if err != nil {
			return nil, err
		}
		return &caller{admin: id.Admin, session: id.Session}, nil
	}
	if row.sessionOnly {
		return nil, export.Errorf(export.CodeForbidden, "This is for the sessions of the console, and not for key pairs.")
	}
	signer, err := s.keys.Verify(c.UserContext(), header, target(c))
	if signer != nil {
		quota(c, signer.Quota)
	}
	if err != nil {
		return nil, err
	}
	return &caller{admin: signer.Admin, pair: signer.Pair, only: &signer.Membership}, nil
}

// enter returns the caller's membership in a tenant, in the first one where none is named.
func (s *server) enter(ctx context.Context, who *caller, tenant string) (auth.Membership, error) {
	if who.only == nil {
		return s.auth.Enter(ctx, who.admin, tenant)
	}
	if tenant != "" && tenant != who.only.Tenant.ID {
		return auth.Membership{}, auth.ErrNoTenant
	}
	return *who.only, nil
}

// memberships returns where the caller may work.
func (s *server) memberships(ctx context.Context, who *caller) ([]auth.Membership, error) {
	if who.only != nil {
		return []auth.Membership{*who.only}, nil
	}
	return s.auth.Memberships(ctx, who.admin)
}

// target is what a signature covers, as it came.
func target(c *fiber.Ctx) auth.Target {
	path, query, _ := bytes.Cut(c.Request().Header.RequestURI(), []byte("?"))
	if !bytes.HasPrefix(path, []byte("/")) { // a proxy's form: with scheme and host
		_, rest, _ := bytes.Cut(path, []byte("://"))
		path = rest[max(0, bytes.IndexByte(rest, '/')):]
	}
	return auth.Target{Method: c.Method(), Path: string(path), Query: string(query), Body: c.Request().Body()}
}

// quota tells what is left to a key pair, in the form of the IETF's draft on RateLimit header fields.
func quota(c *fiber.Ctx, q auth.Quota) {
	c.Set("RateLimit-Policy", fmt.Sprintf(`"key";q=%d;w=%d`, q.Limit.Events, int64(q.Limit.Window/time.Second)))
	c.Set("RateLimit", fmt.Sprintf(`"key";r=%d;t=%d`, q.Left, int64(math.Ceil(q.Reset.Seconds()))))
}
