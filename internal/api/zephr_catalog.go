package api

import (
	"encoding/json"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// zephrCatalogHandlers show products, accounts and the tenant to programs.
type zephrCatalogHandlers struct {
	records   Records
	directory Directory
}

// FindAccounts answers GET /v3/accounts.
func (h *zephrCatalogHandlers) FindAccounts(c *fiber.Ctx) error {
	q, err := parseQuery(c, func(name string) bool { return name == "rpp" || name == "page" || name == "search" })
	if err != nil {
		return err
	}
	search, err := export.CheckSearch(q["search"], "search")
	if err != nil {
		return err
	}
	skip, limit, err := q.offset()
	if err != nil {
		return err
	}
	v, err := h.accounts(c, search, skip, limit)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, v)
}

// ListAccounts answers GET /v4/accounts.
func (h *zephrCatalogHandlers) ListAccounts(c *fiber.Ctx) error {
	p, err := parseAccountPage(c)
	if err != nil {
		return err
	}
	v, err := h.accounts(c, "", p.skip(), p.size)
	if err != nil {
		return err
	}
	if v.Total > p.skip()+int64(len(v.Results)) {
		p.linkNext(c, "v4", "accounts")
	}
	return respond(c, fiber.StatusOK, v)
}

func (h *zephrCatalogHandlers) accounts(c *fiber.Ctx, search string, skip, limit int64) (v gen.FoundAccounts, err error) {
	tenant := callerOf(c).tenant.ID
	found, total, err := h.records.FindAccounts(c.UserContext(), tenant, search, skip, limit)
	if err != nil {
		return v, err
	}
	v = gen.FoundAccounts{Results: make([]any, len(found)), Total: total}
	for i, a := range found {
		if v.Results[i], err = viewAccount(a, tenant); err != nil {
			return v, err
		}
	}
	return v, nil
}

// FindAccount answers GET /v3/accounts/{account_id}.
func (h *zephrCatalogHandlers) FindAccount(c *fiber.Ctx) error {
	id, err := pathValue(c, "account_id")
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	a, err := h.records.Account(c.UserContext(), tenant, id)
	if err != nil {
		return err
	}
	v, err := viewAccount(a, tenant)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, v)
}

// GetZephrAccount answers GET /v4/accounts/{account_id}.
func (h *zephrCatalogHandlers) GetZephrAccount(c *fiber.Ctx) error { return h.FindAccount(c) }

// FindProducts answers GET /v3/products.
func (h *zephrCatalogHandlers) FindProducts(c *fiber.Ctx) error {
	tenant := callerOf(c).tenant.ID
	products, err := h.directory.Products(c.UserContext(), tenant)
	if err != nil {
		return err
	}
	v := gen.FoundProducts{Results: make([]any, len(products))}
	for i, p := range products {
		if v.Results[i], err = viewProduct(p, tenant); err != nil {
			return err
		}
	}
	return respond(c, fiber.StatusOK, v)
}

// FindProduct answers GET /v3/products/{product_id}.
func (h *zephrCatalogHandlers) FindProduct(c *fiber.Ctx) error {
	id, err := pathValue(c, "product_id")
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	products, err := h.directory.Products(c.UserContext(), tenant)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(products, func(p users.Product) bool { return p.ID == id })
	if at < 0 {
		return errs.Errorf(errs.CodeNotFound, "There is no product with this ID.")
	}
	v, err := viewProduct(products[at], tenant)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, v)
}

// FindConfiguration answers GET /v3/configuration.
func (h *zephrCatalogHandlers) FindConfiguration(c *fiber.Ctx) error {
	if err := checkQueryNames(c); err != nil {
		return err
	}
	tenant := callerOf(c).tenant
	return respond(c, fiber.StatusOK, gen.ZephrConfiguration{TenantID: tenant.ID, TenantName: tenant.Name})
}

// viewAccount returns all members of an account. tenant_id is this tenant unless the account has
// another one.
func viewAccount(a users.Account, tenant string) (map[string]json.RawMessage, error) {
	return viewMembers(a.Members,
		map[string]any{"tenant_id": tenant, "email_address": nil, "number_of_seats": nil},
		map[string]any{"account_id": a.ID, "name": a.Name})
}

// viewProduct returns all members of a product like viewAccount.
func viewProduct(p users.Product, tenant string) (map[string]json.RawMessage, error) {
	return viewMembers(p.Members, map[string]any{"tenantId": tenant}, map[string]any{"id": p.ID, "label": p.Label})
}

// viewMembers returns members as they were given, with defaults for those that are missing, and with
// others set.
func viewMembers(m users.Members, defaults, set map[string]any) (map[string]json.RawMessage, error) {
	members, err := m.Map()
	if err != nil {
		return nil, err
	}
	for name, value := range defaults {
		if _, given := members[name]; given {
			continue
		}
		if members[name], err = json.Marshal(value); err != nil {
			return nil, err
		}
	}
	for name, value := range set {
		if members[name], err = json.Marshal(value); err != nil {
			return nil, err
		}
	}
	return members, nil
}
