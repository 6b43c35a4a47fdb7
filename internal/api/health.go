package api

import (
	"context"
	"sync"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
)

// GetHealth answers GET /healthz.
func (s *server) GetHealth(c *fiber.Ctx) error {
	return s.answer(c, fiber.StatusOK, gen.Health{Status: gen.HealthStatusOk})
}

// GetReadiness answers GET /readyz. What a dependency said stays in the log: it may name hosts.
func (s *server) GetReadiness(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), readinessLimit)
	defer cancel()
	v := gen.Readiness{Status: gen.ReadinessStatusReady, Checks: map[string]gen.ReadinessChecks{}}
	status := fiber.StatusOK

	var mu sync.Mutex
	var wg sync.WaitGroup
	for name, check := range s.checks {
		wg.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			v.Checks[name] = gen.ReadinessChecksOk
			if err != nil {
				s.logger.WarnContext(ctx, "a dependency does not answer", "dependency", name, "error", err)
				v.Checks[name] = gen.ReadinessChecksUnavailable
				v.Status, status = gen.ReadinessStatusUnavailable, fiber.StatusServiceUnavailable
			}
		})
	}
	wg.Wait()
	return s.answer(c, status, v)
}

// GetOpenAPI answers GET /v4/openapi.yaml.
func (s *server) GetOpenAPI(c *fiber.Ctx) error {
	s.apiHeaders(c)
	c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
	return c.Send(document)
}
