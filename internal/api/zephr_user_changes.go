package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// zephrChangeHandlers change users for programs.
type zephrChangeHandlers struct {
	*auditor

	users     Users
	records   Records
	directory Directory
	now       func() time.Time
}

// CreateUser answers POST /v3/users.
func (h *zephrChangeHandlers) CreateUser(c *fiber.Ctx) error {
	body, err := decodeBody(c, userMemberNames...)
	if err != nil {
		return err
	}
	m, err := h.decodeUserMembers(c, body)
	if err != nil {
		return err
	}
	u := m.newUser(h.now().UTC().Truncate(time.Millisecond))
	if !body.Get("user_id").IsNull() {
		if u.ID, err = requiredID(body.Get("user_id")); err != nil {
			return err
		}
	}
	if u.Identifiers == (users.Identifiers{}) {
		return errs.Invalid("identifiers", "must contain email_address or username")
	}
	if u.StoreID == "" {
		if u.StoreID, err = defaultStore(c, h.directory, callerOf(c).tenant); err != nil {
			return err
		}
	}
	schema, err := h.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	if err := h.records.CreateUser(c.UserContext(), callerOf(c).tenant.ID, u); err != nil {
		return err
	}
	h.recordAction(c, audit.UserCreated, u.ID, "")
	return respond(c, fiber.StatusCreated, gen.CreatedUser{
		UserID: u.ID, Message: "The user was created." + m.note(),
		Data: gen.CreatedUserData{
			UserID: u.ID, Identifiers: u.Identifiers, Attributes: zephrAttributes(u.Attributes, schema), EmailVerified: u.EmailVerified,
		},
	})
}

// PatchUser answers PATCH /v3/users/{user_id}.
func (h *zephrChangeHandlers) PatchUser(c *fiber.Ctx) error {
	body, err := decodeBody(c, userMemberNames...)
	if err != nil {
		return err
	}
	if body.Len() == 0 {
		return errs.Invalid("", "The body must contain at least one member of the user.")
	}
	if err := checkSameID(c, body.Get("user_id")); err != nil {
		return err
	}
	m, err := h.decodeUserMembers(c, body)
	if err != nil {
		return err
	}
	what := strings.Join(slices.Sorted(maps.Keys(m.groups())), ", ")
	return h.changeUser(c, audit.UserChanged, what, "The user was changed."+m.note(), func(tenant, id string, at time.Time) error {
		return h.changeMembers(c, "identifiers", tenant, id, m.values, at)
	})
}

// checkSameID returns an error if a user id in a body is not that of the path.
func checkSameID(c *fiber.Ctx, v decode.Value) error {
	if v.IsNull() {
		return nil
	}
	inBody, err := requiredID(v)
	if err != nil {
		return err
	}
	inPath, err := pathValue(c, "user_id")
	if err == nil && inBody != inPath {
		err = errs.Invalid(v.Path(), "differs from the id in the path, and cannot be changed")
	}
	return err
}

// changeMembers changes members of a user, who keeps at least one identifier. field names the
// identifiers in errors.
func (h *zephrChangeHandlers) changeMembers(c *fiber.Ctx, field, tenant, id string, values map[string]any, at time.Time) error {
	email, changesEmail := values[filter.EmailAddress]
	username, changesName := values[filter.Username]
	if changesEmail && email == nil || changesName && username == nil {
		u, err := h.users.GetUser(c.UserContext(), tenant, id)
		if err != nil {
			return err
		}
		hasEmail, hasName := u.Identifiers.EmailAddress != "", u.Identifiers.Username != ""
		if changesEmail {
			hasEmail = email != nil
		}
		if changesName {
			hasName = username != nil
		}
		if !hasEmail && !hasName {
			return errs.Invalid(field, "must not be empty: the user has no other identifier")
		}
	}
	return h.records.ChangeUser(c.UserContext(), tenant, id, values, at)
}

// UpdateUserEmail answers POST /v3/users/{user_id}/update-email.
func (h *zephrChangeHandlers) UpdateUserEmail(c *fiber.Ctx) error {
	body, err := decodeBody(c, "new_identifiers", "siteSlug")
	if err != nil {
		return err
	}
	identifiers, err := body.Get("new_identifiers").Object("email_address")
	if err != nil {
		return err
	}
	v := identifiers.Get("email_address")
	if v.Missing() {
		return errs.Invalid(v.Path(), "is missing")
	}
	email, err := decodeEmail(v)
	if err != nil {
		return err
	}
	err = h.applyChange(c, audit.UserChanged, "identifiers", func(tenant, id string, at time.Time) error {
		return h.changeMembers(c, v.Path(), tenant, id, map[string]any{filter.EmailAddress: email}, at)
	})
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusCreated, gen.Message{Message: "The email address was changed."})
}

// isEmptyArray reports whether a value is [], which PHP writes for an object without members.
func isEmptyArray(v decode.Value) bool {
	elements, err := v.Array()
	if err != nil {
		return false
	}
	for range elements {
		return false
	}
	return true
}

// decodeAttributes decodes attribute values by their types and constraints in the schema. nil means
// that the attribute is removed. Except in a PATCH, the values are all attributes of the user, so
// that none that the schema requires may be missing. Of others, names that are no attributes, values
// has the raw values.
func (h *zephrChangeHandlers) decodeAttributes(c *fiber.Ctx, attributes decode.Value, others ...string) (values map[string]any, err error) {
	schema, err := h.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return nil, err
	}
	slugs := make([]string, 0, len(schema))
	for _, f := range schema {
		slugs = append(slugs, f.Slug)
	}
	if attributes.IsNull() && attributes.Path() != "" || isEmptyArray(attributes) { // a user without attributes
		attributes, _ = decode.Parse([]byte("{}"), attributes.Path())
	}
	object, err := attributes.Object(append(slugs, others...)...)
	if err != nil {
		return nil, err
	}
	values = map[string]any{}
	for slug, value := range object.All() {
		field, found := schema.Field(slug)
		if !found {
			values[slug] = value
			continue
		}
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

// MergeUserProfile answers PATCH /v3/users/{user_id}/profile/{app_id}.
func (h *zephrChangeHandlers) MergeUserProfile(c *fiber.Ctx) error {
	app, err := pathAppID(c)
	if err != nil {
		return err
	}
	patch, err := decode.Parse(c.BodyRaw(), "")
	if err != nil {
		return err
	}
	return h.changeUser(c, audit.UserChanged, "extended_profiles."+app, "The extended profile was changed.", func(tenant, id string, at time.Time) error {
		return h.records.ChangeProfile(c.UserContext(), tenant, id, app, func(profile json.RawMessage) (json.RawMessage, error) {
			return decode.MergePatch(profile, patch), nil
		}, at)
	})
}

// changeUser applies a change to the user in the path, records it and responds.
func (h *zephrChangeHandlers) changeUser(c *fiber.Ctx, kind audit.Kind, what, message string, change func(tenant, id string, at time.Time) error) error {
	if err := h.applyChange(c, kind, what, change); err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, gen.Message{Message: message})
}

// applyChange applies a change to the user in the path and records it.
func (h *zephrChangeHandlers) applyChange(c *fiber.Ctx, kind audit.Kind, what string, change func(tenant, id string, at time.Time) error) error {
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
	return nil
}
