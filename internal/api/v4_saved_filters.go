package api

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/savedfilters"
)

// maxFilterName is the maximum length of a name in bytes; savedfilters.CheckName counts characters.
const maxFilterName = 4 * savedfilters.MaxName

// savedFilterHandlers manage the saved filters of a tenant.
type savedFilterHandlers struct {
	*auditor

	filters  SavedFilters
	compiler DefinitionCompiler
	keys     Keys
	now      func() time.Time
}

// ListSavedFilters answers GET /v4/saved-filters.
func (h *savedFilterHandlers) ListSavedFilters(c *fiber.Ctx) error {
	list, err := h.filters.SavedFilters(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b savedfilters.Filter) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	views, err := h.views(c, list...)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, gen.SavedFilters{Results: views})
}

// CreateSavedFilter answers POST /v4/saved-filters.
func (h *savedFilterHandlers) CreateSavedFilter(c *fiber.Ctx) error {
	change, err := h.decodeChange(c)
	if err != nil {
		return err
	}
	switch {
	case change.Name == nil:
		return errs.Invalid("name", "is missing")
	case change.Rule == nil:
		return errs.Invalid("filter", "is missing")
	}
	who, now := callerOf(c), h.now().UTC().Truncate(time.Millisecond)
	f := savedfilters.Filter{
		ID: ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String(), Tenant: who.tenant.ID, Name: *change.Name, Rule: *change.Rule,
		CreatedBy: who.admin.ID, Created: now, Updated: now,
	}
	if err := h.filters.InsertSavedFilter(c.UserContext(), f); err != nil {
		return err
	}
	h.recordAction(c, audit.SavedFilterCreated, f.ID, f.Name)
	c.Location("/v4/saved-filters/" + f.ID)
	return h.respondOne(c, fiber.StatusCreated, f)
}

// GetSavedFilter answers GET /v4/saved-filters/{filterId}.
func (h *savedFilterHandlers) GetSavedFilter(c *fiber.Ctx) error {
	f, err := h.pathFilter(c)
	if err != nil {
		return err
	}
	return h.respondOne(c, fiber.StatusOK, f)
}

// ChangeSavedFilter answers PATCH /v4/saved-filters/{filterId}.
func (h *savedFilterHandlers) ChangeSavedFilter(c *fiber.Ctx) error {
	before, err := h.editableFilter(c)
	if err != nil {
		return err
	}
	change, err := h.decodeChange(c)
	if err != nil {
		return err
	}
	if change == (savedfilters.Change{}) {
		return errs.Invalid("name", "is missing")
	}
	f, err := h.filters.ChangeSavedFilter(c.UserContext(), before.Tenant, before.ID, change, h.now().UTC().Truncate(time.Millisecond))
	if err != nil {
		return err
	}
	words := f.Name
	if f.Name != before.Name {
		words = before.Name + " → " + f.Name
	}
	if change.Rule != nil {
		words += "; new conditions"
	}
	h.recordAction(c, audit.SavedFilterChanged, f.ID, words)
	return h.respondOne(c, fiber.StatusOK, f)
}

// DeleteSavedFilter answers DELETE /v4/saved-filters/{filterId}.
func (h *savedFilterHandlers) DeleteSavedFilter(c *fiber.Ctx) error {
	f, err := h.editableFilter(c)
	if err != nil {
		return err
	}
	if err := h.filters.DeleteSavedFilter(c.UserContext(), f.Tenant, f.ID); err != nil {
		return err
	}
	h.recordAction(c, audit.SavedFilterDeleted, f.ID, f.Name)
	return h.respondOne(c, fiber.StatusOK, f)
}

// decodeChange decodes a body with a name and a filter. A filter must fit the tenant's schema.
func (h *savedFilterHandlers) decodeChange(c *fiber.Ctx) (change savedfilters.Change, err error) {
	body, err := decodeBody(c, "name", "filter")
	if err != nil {
		return change, err
	}
	if v := body.Get("name"); !v.IsNull() {
		text, err := v.Text(maxFilterName)
		if err != nil {
			return change, err
		}
		name, err := savedfilters.CheckName(text)
		if err != nil {
			return change, err
		}
		change.Name = &name
	}
	if v := body.Get("filter"); !v.IsNull() {
		if change.Rule, err = decode.Rule(v.Raw(), "filter"); err != nil {
			return change, err
		}
		err = h.checkRule(c.UserContext(), callerOf(c).tenant.ID, change.Rule)
	}
	return change, err
}

func (h *savedFilterHandlers) checkRule(ctx context.Context, tenant string, rule *export.Rule) error {
	def := export.Definition{Include: export.Include{Attributes: true}, Users: export.Selection{UserStoreID: export.All, Filter: rule}}
	_, err := h.compiler.Compile(ctx, tenant, def)
	if e, ok := errors.AsType[*errs.Error](err); ok && strings.HasPrefix(e.Field, "users.filter") {
		named := *e
		named.Field = strings.TrimPrefix(e.Field, "users.")
		return &named
	}
	return err
}

func (h *savedFilterHandlers) pathFilter(c *fiber.Ctx) (savedfilters.Filter, error) {
	id, err := pathValue(c, "filterId")
	if err != nil {
		return savedfilters.Filter{}, err
	}
	return h.filters.SavedFilter(c.UserContext(), callerOf(c).tenant.ID, id)
}

// editableFilter returns the filter of the path. The caller must have created it, or be an owner.
func (h *savedFilterHandlers) editableFilter(c *fiber.Ctx) (savedfilters.Filter, error) {
	f, err := h.pathFilter(c)
	if err == nil && !mayEdit(callerOf(c), f) {
		err = errs.Errorf(errs.CodeForbidden, "Only owners and the admin who created a saved filter can change or delete it.")
	}
	return f, err
}

func mayEdit(who *caller, f savedfilters.Filter) bool {
	return who.role.Includes(auth.Owner) || who.role.Includes(auth.Exporter) && f.CreatedBy == who.admin.ID
}

func (h *savedFilterHandlers) respondOne(c *fiber.Ctx, status int, f savedfilters.Filter) error {
	views, err := h.views(c, f)
	if err != nil {
		return err
	}
	return respond(c, status, views[0])
}

func (h *savedFilterHandlers) views(c *fiber.Ctx, list ...savedfilters.Filter) ([]gen.SavedFilter, error) {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].CreatedBy
	}
	slices.Sort(ids)
	emails, err := h.keys.Emails(c.UserContext(), slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	views := make([]gen.SavedFilter, len(list))
	for i, f := range list {
		views[i] = gen.SavedFilter{
			ID: f.ID, Name: f.Name, Filter: f.Rule, CreatedBy: orNull(emails[f.CreatedBy]),
			CreatedAt: f.Created, UpdatedAt: f.Updated, Editable: mayEdit(callerOf(c), f),
		}
	}
	return views, nil
}
