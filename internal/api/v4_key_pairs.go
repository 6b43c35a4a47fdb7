package api

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// maxKeyNote is the maximum length of a note in bytes.
const maxKeyNote = 500

// keyPairHandlers manage key pairs.
type keyPairHandlers struct {
	*auditor

	auth   Authenticator
	keys   Keys
	logger *slog.Logger
}

// ListTenantKeyPairs answers GET /v4/key-pairs.
func (h *keyPairHandlers) ListTenantKeyPairs(c *fiber.Ctx) error {
	views, err := h.keyPairViews(c, callerOf(c).keyPairScope())
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, gen.KeyPairs{Results: views})
}

// AnnotateKeyPair answers PATCH /v4/key-pairs/{access_key}.
func (h *keyPairHandlers) AnnotateKeyPair(c *fiber.Ctx) error {
	pair, err := h.pathKeyPair(c, callerOf(c).keyPairScope())
	if err != nil {
		return err
	}
	body, err := decodeBody(c, "note")
	if err != nil {
		return err
	}
	if body.Get("note").IsNull() {
		return errs.Invalid("note", "is missing")
	}
	if pair.Note, err = body.Get("note").Text(maxKeyNote); err != nil {
		return err
	}
	if err := h.keys.Annotate(c.UserContext(), pair.Tenant, pair.AccessKey, pair.Note); err != nil {
		return err
	}
	h.recordAction(c, audit.KeyPairAnnotated, pair.AccessKey, pair.Note)
	emails, err := h.keys.Emails(c.UserContext(), []string{pair.AdminID})
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewKeyPair(pair, emails))
}

// keyPairScope returns the admin whose key pairs the caller can manage, "" for all admins.
func (c *caller) keyPairScope() string {
	if c.role.Includes(auth.Owner) {
		return ""
	}
	return c.admin.ID
}

// pathKeyPair returns the key pair of the path. It must belong to the admin, or to any admin if
// admin is "".
func (h *keyPairHandlers) pathKeyPair(c *fiber.Ctx, admin string) (*auth.KeyPair, error) {
	key, err := pathValue(c, "access_key")
	if err != nil {
		return nil, err
	}
	return h.keys.Pair(c.UserContext(), callerOf(c).tenant.ID, admin, key)
}

// keyPairViews returns the tenant's key pairs of an admin, or of all admins if admin is "".
func (h *keyPairHandlers) keyPairViews(c *fiber.Ctx, admin string) ([]gen.KeyPair, error) {
	list, err := h.keys.List(c.UserContext(), callerOf(c).tenant.ID, admin)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].AdminID
	}
	emails, err := h.keys.Emails(c.UserContext(), ids)
	if err != nil {
		return nil, err
	}
	views := make([]gen.KeyPair, len(list))
	for i := range list {
		views[i] = viewKeyPair(&list[i], emails)
	}
	return views, nil
}

func viewKeyPair(k *auth.KeyPair, emails map[string]string) gen.KeyPair {
	return gen.KeyPair{
		AccessKey: k.AccessKey, UserID: k.AdminID, Email: orNull(emails[k.AdminID]), Note: k.Note,
		Created: export.NewTime(k.Created), CreatedBy: k.CreatedBy, LastUsed: timeOrNull(&k.LastUsed),
	}
}
