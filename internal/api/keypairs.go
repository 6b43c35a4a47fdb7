package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// maxKeyNote is the longest note that is looked at, in bytes.
const maxKeyNote = 500

// ListKeyPairs answers GET /v3/admin/users/{user_id}/keypairs.
func (s *server) ListKeyPairs(c *fiber.Ctx) error {
	admin, err := s.keyHolder(c)
	if err != nil {
		return err
	}
	views, err := s.keyPairs(c, admin)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, views)
}

// ListTenantKeyPairs answers GET /v4/key-pairs.
func (s *server) ListTenantKeyPairs(c *fiber.Ctx) error {
	views, err := s.keyPairs(c, callerOf(c).reach())
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, gen.KeyPairs{Results: views})
}

// IssueKeyPair answers POST /v3/admin/users/{user_id}/keypairs.
func (s *server) IssueKeyPair(c *fiber.Ctx) error {
	admin, err := s.keyHolder(c)
	if err != nil {
		return err
	}
	note := ""
	if len(c.BodyRaw()) > 0 {
		body, err := decode(c, "note")
		if err != nil {
			return err
		}
		if note, err = body.text("note", maxKeyNote); err != nil {
			return err
		}
	}
	who := callerOf(c)
	pair, secret, err := s.keys.Issue(c.UserContext(), who.tenant.ID, admin, who.admin.ID, note)
	if err != nil {
		return err
	}
	s.did(c, audit.KeyPairMade, pair.AccessKey, "for the admin "+admin+": "+note)
	s.logger.InfoContext(c.UserContext(), "a key pair was made", "request_id", requestID(c),
		"tenant", who.tenant.ID, "admin", who.admin.ID, "for", admin, "access_key", pair.AccessKey)
	return s.answer(c, fiber.StatusCreated, gen.NewKeyPair{
		AccessKey: pair.AccessKey, SecretKey: secret, Message: "Keep the secret key now: it is not shown again.",
	})
}

// AnnotateKeyPair answers PATCH /v4/key-pairs/{access_key}.
func (s *server) AnnotateKeyPair(c *fiber.Ctx) error {
	pair, err := s.keyPair(c, callerOf(c).reach())
	if err != nil {
		return err
	}
	body, err := decode(c, "note")
	if err != nil {
		return err
	}
	if body.raw("note") == nil {
		return export.Invalid("note", "is missing")
	}
	if pair.Note, err = body.text("note", maxKeyNote); err != nil {
		return err
	}
	if err := s.keys.Annotate(c.UserContext(), pair.Tenant, pair.AccessKey, pair.Note); err != nil {
		return err
	}
	s.did(c, audit.KeyPairAnnotated, pair.AccessKey, pair.Note)
	emails, err := s.keys.Emails(c.UserContext(), []string{pair.AdminID})
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, viewKeyPair(pair, emails))
}

// RevokeKeyPair answers DELETE /v3/admin/users/{user_id}/keypairs/{access_key}.
func (s *server) RevokeKeyPair(c *fiber.Ctx) error {
	admin, err := s.keyHolder(c)
	if err != nil {
		return err
	}
	pair, err := s.keyPair(c, admin)
	if err != nil {
		return err
	}
	if err := s.keys.Revoke(c.UserContext(), pair.Tenant, pair.AccessKey); err != nil {
		return err
	}
	who := callerOf(c)
	s.did(c, audit.KeyPairRevoked, pair.AccessKey, "of the admin "+pair.AdminID+": "+pair.Note)
	s.logger.InfoContext(c.UserContext(), "a key pair was revoked", "request_id", requestID(c),
		"tenant", who.tenant.ID, "admin", who.admin.ID, "of", pair.AdminID, "access_key", pair.AccessKey)
	return s.answer(c, fiber.StatusOK, gen.Message{Message: "The key pair is revoked."})
}

// keyHolder is the admin of the path. Owners may act for every admin, others for themselves.
func (s *server) keyHolder(c *fiber.Ctx) (string, error) {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return "", err
	}
	if reach := callerOf(c).reach(); reach != "" && reach != id {
		return "", export.Errorf(export.CodeForbidden, "Only owners look after the key pairs of other admins.")
	}
	return id, nil
}

// reach is the admin whose key pairs the caller looks after, "" for every one's.
func (c *caller) reach() string {
	if c.role.Includes(auth.Owner) {
		return ""
	}
	return c.admin.ID
}

// keyPair is the pair of the path, of an admin, or of any where admin is "".
func (s *server) keyPair(c *fiber.Ctx, admin string) (*auth.KeyPair, error) {
	key, err := pathValue(c, "access_key")
	if err != nil {
		return nil, err
	}
	return s.keys.Pair(c.UserContext(), callerOf(c).tenant.ID, admin, key)
}

// keyPairs are the tenant's pairs of an admin, or of all where admin is "".
func (s *server) keyPairs(c *fiber.Ctx, admin string) ([]gen.KeyPair, error) {
	list, err := s.keys.List(c.UserContext(), callerOf(c).tenant.ID, admin)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].AdminID
	}
	emails, err := s.keys.Emails(c.UserContext(), ids)
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
