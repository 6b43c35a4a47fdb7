package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/fieldjson"
)

var errUnknownField = errs.Errorf(errs.CodeNotFound, "The user schema has no such field.")

// zephrSchemaHandlers show and change the schema of users.
type zephrSchemaHandlers struct {
	*auditor

	records      Records
	directory    Directory
	publicOrigin string // "" if unknown
}

// ListSchemaFields answers GET /v3/schema/users. It includes fields of type password, although
// their values are not stored.
func (h *zephrSchemaHandlers) ListSchemaFields(c *fiber.Ctx) error {
	schema, err := h.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	return respondFields(c, fieldjson.AppendList(nil, schema))
}

// GetSchemaField answers GET /v3/schema/users/{slug}.
func (h *zephrSchemaHandlers) GetSchemaField(c *fiber.Ctx) error {
	slug, err := pathValue(c, "slug")
	if err != nil {
		return err
	}
	schema, err := h.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	field, ok := schema.Field(slug)
	if !ok {
		return errUnknownField
	}
	return respondFields(c, fieldjson.Append(nil, field))
}

// respondFields sends JSON of fields. An encoder would escape < and change it.
func respondFields(c *fiber.Ctx, body []byte) error {
	setNoStore(c)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(body)
}

// PutSchemaField answers PUT /v3/schema/users/{slug}. A new field is appended; a replaced field
// keeps its position.
func (h *zephrSchemaHandlers) PutSchemaField(c *fiber.Ctx) error {
	slug, err := pathValue(c, "slug")
	if err != nil {
		return err
	}
	f, notes, err := fieldjson.Decode(c.BodyRaw(), slug)
	if err != nil {
		return err
	}
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	schema, err := h.directory.Schema(ctx, tenant)
	if err != nil {
		return err
	}
	f.Order = fieldOrder(schema, slug)
	_, replaced := schema.Field(slug)
	if !replaced && len(schema) >= users.MaxFields {
		return errs.Invalid("slug", "cannot be added: a schema has at most %d fields", users.MaxFields)
	}
	if err := h.records.PutSchema(ctx, tenant, users.Schema{f}); err != nil {
		return err
	}
	h.recordAction(c, audit.SchemaChanged, slug, string(f.Type)+" field "+slug)
	status, message := fiber.StatusCreated, "The field was added to the user schema."
	if replaced {
		status, message = fiber.StatusOK, "The field of the user schema was replaced."
	}
	return respond(c, status, gen.SavedSchemaField{
		Message: strings.Join(append([]string{message}, notes...), " "),
		URI:     h.publicOrigin + "/v3/schema/users/" + slug, // a slug needs no escaping
	})
}

// fieldOrder returns the position of a field: the current one, or after all others.
func fieldOrder(schema users.Schema, slug string) int {
	last := -1
	for _, f := range schema {
		if f.Slug == slug {
			return f.Order
		}
		last = max(last, f.Order)
	}
	return last + 1
}

// DeleteSchemaField answers DELETE /v3/schema/users/{slug}. The values of users stay, and exports
// report them in a warning.
func (h *zephrSchemaHandlers) DeleteSchemaField(c *fiber.Ctx) error {
	slug, err := pathValue(c, "slug")
	if err != nil {
		return err
	}
	found, err := h.records.DeleteField(c.UserContext(), callerOf(c).tenant.ID, slug)
	if err != nil {
		return err
	}
	if !found {
		return errUnknownField
	}
	h.recordAction(c, audit.SchemaChanged, slug, "without the field "+slug)
	return respond(c, fiber.StatusOK, gen.Message{Message: "The field was deleted. The values of users stay, and exports report them in a warning."})
}
