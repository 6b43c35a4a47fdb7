package api

import (
	"log/slog"
	"strings"

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
	list, emails, err := h.listPairs(c, callerOf(c).keyPairScope())
	if err != nil {
		return err
	}
	views := make([]gen.KeyPair, len(list))
	for i := range list {
		views[i] = viewKeyPair(&list[i], emails)
	}
	return respond(c, fiber.StatusOK, gen.KeyPairs{Results: views})
}

// ChangeKeyPair answers PATCH /v4/key-pairs/{access_key}. Only owners in a session change limits: a
// stolen key pair must not raise its own.
func (h *keyPairHandlers) ChangeKeyPair(c *fiber.Ctx) error {
	pair, err := h.pathKeyPair(c, callerOf(c).keyPairScope())
	if err != nil {
		return err
	}
	change, err := decodeKeyPairChange(c)
	if err != nil {
		return err
	}
	if who := callerOf(c); change.RequestsPerMinute != nil && (who.pair != nil || !who.role.Includes(auth.Owner)) {
		return errs.Errorf(errs.CodeForbidden, "Only owners can change the limit of a key pair, in a session.")
	}
	if err := h.keys.Change(c.UserContext(), pair.Tenant, pair.AccessKey, change); err != nil {
		return err
	}
	var words []string
	if change.Note != nil {
		pair.Note = *change.Note
		words = append(words, pair.Note)
	}
	if change.RequestsPerMinute != nil {
		pair.RequestsPerMinute = *change.RequestsPerMinute
		words = append(words, limitWords(pair.RequestsPerMinute))
	}
	h.recordAction(c, audit.KeyPairAnnotated, pair.AccessKey, strings.Join(words, "; "))
	emails, err := h.keys.Emails(c.UserContext(), []string{pair.AdminID})
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewKeyPair(pair, emails))
}

// decodeKeyPairChange decodes what to change in a key pair. A limit of null is that of the server.
func decodeKeyPairChange(c *fiber.Ctx) (change auth.KeyPairChange, err error) {
	body, err := decodeBody(c, "note", "requests_per_minute")
	if err != nil {
		return change, err
	}
	if note := body.Get("note"); !note.IsNull() {
		text, err := note.Text(maxKeyNote)
		if err != nil {
			return change, err
		}
		change.Note = &text
	}
	if limit := body.Get("requests_per_minute"); !limit.Missing() {
		change.RequestsPerMinute = new(0)
		if !limit.IsNull() {
			n, err := limit.Integer(1, auth.MaxKeyRequests)
			if err != nil {
				return change, err
			}
			*change.RequestsPerMinute = int(n)
		}
	}
	if change == (auth.KeyPairChange{}) {
		return change, errs.Invalid("note", "is missing")
	}
	return change, nil
}

// limitWords describes a request limit for the audit log.
func limitWords(n int) string {
	if n == 0 {
		return "the server's limit of requests"
	}
	return "at most " + export.Pluralize(int64(n), "request", "requests") + " a minute"
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

// listPairs returns the tenant's key pairs of an admin, or of all admins if admin is "", and the
// e-mail addresses of these admins.
func (h *keyPairHandlers) listPairs(c *fiber.Ctx, admin string) ([]auth.KeyPair, map[string]string, error) {
	list, err := h.keys.List(c.UserContext(), callerOf(c).tenant.ID, admin)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].AdminID
	}
	emails, err := h.keys.Emails(c.UserContext(), ids)
	return list, emails, err
}

func viewKeyPair(k *auth.KeyPair, emails map[string]string) gen.KeyPair {
	return gen.KeyPair{
		AccessKey: k.AccessKey, UserID: k.AdminID, Email: orNull(emails[k.AdminID]), Note: k.Note,
		Created: export.NewTime(k.Created), CreatedBy: k.CreatedBy, LastUsed: timeOrNull(&k.LastUsed),
		RequestsPerMinute: orNull(k.RequestsPerMinute),
	}
}
