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

// requestTimeout is how long a handler may take. Sockets and files are not bound by it.
const requestTimeout = 30 * time.Second

// named notes the pattern of the route for the access log: paths and queries may hold personal data, patterns do not.
func named(pattern string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Locals(routeKey, pattern)
		return c.Next()
	}
}

func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(requestIDKey).(string); ok {
		return id
	}
	id := ulid.Make().String()
	c.Locals(requestIDKey, id)
	c.Set(requestIDHeader, id)
	return id
}

// observe is outermost: it names the request, gives it its time, renders its error and logs its end.
func (s *server) observe(c *fiber.Ctx) error {
	begin := time.Now()
	id := requestID(c)
	ctx, cancel := context.WithTimeout(c.UserContext(), requestTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	s.safetyHeaders(c)

	if err := s.recovered(c); err != nil {
		if err := s.renderError(c, err); err != nil {
			return fmt.Errorf("render an error: %w", err)
		}
	}
	route, ok := c.Locals(routeKey).(string)
	if !ok {
		route = "none"
	}
	s.logger.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("method", c.Method()), slog.String("route", route),
		slog.Int("status", c.Response().StatusCode()), slog.Duration("duration", time.Since(begin)), slog.String("request_id", id))
	return nil
}

// recovered runs the request and turns a panic into an error. What was panicked with may hold anything, so only its type
// is logged, unless it is an error of the Go runtime.
func (s *server) recovered(c *fiber.Ctx) error {
	return s.guarded(context.WithValue(c.UserContext(), requestIDKey, requestID(c)), c.Next)
}

// guarded calls f, and turns a panic into an error.
func (s *server) guarded(ctx context.Context, f func() error) (err error) {
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
		s.logger.ErrorContext(ctx, "a handler panicked", "request_id", id, "panic", what, "stack", string(debug.Stack()))
		err = fmt.Errorf("panic: %s", what)
	}()
	return f()
}

// safetyHeaders are on every answer.
func (s *server) safetyHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	// Not no-referrer: browsers would then send "Origin: null" with some of our own pages' requests.
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	if s.https {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// apiHeaders are on every answer of the API: nothing of it is kept by a browser or a proxy.
func (s *server) apiHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "no-store")
}
