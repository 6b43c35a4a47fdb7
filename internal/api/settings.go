package api

import (
	"cmp"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

// GetSettings answers GET /v4/settings.
func (s *server) GetSettings(c *fiber.Ctx) error {
	return s.answerSettings(c, callerOf(c).tenant)
}

// PutSettings answers PUT /v4/settings.
func (s *server) PutSettings(c *fiber.Ctx) error {
	body, err := decode(c, "retentionSeconds", "legacySignatures")
	if err != nil {
		return err
	}
	if len(body.members) == 0 {
		return export.Invalid("", "names no setting")
	}
	// Everything is read before anything is changed.
	change := callerOf(c).tenant
	if _, named := body.members["retentionSeconds"]; named {
		n, err := body.whole("retentionSeconds", seconds(jobs.MinRetention), seconds(jobs.MaxRetention))
		if err != nil {
			return err
		}
		change.Retention = time.Duration(n) * time.Second
	}
	if _, named := body.members["legacySignatures"]; named {
		if change.LegacySignatures, err = body.flag("legacySignatures"); err != nil {
			return err
		}
	}
	return s.applySettings(c, change)
}

// applySettings writes what differs from the tenant as it was.
func (s *server) applySettings(c *fiber.Ctx, change auth.Tenant) error {
	who, ctx := callerOf(c), c.UserContext()
	if change.Retention != who.tenant.Retention {
		if err := s.settings.SetRetention(ctx, change.ID, change.Retention); err != nil {
			return err
		}
	}
	if change.LegacySignatures != who.tenant.LegacySignatures {
		if err := s.settings.SetLegacySignatures(ctx, change.ID, change.LegacySignatures); err != nil {
			return err
		}
	}
	s.did(c, audit.SettingsChanged, "", fmt.Sprintf("files are kept for %d s, legacy signatures allowed: %t", s.retention(change), change.LegacySignatures))
	s.logger.InfoContext(ctx, "an owner changed the settings", "request_id", requestID(c), "tenant", change.ID, "admin", who.admin.ID,
		"retention", change.Retention, "legacy_signatures", change.LegacySignatures)
	return s.answerSettings(c, change)
}

func (s *server) answerSettings(c *fiber.Ctx, t auth.Tenant) error {
	return s.answer(c, fiber.StatusOK, gen.Settings{
		RetentionSeconds: s.retention(t), RetentionSecondsDefault: seconds(s.jobs.Retention()), LegacySignatures: t.LegacySignatures,
	})
}

// retention is how long the files of a tenant's jobs are kept that end now, in seconds.
func (s *server) retention(t auth.Tenant) int64 {
	return seconds(cmp.Or(t.Retention, s.jobs.Retention()))
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
