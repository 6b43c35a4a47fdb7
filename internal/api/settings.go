package api

import (
	"cmp"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export/jobs"
)

// GetSettings answers GET /v4/settings.
func (s *server) GetSettings(c *fiber.Ctx) error {
	return s.answerSettings(c, callerOf(c).tenant)
}

// PutSettings answers PUT /v4/settings.
func (s *server) PutSettings(c *fiber.Ctx) error {
	body, err := decode(c, "retentionSeconds")
	if err != nil {
		return err
	}
	n, err := body.whole("retentionSeconds", seconds(jobs.MinRetention), seconds(jobs.MaxRetention))
	if err != nil {
		return err
	}
	who := callerOf(c)
	tenant := who.tenant
	tenant.Retention = time.Duration(n) * time.Second
	if err := s.settings.SetRetention(c.UserContext(), tenant.ID, tenant.Retention); err != nil {
		return err
	}
	s.logger.InfoContext(c.UserContext(), "an owner set how long files are kept",
		"request_id", requestID(c), "tenant", tenant.ID, "admin", who.admin.ID, "retention", tenant.Retention)
	return s.answerSettings(c, tenant)
}

func (s *server) answerSettings(c *fiber.Ctx, t auth.Tenant) error {
	return s.answer(c, fiber.StatusOK, gen.Settings{
		RetentionSeconds: s.retention(t), RetentionSecondsDefault: seconds(s.jobs.Retention()),
	})
}

// retention is how long the files of a tenant's jobs are kept that end now, in seconds.
func (s *server) retention(t auth.Tenant) int64 {
	return seconds(cmp.Or(t.Retention, s.jobs.Retention()))
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
