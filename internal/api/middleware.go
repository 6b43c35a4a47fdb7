package api

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"
)

const requestIDHeader = "X-Request-Id"

// requestTimeout is the time limit of a handler. It does not apply to sockets and response bodies.
const requestTimeout = 30 * time.Second

// recordRoute is setRoute as a handler.
func recordRoute(pattern string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		setRoute(c, pattern)
		return c.Next()
	}
}

// setRoute stores the pattern of the route for the access log. Paths and queries may contain personal
// data; patterns do not.
func setRoute(c *fiber.Ctx, pattern string) { c.Locals(routeKey, pattern) }

func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(requestIDKey).(string); ok {
		return id
	}
	id := ulid.Make().String()
	c.Locals(requestIDKey, id)
	c.Set(requestIDHeader, id)
	return id
}

// middleware surrounds all handlers: it assigns request ids, renders errors and writes the access log.
type middleware struct {
	https  bool // clients use https
	now    func() time.Time
	logger *slog.Logger
}

// serveRequest is the outermost middleware. It assigns the request id, sets the time limit, renders
// errors, compresses the response and writes the access log.
func (m *middleware) serveRequest(c *fiber.Ctx) error {
	begin := m.now()
	id := requestID(c)
	ctx, cancel := context.WithTimeout(c.UserContext(), requestTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	m.setSecurityHeaders(c)

	if err := m.runHandler(c); err != nil {
		if err := m.renderError(c, err); err != nil {
			return fmt.Errorf("render an error: %w", err)
		}
	}
	if err := compressResponse(c); err != nil {
		return err
	}
	route, ok := c.Locals(routeKey).(string)
	if !ok {
		route = "none"
	}
	m.logger.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("method", c.Method()), slog.String("route", route),
		slog.Int("status", c.Response().StatusCode()), slog.Duration("duration", m.now().Sub(begin)), slog.String("request_id", id))
	return nil
}

// runHandler runs the handlers of a request and returns a panic as an error.
func (m *middleware) runHandler(c *fiber.Ctx) error {
	return recoverPanic(context.WithValue(c.UserContext(), requestIDKey, requestID(c)), m.logger, c.Next)
}

// recoverPanic calls f and returns a panic as an error. A panic value may contain personal data, so
// only its type is logged, unless it is an error of the Go runtime.
func recoverPanic(ctx context.Context, logger *slog.Logger, f func() error) (err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		what := fmt.Sprintf("%T", v)
		if r, ok := v.(runtime.Error); ok {
			what = r.Error()
		}
		id, _ := ctx.Value(requestIDKey).(string)
		logger.ErrorContext(ctx, "panic in a handler", "request_id", id, "panic", what, "stack", string(debug.Stack()))
		err = fmt.Errorf("panic: %s", what)
	}()
	return f()
}

// permissionsPolicy allows the browser features that the console uses: passkeys and writing to the
// clipboard. It denies the others that browsers would allow, or ask the user for.
const permissionsPolicy = "publickey-credentials-get=(self), publickey-credentials-create=(self), clipboard-write=(self), " +
	"accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), encrypted-media=(), " +
	"fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), storage-access=(), sync-xhr=(), " +
	"usb=(), window-management=(), xr-spatial-tracking=()"

// setSecurityHeaders sets the security headers of every response.
func (m *middleware) setSecurityHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	// Not no-referrer: browsers would then send "Origin: null" with some of the console's own
	// requests.
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	// Other sites cannot embed resources. Links to files still work from any site, because they are
	// navigations.
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("Permissions-Policy", permissionsPolicy)
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
	if m.https {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// setNoStore keeps browsers and proxies from caching a response.
func setNoStore(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "no-store")
}
