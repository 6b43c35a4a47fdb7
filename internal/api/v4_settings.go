package api

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/jobs"
)

// settingsHandlers show and change the settings of a tenant.
type settingsHandlers struct {
	*auditor
	*notifier

	settings  Settings
	jobs      Jobs
	directory Directory
	logger    *slog.Logger
}

// GetSettings answers GET /v4/settings.
func (h *settingsHandlers) GetSettings(c *fiber.Ctx) error {
	return h.respondSettings(c, callerOf(c).tenant)
}

// PutSettings answers PUT /v4/settings.
func (h *settingsHandlers) PutSettings(c *fiber.Ctx) error {
	body, err := decodeBody(c, "retentionSeconds", "legacySignatures", "zephrSignatures", "secondFactorRequired", "defaultUserStore")
	if err != nil {
		return err
	}
	if body.Len() == 0 {
		return errs.Invalid("", "must contain at least one setting")
	}
	// Decode and validate everything before the first change.
	change := callerOf(c).tenant
	if body.Has("retentionSeconds") {
		n, err := body.Get("retentionSeconds").Integer(seconds(jobs.MinRetention), seconds(jobs.MaxRetention))
		if err != nil {
			return err
		}
		change.Retention = time.Duration(n) * time.Second
	}
	if body.Has("legacySignatures") {
		if change.LegacySignatures, err = body.Get("legacySignatures").Flag(); err != nil {
			return err
		}
	}
	if body.Has("zephrSignatures") {
		accepted, err := body.Get("zephrSignatures").Flag()
		if err != nil {
			return err
		}
		change.RefuseZephr = !accepted
	}
	if body.Has("secondFactorRequired") {
		if change.SecondFactorRequired, err = body.Get("secondFactorRequired").Flag(); err != nil {
			return err
		}
	}
	if body.Has("defaultUserStore") {
		if change.DefaultStore, err = h.decodeStore(c, body.Get("defaultUserStore")); err != nil {
			return err
		}
	}
	return h.applySettings(c, change)
}

// decodeStore decodes the id of a user store of the tenant, null for the first one.
func (h *settingsHandlers) decodeStore(c *fiber.Ctx, v decode.Value) (string, error) {
	if v.IsNull() {
		return "", nil
	}
	id, err := v.RequiredText(maxStoreID)
	if err != nil {
		return "", err
	}
	return id, checkStore(c, h.directory, v.Path(), id)
}

// errNoSecondFactor prevents owners from locking themselves out, and a stolen password from locking
// out everyone.
var errNoSecondFactor = &errs.Error{
	Code: errs.CodeForbidden, Field: "secondFactorRequired",
	Message: "Only an owner who logged in with a second factor can require one. Set one up under Account first.",
}

// requireSecondFactor sets whether a tenant requires a second factor, and closes the sockets of
// sessions without one. Streams check their session themselves.
func (h *settingsHandlers) requireSecondFactor(c *fiber.Ctx, tenant string, required bool) error {
	if err := h.settings.SetSecondFactorRequired(c.UserContext(), tenant, required); err != nil {
		return err
	}
	if required {
		h.factorRequired(c, tenant)
	}
	return nil
}

// applySettings writes the settings that differ from the tenant's current ones.
func (h *settingsHandlers) applySettings(c *fiber.Ctx, change auth.Tenant) error {
	who, ctx := callerOf(c), c.UserContext()
	requires := change.SecondFactorRequired != who.tenant.SecondFactorRequired
	if requires && change.SecondFactorRequired && !who.session.SecondFactor {
		return errNoSecondFactor
	}
	if change.Retention != who.tenant.Retention {
		if err := h.settings.SetRetention(ctx, change.ID, change.Retention); err != nil {
			return err
		}
	}
	if change.LegacySignatures != who.tenant.LegacySignatures {
		if err := h.settings.SetLegacySignatures(ctx, change.ID, change.LegacySignatures); err != nil {
			return err
		}
	}
	if change.RefuseZephr != who.tenant.RefuseZephr {
		if err := h.settings.SetZephrSignatures(ctx, change.ID, !change.RefuseZephr); err != nil {
			return err
		}
	}
	if change.DefaultStore != who.tenant.DefaultStore {
		if err := h.settings.SetDefaultStore(ctx, change.ID, change.DefaultStore); err != nil {
			return err
		}
	}
	words := fmt.Sprintf("files are kept for %d s, legacy signatures allowed: %t, Zephr signatures accepted: %t",
		retention(change, h.jobs.Retention()), change.LegacySignatures, !change.RefuseZephr)
	if change.DefaultStore != "" {
		words += fmt.Sprintf(", default user store: %q", change.DefaultStore)
	}
	if requires {
		if err := h.requireSecondFactor(c, change.ID, change.SecondFactorRequired); err != nil {
			return err
		}
		words += fmt.Sprintf(", second factor required: %t", change.SecondFactorRequired)
	}
	h.recordAction(c, audit.SettingsChanged, "", words)
	h.logger.InfoContext(ctx, "settings changed", "request_id", requestID(c), "tenant", change.ID, "admin", who.admin.ID,
		"retention", change.Retention, "legacy_signatures", change.LegacySignatures, "zephr_signatures", !change.RefuseZephr,
		"second_factor_required", change.SecondFactorRequired, "default_store", change.DefaultStore)
	return h.respondSettings(c, change)
}

func (h *settingsHandlers) respondSettings(c *fiber.Ctx, t auth.Tenant) error {
	store, err := defaultStore(c, h.directory, t)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, gen.Settings{
		RetentionSeconds: retention(t, h.jobs.Retention()), RetentionSecondsDefault: seconds(h.jobs.Retention()), LegacySignatures: t.LegacySignatures,
		SecondFactorRequired: t.SecondFactorRequired,
		ZephrSignatures:      !t.RefuseZephr,
		DefaultUserStore:     orNull(store),
	})
}

// retention returns how long the files of a tenant's jobs that end now are kept, in seconds.
func retention(t auth.Tenant, defaultRetention time.Duration) int64 {
	return seconds(cmp.Or(t.Retention, defaultRetention))
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
