package api

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/errs"
)

// healthHandlers answer requests about the server itself.
type healthHandlers struct {
	checks map[string]func(context.Context) error // readiness checks, by the name of the dependency
	logger *slog.Logger
}

// GetHealth answers GET /healthz.
func (h *healthHandlers) GetHealth(c *fiber.Ctx) error {
	return respond(c, fiber.StatusOK, gen.Health{Status: gen.HealthStatusOk})
}

// GetReadiness answers GET /readyz. The error of a dependency is only logged, because it may name
// hosts. The response contains the message of its errs.OutageError.
func (h *healthHandlers) GetReadiness(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), readinessLimit)
	defer cancel()
	v := gen.Readiness{Status: gen.ReadinessStatusReady, Checks: map[string]gen.ReadinessChecks{}}
	status := fiber.StatusOK
	reasons := map[string]gen.Outage{}

	var mu sync.Mutex
	var wg sync.WaitGroup
	for name, check := range h.checks {
		wg.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			v.Checks[name] = gen.ReadinessChecksOk
			if err != nil {
				h.logger.WarnContext(ctx, "dependency unavailable", "dependency", name, "error", err)
				v.Checks[name] = gen.ReadinessChecksUnavailable
				reasons[name] = reasonOf(err)
				v.Status, status = gen.ReadinessStatusUnavailable, fiber.StatusServiceUnavailable
			}
		})
	}
	wg.Wait()
	if len(reasons) > 0 {
		v.Reasons = &reasons
	}
	return respond(c, status, v)
}

// reasonOf returns why a dependency is unavailable.
func reasonOf(err error) gen.Outage {
	if o, ok := errors.AsType[*errs.OutageError](err); ok {
		return gen.Outage{Kind: o.Kind, Message: o.Message}
	}
	return gen.Outage{Kind: errs.OutageUnreachable, Message: "It does not respond."}
}

// GetOpenAPI answers GET /v4/openapi.yaml.
func (h *healthHandlers) GetOpenAPI(c *fiber.Ctx) error {
	setNoStore(c)
	c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
	return c.Send(openAPIDocument)
}
