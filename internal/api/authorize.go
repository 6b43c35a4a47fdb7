package api

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// tenantHeader names the tenant of a request.
const tenantHeader = "Egress-Tenant"

// caller is the authenticated sender of a request. Authorize sets it.
type caller struct {
	admin         *auth.Admin
	session       *auth.Session    // nil for a signed request
	pair          *auth.KeyPair    // nil for a session
	keyMembership *auth.Membership // nil for a session; the membership in the tenant of the key pair
	tenant        auth.Tenant      // zero if the route does not depend on a tenant
	role          auth.Role
}

// requester returns the caller as the requester of a job.
func (c *caller) requester() export.Requester {
	return export.Requester{ID: c.requesterID(), UserID: c.admin.ID, Email: c.admin.Email}
}

func (c *caller) requesterID() string {
	if c.pair != nil {
		return export.KeyPairRequester + c.pair.AccessKey
	}
	return requesterID(c.admin)
}

// requesterID returns the requester id of an admin's sessions.
func requesterID(a *auth.Admin) string { return export.AdminRequester + a.ID }

func (c *caller) origin() export.Origin {
	if c.pair != nil {
		return export.FromAPI
	}
	return export.FromConsole
}

type localKey int

const (
	callerKey localKey = iota
	routeKey
	requestIDKey
	uncompressedKey
)

func callerOf(c *fiber.Ctx) *caller {
	who, _ := c.Locals(callerKey).(*caller)
	return who
}

// authorizer identifies the callers of routes and checks what they may do.
type authorizer struct {
	*cookies
	*readLimiter

	arrivals     *arrivals
	auth         Authenticator
	keys         SignatureVerifier
	users        IDChecker
	crossSite    *auth.CrossSite
	publicOrigin string // "" if unknown
	now          func() time.Time
	logger       *slog.Logger
}

// authorize calls the route's handler if its policy row allows the request.
func (a *authorizer) authorize(row policyRow) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := a.admit(c, row); err != nil {
			return err
		}
		next := c.Next
		if row.readsUsers {
			next = func() error {
				if err := a.users.CheckIDs(c.UserContext(), callerOf(c).tenant.ID, export.UsersFile); err != nil {
					return err
				}
				return c.Next()
			}
		}
		if row.heavy != nil && row.heavy(c) {
			return a.limitReads(c, next)
		}
		return next()
	}
}

// admit checks that a policy row allows the request, and sets its caller.
func (a *authorizer) admit(c *fiber.Ctx, row policyRow) error {
	a.deleteInsecureCookie(c)
	err := a.crossSite.Check(auth.Request{
		Method: c.Method(), Host: string(c.Context().Host()), Origin: c.Get(fiber.HeaderOrigin),
		FetchSite: c.Get("Sec-Fetch-Site"), StartsWork: row.startsWork, Cookie: a.cookieOnly(c),
	})
	if err != nil {
		return err
	}
	// Only encoded bodies are refused, not decoded: signatures cover the bytes as sent, and a
	// decoded body could be a thousand times larger.
	if e := c.Get(fiber.HeaderContentEncoding); e != "" && !strings.EqualFold(e, "identity") {
		return fiber.NewError(fiber.StatusUnsupportedMediaType)
	}
	if !row.largeBody && len(c.BodyRaw()) > smallBody {
		return fiber.NewError(fiber.StatusRequestEntityTooLarge)
	}
	if row.who == anyone {
		return nil
	}
	who, err := a.identify(c, row)
	if err != nil {
		return err
	}
	c.Locals(callerKey, who)
	return nil
}

// identify returns the caller with the tenant and role of the request. It refuses callers without
// the role that the row requires.
func (a *authorizer) identify(c *fiber.Ctx, row policyRow) (*caller, error) {
	name := c.Get(tenantHeader)
	if row.tenantInQuery {
		name = c.Query("tenant")
	}
	var who *caller
	var err error
	if row.sharedRead && !hasSignature(c) {
		token, _ := a.sessionToken(c)
		who, err = a.arrivals.share(token, name, func() (*caller, error) { return a.readCaller(c, row, name) })
	} else {
		who, err = a.readCaller(c, row, name)
	}
	if err != nil {
		return nil, err
	}
	if minRole := row.who.role(); minRole != "" && !who.role.Includes(minRole) {
		return nil, errs.Errorf(errs.CodeForbidden, "This requires the role %q in this tenant. Your role is %q.", minRole, who.role)
	}
	return who, nil
}

// readCaller returns the caller of a request, with the role in the named tenant if the row requires a role.
func (a *authorizer) readCaller(c *fiber.Ctx, row policyRow, tenant string) (*caller, error) {
	who, err := a.authenticate(c, row)
	if err != nil || row.who.role() == "" {
		return who, err
	}
	m, err := a.membership(c.UserContext(), who, tenant)
	if err != nil {
		return nil, err
	}
	who.tenant, who.role = m.Tenant, m.Role
	return who, nil
}

var errUnconfirmed = errs.Errorf(errs.CodeConfirmationRequired,
	"Confirm your password first: this session was not confirmed in the last %d minutes.", auth.ConfirmationLifetime/time.Minute)

// authenticate returns the caller of a signature if there is one, else the caller of the session.
func (a *authorizer) authenticate(c *fiber.Ctx, row policyRow) (*caller, error) {
	if !hasSignature(c) {
		token, _ := a.sessionToken(c)
		id, err := a.auth.Authenticate(c.UserContext(), token)
		if err != nil {
			return nil, err
		}
		if row.confirmed && !a.now().Before(id.Session.ConfirmedUntil()) {
			return nil, errUnconfirmed
		}
		return &caller{admin: id.Admin, session: id.Session}, nil
	}
	if row.sessionOnly {
		return nil, errs.Errorf(errs.CodeForbidden, "Key pairs cannot be used for this request. Log in, then send it in a session.")
	}
	signer, err := a.verifySignature(c, row)
	if signer != nil {
		setRateLimitHeaders(c, signer.Quota)
	}
	if err != nil {
		return nil, err
	}
	return &caller{admin: signer.Admin, pair: signer.Pair, keyMembership: &signer.Membership}, nil
}

// membership returns the caller's membership in a tenant. If tenant is "", the caller must have
// exactly one.
func (a *authorizer) membership(ctx context.Context, who *caller, tenant string) (auth.Membership, error) {
	if who.keyMembership == nil {
		return a.auth.SessionMembership(ctx, who.identity(), tenant)
	}
	if tenant != "" && tenant != who.keyMembership.Tenant.ID {
		return auth.Membership{}, auth.ErrNoTenant
	}
	return *who.keyMembership, nil
}

// memberships returns all memberships of the caller.
func (a *authorizer) memberships(ctx context.Context, who *caller) ([]auth.Membership, error) {
	if who.keyMembership != nil {
		return []auth.Membership{*who.keyMembership}, nil
	}
	return a.auth.Memberships(ctx, who.admin)
}

// signatureTarget returns the parts of the request that a signature covers, as sent.
func signatureTarget(c *fiber.Ctx) auth.Target {
	path, query, _ := bytes.Cut(c.Request().Header.RequestURI(), []byte("?"))
	if !bytes.HasPrefix(path, []byte("/")) { // the form with scheme and host, which proxies use
		_, rest, _ := bytes.Cut(path, []byte("://"))
		path = rest[max(0, bytes.IndexByte(rest, '/')):]
	}
	return auth.Target{Method: c.Method(), Path: string(path), Query: string(query), Body: c.Request().Body()}
}

// setRateLimitHeaders sends the remaining requests of a key pair, as in the IETF draft on RateLimit
// header fields.
func setRateLimitHeaders(c *fiber.Ctx, q auth.Quota) {
	c.Set("RateLimit-Policy", fmt.Sprintf(`"key";q=%d;w=%d`, q.Limit.Events, int64(q.Limit.Window/time.Second)))
	c.Set("RateLimit", fmt.Sprintf(`"key";r=%d;t=%d`, q.Left, int64(math.Ceil(q.Reset.Seconds()))))
}
