package api

import (
	"cmp"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/jobs"
)

// GetSettings answers GET /v4/settings.
func (s *server) GetSettings(c *fiber.Ctx) error {
	return s.respondSettings(c, callerOf(c).tenant)
}

// PutSettings answers PUT /v4/settings.
func (s *server) PutSettings(c *fiber.Ctx) error {
	body, err := decodeBody(c, "retentionSeconds", "legacySignatures", "zephrSignatures", "secondFactorRequired")
	if err != nil {
		return err
	}
	if len(body.members) == 0 {
		return errs.Invalid("", "must contain at least one setting")
	}
	// Decode and validate everything before the first change.
	change := callerOf(c).tenant
	if _, named := body.members["retentionSeconds"]; named {
		n, err := body.integer("retentionSeconds", seconds(jobs.MinRetention), seconds(jobs.MaxRetention))
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
	if _, named := body.members["zephrSignatures"]; named {
		accepted, err := body.flag("zephrSignatures")
		if err != nil {
			return err
		}
		change.RefuseZephr = !accepted
	}
	if _, named := body.members["secondFactorRequired"]; named {
		if change.SecondFactorRequired, err = body.flag("secondFactorRequired"); err != nil {
			return err
		}
	}
	return s.applySettings(c, change)
}

// errNoSecondFactor prevents owners from locking themselves out, and a stolen password from locking
// out everyone.
var errNoSecondFactor = &errs.Error{
	Code: errs.CodeForbidden, Field: "secondFactorRequired",
	Message: "Only an owner who signed in with a second factor can require one. Set one up under Account first.",
}

// requireSecondFactor sets whether a tenant requires a second factor, and closes the sockets of
// sessions without one. Streams check their session themselves.
func (s *server) requireSecondFactor(c *fiber.Ctx, tenant string, required bool) error {
	if err := s.settings.SetSecondFactorRequired(c.UserContext(), tenant, required); err != nil {
		return err
	}
	if required {
		s.hub.RequireFactor(tenant)
		s.notifyServers(c, jobs.ControlMessage{Kind: jobs.ControlFactorRequired, Tenant: tenant})
	}
	return nil
}

// applySettings writes the settings that differ from the tenant's current ones.
func (s *server) applySettings(c *fiber.Ctx, change auth.Tenant) error {
	who, ctx := callerOf(c), c.UserContext()
	requires := change.SecondFactorRequired != who.tenant.SecondFactorRequired
	if requires && change.SecondFactorRequired && !who.session.SecondFactor {
		return errNoSecondFactor
	}
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
	if change.RefuseZephr != who.tenant.RefuseZephr {
		if err := s.settings.SetZephrSignatures(ctx, change.ID, !change.RefuseZephr); err != nil {
			return err
		}
	}
	words := fmt.Sprintf("files are kept for %d s, legacy signatures allowed: %t, Zephr signatures accepted: %t",
		s.retention(change), change.LegacySignatures, !change.RefuseZephr)
	if requires {
		if err := s.requireSecondFactor(c, change.ID, change.SecondFactorRequired); err != nil {
			return err
		}
		words += fmt.Sprintf(", second factor required: %t", change.SecondFactorRequired)
	}
	s.recordAction(c, audit.SettingsChanged, "", words)
	s.logger.InfoContext(ctx, "settings changed", "request_id", requestID(c), "tenant", change.ID, "admin", who.admin.ID,
		"retention", change.Retention, "legacy_signatures", change.LegacySignatures, "zephr_signatures", !change.RefuseZephr,
		"second_factor_required", change.SecondFactorRequired)
	return s.respondSettings(c, change)
}

func (s *server) respondSettings(c *fiber.Ctx, t auth.Tenant) error {
	return respond(c, fiber.StatusOK, gen.Settings{
		RetentionSeconds: s.retention(t), RetentionSecondsDefault: seconds(s.jobs.Retention()), LegacySignatures: t.LegacySignatures,
		SecondFactorRequired: t.SecondFactorRequired,
		ZephrSignatures:      !t.RefuseZephr,
	})
}

// retention returns how long the files of a tenant's jobs that end now are kept, in seconds.
func (s *server) retention(t auth.Tenant) int64 {
	return seconds(cmp.Or(t.Retention, s.jobs.Retention()))
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
