package api

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/bodystream"
	"github.com/egress-io/egress/internal/api/limiter"
	"github.com/egress-io/egress/internal/errs"
)

// heavyReads limits reads that may scan all users of a tenant, such as counts, previews and
// filtered lists. A request that waits the full time still has time for its read.
var heavyReads = limiter.Options{Total: 8, PerTenant: 3, Waiting: 12, Wait: 5 * time.Second}

// unpagedExports limits responses of GET /v3/user-export without pages. A client may take an hour
// for one, so requests do not wait.
var unpagedExports = limiter.Options{Total: 12, PerTenant: 3}

// Values of Retry-After for refused requests, in seconds.
const (
	retryReadAfter   = 2
	retryExportAfter = 10
)

// heavyFunc reports whether a request may scan all users of a tenant.
type heavyFunc func(*fiber.Ctx) bool

func always(*fiber.Ctx) bool { return true }

// hasFilterOrSearch reports whether a list of users has conditions. Without them a page is read
// from an index.
func hasFilterOrSearch(c *fiber.Ctx) bool { return c.Query("filter") != "" || c.Query("search") != "" }

// needsScan reports whether a lookup of users may scan all of them. The first page, and lookups by
// indexed identifiers and foreign keys, do not.
func needsScan(c *fiber.Ctx) bool {
	for name, value := range c.Context().QueryArgs().All() {
		switch name := string(name); {
		case name == "identifiers.email_address", name == "identifiers.username", name == "rpp", strings.HasPrefix(name, foreignKeyPrefix):
		case name != "page" || string(value) != "1":
			return true
		}
	}
	return false
}

// hasPageParameter reports whether a page is requested. Requests without pages are limited by
// unpagedExports.
func hasPageParameter(c *fiber.Ctx) bool {
	args := c.Context().QueryArgs()
	return args.Has("rpp") || args.Has("page")
}

// readLimiter limits the concurrent reads of a tenant.
type readLimiter struct {
	heavyReads *limiter.Limiter
}

// limitReads calls the handler when the tenant's limit allows another read, and cancels its context
// when the client disconnects. The read counts until the handler returns.
func (l *readLimiter) limitReads(c *fiber.Ctx, handler func() error) error {
	request := c.UserContext()
	ctx, stop := bodystream.WatchClient(request, c.Context().Conn())
	defer stop()
	release, err := l.heavyReads.Acquire(ctx, callerOf(c).tenant.ID)
	if err != nil {
		return busyError(err, "This tenant has reached its limit of concurrent searches, counts and previews. Wait a moment, then retry.", retryReadAfter)
	}
	defer release()
	c.SetUserContext(ctx)
	err = handler()
	c.SetUserContext(request)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, bodystream.ErrClientGone) {
		return cause
	}
	return err
}

// busyError returns the problem for a refused request.
func busyError(err error, tenantBusy string, after int) error {
	var e *errs.Error
	switch {
	case errors.Is(err, limiter.ErrTenantBusy):
		e = errs.Wrap(errs.CodeTenantBusy, err, tenantBusy)
	case errors.Is(err, limiter.ErrServerBusy):
		e = errs.Wrap(errs.CodeUnavailable, err, "The server is busy with other tenants. Wait a moment, then retry.")
	default:
		return err
	}
	e.Details = map[string]any{"retryAfterSeconds": after}
	return e
}
