package api

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/preferences"
)

// preferenceHandlers show and change what the console remembers for an admin in a tenant.
type preferenceHandlers struct{ preferences Preferences }

// GetPreferences answers GET /v4/preferences.
func (h *preferenceHandlers) GetPreferences(c *fiber.Ctx) error {
	who := callerOf(c)
	p, err := h.preferences.Preferences(c.UserContext(), who.tenant.ID, who.admin.ID)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewPreferences(p))
}

// ChangePreferences answers PATCH /v4/preferences.
func (h *preferenceHandlers) ChangePreferences(c *fiber.Ctx) error {
	change, err := decodePreferencesChange(c)
	if err != nil {
		return err
	}
	who := callerOf(c)
	p, err := h.preferences.ChangePreferences(c.UserContext(), who.tenant.ID, who.admin.ID, change)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewPreferences(p))
}

func decodePreferencesChange(c *fiber.Ctx) (change preferences.Change, err error) {
	body, err := decodeBody(c, "export", "userColumns")
	if err != nil {
		return change, err
	}
	if v := body.Get("export"); !v.Missing() {
		var def *export.Definition
		if !v.IsNull() {
			if def, err = decodeChoices(v.Raw()); err != nil {
				return change, err
			}
		}
		change.Export = &def
	}
	if v := body.Get("userColumns"); !v.Missing() {
		var columns []string
		if !v.IsNull() {
			if columns, err = decodeColumns(v); err != nil {
				return change, err
			}
		}
		change.UserColumns = &columns
	}
	if change == (preferences.Change{}) {
		return change, errs.Invalid("export", "is missing")
	}
	return change, nil
}

// decodeChoices decodes a definition without users.
func decodeChoices(raw []byte) (*export.Definition, error) {
	def, err := decode.Definition(raw)
	if e, ok := errors.AsType[*errs.Error](err); ok {
		named := *e
		named.Field = "export"
		if e.Field != "" {
			named.Field += "." + e.Field
		}
		return nil, &named
	}
	if err != nil {
		return nil, err
	}
	return &def, preferences.CheckExport(def)
}

func decodeColumns(v decode.Value) (columns []string, err error) {
	items, err := v.Array()
	if err != nil {
		return nil, err
	}
	for item := range items {
		name, err := item.RequiredText(preferences.MaxColumnName)
		if err != nil {
			return nil, err
		}
		columns = append(columns, name)
	}
	return columns, preferences.CheckColumns(columns)
}

func viewPreferences(p preferences.Preferences) gen.Preferences {
	v := gen.Preferences{Export: p.Export}
	if p.UserColumns != nil {
		v.UserColumns = &p.UserColumns
	}
	return v
}
