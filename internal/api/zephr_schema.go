package api

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

var errUnknownField = errs.Errorf(errs.CodeNotFound, "The user schema has no such field.")

// zephrSchemaHandlers show and change the schema of users.
type zephrSchemaHandlers struct {
	*auditor

	records   Records
	directory Directory
}

// ListSchemaFields answers GET /v3/schema/users. It includes fields of type password, although
// their values are not stored.
func (h *zephrSchemaHandlers) ListSchemaFields(c *fiber.Ctx) error {
	schema, err := h.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, append([]gen.Field{}, schema...))
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
	return respond(c, fiber.StatusOK, field)
}

// PutSchemaField answers PUT /v3/schema/users/{slug}. A new field is appended; a replaced field
// keeps its position.
func (h *zephrSchemaHandlers) PutSchemaField(c *fiber.Ctx) error {
	slug, err := pathValue(c, "slug")
	if err != nil {
		return err
	}
	body, err := decodeBody(c, "slug", "label", "input-type", "select-options")
	if err != nil {
		return err
	}
	var f users.Field
	if err := json.Unmarshal(c.BodyRaw(), &f); err != nil {
		return errs.Invalid("", "is not a schema field: slug, label and input-type must be strings, select-options an array of objects with value and label")
	}
	if !body.Get("slug").IsNull() && f.Slug != slug {
		return errs.Invalid("slug", "must equal the slug in the path")
	}
	f.Slug = slug
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	schema, err := h.directory.Schema(ctx, tenant)
	if err != nil {
		return err
	}
	f.Order = fieldOrder(schema, slug)
	if err := f.Validate(); err != nil {
		return err
	}
	if _, replaced := schema.Field(slug); !replaced && len(schema) >= users.MaxFields {
		return errs.Invalid("slug", "cannot be added: a schema has at most %d fields", users.MaxFields)
	}
	if err := h.records.PutSchema(ctx, tenant, users.Schema{f}); err != nil {
		return err
	}
	h.recordAction(c, audit.SchemaChanged, slug, string(f.Type)+" field "+slug)
	return respond(c, fiber.StatusOK, f)
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
