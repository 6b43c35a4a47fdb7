package api

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

var errNoField = export.Errorf(export.CodeNotFound, "The user schema has no such field.")

// ListSchemaFields answers GET /v3/schema/users. Fields of type password are in it: they are fields, and have no values here.
func (s *server) ListSchemaFields(c *fiber.Ctx) error {
	schema, err := s.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, append([]gen.Field{}, schema...))
}

// GetSchemaField answers GET /v3/schema/users/{slug}.
func (s *server) GetSchemaField(c *fiber.Ctx) error {
	slug, err := pathValue(c, "slug")
	if err != nil {
		return err
	}
	schema, err := s.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	field, ok := schema.Field(slug)
	if !ok {
		return errNoField
	}
	return s.answer(c, fiber.StatusOK, field)
}

// PutSchemaField answers PUT /v3/schema/users/{slug}. A new field comes last; one that is replaced stays where it is.
func (s *server) PutSchemaField(c *fiber.Ctx) error {
	slug, err := pathValue(c, "slug")
	if err != nil {
		return err
	}
	body, err := decode(c, "slug", "label", "input-type", "select-options")
	if err != nil {
		return err
	}
	var f users.Field
	if err := json.Unmarshal(c.BodyRaw(), &f); err != nil {
		return export.Invalid("", "is not a field: slug, label and input-type are texts, select-options a list of value and label")
	}
	if body.raw("slug") != nil && f.Slug != slug {
		return export.Invalid("slug", "is not that of the address")
	}
	f.Slug = slug
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	schema, err := s.directory.Schema(ctx, tenant)
	if err != nil {
		return err
	}
	f.Order = place(schema, slug)
	if err := f.Validate(); err != nil {
		return err
	}
	if _, replaced := schema.Field(slug); !replaced && len(schema) >= users.MaxFields {
		return export.Invalid("slug", "is one too many: a schema has at most %d fields", users.MaxFields)
	}
	if err := s.records.PutSchema(ctx, tenant, users.Schema{f}); err != nil {
		return err
	}
	s.did(c, audit.SchemaChanged, slug, string(f.Type)+" field "+slug)
	return s.answer(c, fiber.StatusOK, f)
}

// place is where a field stands: where it was, or behind all others.
func place(schema users.Schema, slug string) int {
	last := -1
	for _, f := range schema {
		if f.Slug == slug {
			return f.Order
		}
		last = max(last, f.Order)
	}
	return last + 1
}

// DeleteSchemaField answers DELETE /v3/schema/users/{slug}. The values that users have stay, and exports tell of them.
func (s *server) DeleteSchemaField(c *fiber.Ctx) error {
	slug, err := pathValue(c, "slug")
	if err != nil {
		return err
	}
	was, err := s.records.DeleteField(c.UserContext(), callerOf(c).tenant.ID, slug)
	if err != nil {
		return err
	}
	if !was {
		return errNoField
	}
	s.did(c, audit.SchemaChanged, slug, "without the field "+slug)
	return s.answer(c, fiber.StatusOK, gen.Message{Message: "The field was deleted. Values that users have in it stay, and exports tell of them."})
}
