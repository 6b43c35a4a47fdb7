package api

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// ListKeyPairs answers GET /v3/admin/users/{user_id}/keypairs.
func (h *keyPairHandlers) ListKeyPairs(c *fiber.Ctx) error {
	admin, err := pathKeyPairOwner(c)
	if err != nil {
		return err
	}
	list, emails, err := h.listPairs(c, admin)
	if err != nil {
		return err
	}
	views := make([]gen.ZephrKeyPair, len(list))
	for i := range list {
		k := &list[i]
		views[i] = gen.ZephrKeyPair{
			AccessKey: k.AccessKey, UserID: k.AdminID, Email: orNull(emails[k.AdminID]), Note: k.Note,
			Created: shortTime(export.FormatTime(k.Created)), CreatedBy: k.CreatedBy, RequestsPerMinute: orNull(k.RequestsPerMinute),
		}
		if !k.LastUsed.IsZero() {
			views[i].LastUsed = zephrTime(&k.LastUsed)
		}
	}
	return respond(c, fiber.StatusOK, views)
}

// IssueKeyPair answers POST /v3/admin/users/{user_id}/keypairs. Admins can create key pairs only
// for themselves: a key pair has the role of its admin, and the audit log names that admin.
func (h *keyPairHandlers) IssueKeyPair(c *fiber.Ctx) error {
	admin, err := pathValue(c, "user_id")
	if err != nil {
		return err
	}
	if admin != callerOf(c).admin.ID {
		return errs.Errorf(errs.CodeForbidden, "You can create key pairs only for yourself.")
	}
	note := ""
	if len(c.BodyRaw()) > 0 {
		body, err := decodeBody(c, "note")
		if err != nil {
			return err
		}
		if note, err = body.Get("note").Text(maxKeyNote); err != nil {
			return err
		}
	}
	who := callerOf(c)
	pair, secret, err := h.keys.Issue(c.UserContext(), who.tenant.ID, admin, who.admin.ID, note)
	if err != nil {
		return err
	}
	// If the session ended while the pair was created, the pair must not remain.
	if _, err := h.auth.Check(c.UserContext(), who.session.ID, who.tenant.ID); err != nil {
		return errors.Join(err, h.keys.Revoke(c.UserContext(), pair.Tenant, pair.AccessKey))
	}
	h.recordAction(c, audit.KeyPairMade, pair.AccessKey, note)
	h.logger.InfoContext(c.UserContext(), "key pair created", "request_id", requestID(c),
		"tenant", who.tenant.ID, "admin", who.admin.ID, "access_key", pair.AccessKey)
	return respond(c, fiber.StatusCreated, gen.NewKeyPair{
		AccessKey: pair.AccessKey, SecretKey: secret, Message: "Copy the secret key now. It is not shown again.",
	})
}

// RevokeKeyPair answers DELETE /v3/admin/users/{user_id}/keypairs/{access_key}.
func (h *keyPairHandlers) RevokeKeyPair(c *fiber.Ctx) error {
	admin, err := pathKeyPairOwner(c)
	if err != nil {
		return err
	}
	pair, err := h.pathKeyPair(c, admin)
	if err != nil {
		return err
	}
	if err := h.keys.Revoke(c.UserContext(), pair.Tenant, pair.AccessKey); err != nil {
		return err
	}
	who := callerOf(c)
	h.recordAction(c, audit.KeyPairRevoked, pair.AccessKey, "of the admin "+pair.AdminID+": "+pair.Note)
	h.logger.InfoContext(c.UserContext(), "key pair revoked", "request_id", requestID(c),
		"tenant", who.tenant.ID, "admin", who.admin.ID, "of", pair.AdminID, "access_key", pair.AccessKey)
	return respond(c, fiber.StatusOK, gen.Message{Message: "The key pair is revoked."})
}

// pathKeyPairOwner returns the admin of the path. Owners can manage the key pairs of every admin,
// others their own.
func pathKeyPairOwner(c *fiber.Ctx) (string, error) {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return "", err
	}
	if reach := callerOf(c).keyPairScope(); reach != "" && reach != id {
		return "", errs.Errorf(errs.CodeForbidden, "Only owners can manage the key pairs of other admins.")
	}
	return id, nil
}
