package api

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/users"
)

// maxForeignKey is the maximum length of a foreign key in bytes.
const maxForeignKey = 512

// zephrChangeHandlers change users for programs.
type zephrChangeHandlers struct {
	*auditor

	users     IDChecker
	records   Records
	directory Directory
	now       func() time.Time
}

// CreateUser answers POST /v3/users.
func (h *zephrChangeHandlers) CreateUser(c *fiber.Ctx) error {
	u, secret, err := h.newUser(c)
	if err != nil {
		return err
	}
	if err := h.records.CreateUser(c.UserContext(), callerOf(c).tenant.ID, u); err != nil {
		return err
	}
	h.recordAction(c, audit.UserCreated, u.ID, "")
	v := gen.CreatedUser{UserID: u.ID, Message: "The user was created."}
	if secret {
		v.Message += " Egress does not store the passwords of users: validators were not stored."
	}
	return respond(c, fiber.StatusCreated, v)
}

// newUser decodes a user. secret reports whether the body contains a password.
func (h *zephrChangeHandlers) newUser(c *fiber.Ctx) (u users.User, secret bool, err error) {
	body, err := decodeBody(c, "user_id", "identifiers", "validators", "attributes", "foreign_keys", "user_store_id", "email_verified")
	if err != nil {
		return u, false, err
	}
	now := h.now().UTC().Truncate(time.Millisecond)
	u = users.User{ID: ulid.Make().String(), Registered: &now, Updated: &now}
	if !body.Get("user_id").IsNull() {
		if u.ID, err = body.Get("user_id").Text(users.MaxIDBytes); err != nil {
			return u, false, err
		}
		if !users.ValidID(u.ID) {
			return u, false, errs.Invalid("user_id", "must not be empty or contain control characters")
		}
	}
	identifiers, err := body.Get("identifiers").Object("email_address", "username")
	if err != nil {
		return u, false, err
	}
	if u.Identifiers.EmailAddress, err = identifiers.Get("email_address").Text(maxEmail); err != nil {
		return u, false, err
	}
	if u.Identifiers.Username, err = identifiers.Get("username").Text(maxEmail); err != nil {
		return u, false, err
	}
	if u.Identifiers == (users.Identifiers{}) {
		return u, false, errs.Invalid("identifiers", "must contain email_address or username")
	}
	if u.EmailVerified, err = body.Get("email_verified").OptionalFlag(); err != nil {
		return u, false, err
	}
	if u.StoreID, err = h.newUserStore(c, body); err != nil {
		return u, false, err
	}
	values, err := h.decodeAttributes(c, body.Get("attributes"))
	if err != nil {
		return u, false, err
	}
	u.Attributes = map[string]any{}
	for slug, value := range values {
		if value != nil {
			u.Attributes[slug] = value
		}
	}
	u.ForeignKeys, err = foreignKeys(body.Get("foreign_keys"))
	return u, !body.Get("validators").IsNull(), err
}

// newUserStore returns the user store that the body names, or the tenant's only one.
func (h *zephrChangeHandlers) newUserStore(c *fiber.Ctx, body decode.Object) (string, error) {
	id, err := body.Get("user_store_id").Text(maxStoreID)
	if err != nil {
		return "", err
	}
	stores, err := h.directory.Stores(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return "", err
	}
	switch {
	case id == "" && len(stores) == 1:
		return stores[0].ID, nil
	case id == "" && len(stores) == 0:
		return "", nil
	case id == "":
		return "", errs.Invalid("user_store_id", "is missing: this tenant has several user stores")
	}
	for _, store := range stores {
		if store.ID == id {
			return id, nil
		}
	}
	return "", errs.Invalid("user_store_id", "There is no user store with this id.")
}

// decodeAttributes decodes attribute values by their types and constraints in the schema. nil means
// that the attribute is removed. Except in a PATCH, the values are all attributes of the user, so
// that none that the schema requires may be missing.
func (h *zephrChangeHandlers) decodeAttributes(c *fiber.Ctx, attributes decode.Value) (map[string]any, error) {
	schema, err := h.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return nil, err
	}
	slugs := make([]string, 0, len(schema))
	for _, f := range schema {
		slugs = append(slugs, f.Slug)
	}
	if attributes.IsNull() && attributes.Path() != "" { // a new user without attributes
		attributes, _ = decode.Parse([]byte("{}"), attributes.Path())
	}
	object, err := attributes.Object(slugs...)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for slug, value := range object.All() {
		field, _ := schema.Field(slug)
		if field.Secret() {
			return nil, errs.Invalid(value.Path(), "is a password field. Egress does not store passwords")
		}
		v, err := value.Scalar()
		if err != nil {
			return nil, err
		}
		if values[slug], err = users.Coerce(field, v); err != nil {
			e, _ := err.(*errs.Error) //nolint:errorlint // Coerce does not wrap it
			return nil, errs.Invalid(value.Path(), "%s", e.Message)
		}
		if err := users.CheckValue(field, v, values[slug]); err != nil {
			return nil, errs.Invalid(value.Path(), "%s", err)
		}
	}
	if c.Method() != fiber.MethodPatch {
		if slug, err := schema.CheckRequired(values); err != nil {
			return nil, errs.Invalid(object.Get(slug).Path(), "%s", err)
		}
	}
	return values, nil
}

// foreignKeys decodes the foreign keys of a user by foreign system.
func foreignKeys(v decode.Value) (map[string]string, error) {
	keys := map[string]string{}
	if v.IsNull() {
		return keys, nil
	}
	object, err := v.Map()
	if err != nil {
		return nil, err
	}
	for system, value := range object.All() {
		if keys[system], err = value.Text(maxForeignKey); err != nil {
			return nil, err
		}
		if err := checkForeignKey(value.Path(), system, keys[system]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func checkForeignKey(field, system, key string) error {
	switch {
	case !users.ValidSystem(system):
		return errs.Invalid(field, "must name a foreign system with letters, digits, _ and - only")
	case len(key) > maxForeignKey:
		return errs.Invalid(field, "must have at most %d bytes", maxForeignKey)
	case !utf8.ValidString(key) || strings.IndexByte(key, 0) >= 0:
		return errs.Invalid(field, "must be UTF-8 text without NUL bytes")
	}
	return nil
}

// DeleteUser answers DELETE /v3/users/{user_id}.
func (h *zephrChangeHandlers) DeleteUser(c *fiber.Ctx) error {
	return h.changeUser(c, audit.UserDeleted, "", "The user was deleted.", func(tenant, id string, _ time.Time) error {
		return h.records.DeleteUser(c.UserContext(), tenant, id)
	})
}

// ReplaceUserAttributes answers PUT /v3/users/{user_id}/attributes.
func (h *zephrChangeHandlers) ReplaceUserAttributes(c *fiber.Ctx) error {
	return h.setAttributes(c, true)
}

// MergeUserAttributes answers PATCH /v3/users/{user_id}/attributes.
func (h *zephrChangeHandlers) MergeUserAttributes(c *fiber.Ctx) error {
	return h.setAttributes(c, false)
}

func (h *zephrChangeHandlers) setAttributes(c *fiber.Ctx, replace bool) error {
	body, err := decode.Parse(c.BodyRaw(), "")
	if err != nil {
		return err
	}
	values, err := h.decodeAttributes(c, body)
	if err != nil {
		return err
	}
	return h.changeUser(c, audit.UserChanged, "attributes", "The attributes were changed.", func(tenant, id string, at time.Time) error {
		return h.records.SetAttributes(c.UserContext(), tenant, id, values, replace, at)
	})
}

// SetUserForeignKey answers PUT /v3/users/{user_id}/foreign-key/update/{system}. The body is the
// key as plain text.
func (h *zephrChangeHandlers) SetUserForeignKey(c *fiber.Ctx) error {
	system, err := pathValue(c, "system")
	if err != nil {
		return err
	}
	key := strings.TrimSuffix(strings.TrimSuffix(string(c.BodyRaw()), "\n"), "\r")
	if err := checkForeignKey("system", system, ""); err != nil {
		return err
	}
	if err := checkForeignKey("", system, key); err != nil {
		return err
	}
	return h.changeUser(c, audit.UserChanged, "foreign_keys."+system, "The foreign key was changed.", func(tenant, id string, at time.Time) error {
		return h.records.SetForeignKey(c.UserContext(), tenant, id, system, key, at)
	})
}

// PutUserProfile answers PUT /v3/users/{user_id}/profile/{app_id}.
func (h *zephrChangeHandlers) PutUserProfile(c *fiber.Ctx) error {
	app, err := pathAppID(c)
	if err != nil {
		return err
	}
	profile, err := decode.Compact(c.BodyRaw())
	if err != nil {
		return err
	}
	return h.changeUser(c, audit.UserChanged, "extended_profiles."+app, "The extended profile was changed.", func(tenant, id string, at time.Time) error {
		return h.records.SetProfile(c.UserContext(), tenant, id, app, profile, at)
	})
}

// changeUser applies a change to the user in the path, records it and responds.
func (h *zephrChangeHandlers) changeUser(c *fiber.Ctx, kind audit.Kind, what, message string, change func(tenant, id string, at time.Time) error) error {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	err = change(tenant, id, h.now().UTC().Truncate(time.Millisecond))
	if errs.CodeOf(err) == errs.CodeNotFound { // the id may belong to a user whose id is not a string
		err = cmp.Or(h.users.CheckIDs(c.UserContext(), tenant, export.UsersFile), err)
	}
	if err != nil {
		return err
	}
	h.recordAction(c, kind, id, what)
	return respond(c, fiber.StatusOK, gen.Message{Message: message})
}
