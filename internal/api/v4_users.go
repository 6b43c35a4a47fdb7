package api

import (
	"cmp"
	"context"
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
	"github.com/egress-io/egress/internal/users"
)

// Users per page, and maximum lengths in bytes.
const (
	defaultUsersPage = 25
	maxUsersPage     = 200
	maxStoreID       = 256
	maxCursor        = 4096
)

// userHandlers show a tenant's users.
type userHandlers struct {
	*auditor

	users       Users
	directory   Directory
	exports     DefinitionCompiler
	preferences Preferences
	now         func() time.Time
}

// ListUsers answers GET /v4/users.
func (h *userHandlers) ListUsers(c *fiber.Ctx) error {
	if err := checkQueryNames(c, "store", "filter", "search", "sort", "cursor", "limit"); err != nil {
		return err
	}
	limit, err := queryLimit(c, defaultUsersPage, maxUsersPage)
	if err != nil {
		return err
	}
	cursor := c.Query("cursor")
	if len(cursor) > maxCursor {
		return errs.Invalid("cursor", "is not a cursor of a page of users")
	}
	q, err := userQuery(c.Query("store"), []byte(c.Query("filter")), c.Query("search"))
	if err != nil {
		return err
	}
	if q.Sort, err = querySort(c); err != nil {
		return err
	}
	if err := h.checkStore(c, q.StoreID); err != nil {
		return err
	}
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	page, err := h.users.ListUsers(ctx, tenant, q, cursor, limit)
	if err != nil {
		return err
	}
	words, err := queryWords(ctx, h.exports, tenant, q)
	if err != nil {
		return err
	}
	if order := q.Sort.Words(); order != "" {
		words += ", sorted " + order
	}
	words += ": " + export.Pluralize(int64(len(page.Users)), "user", "users") + " shown"
	if err := h.recordUserAccess(c, audit.UsersListed, "", words, q, cursor, limit); err != nil {
		return err
	}
	results := make([]gen.User, len(page.Users))
	for i := range page.Users {
		results[i] = viewUser(&page.Users[i])
	}
	return respond(c, fiber.StatusOK, gen.UserPage{Results: results, Next: orNull(page.Next), Previous: orNull(page.Previous)})
}

// querySort parses the order of a list.
func querySort(c *fiber.Ctx) (users.Sort, error) {
	sort, ok := users.ParseSort(c.Query("sort"))
	if !ok {
		names := make([]string, len(users.SortKeys))
		for i, key := range users.SortKeys {
			names[i] = key.String()
		}
		return sort, errs.Invalid("sort", "must be one of %s, or one of them after a -", strings.Join(names, ", "))
	}
	return sort, nil
}

// CountUsers answers POST /v4/user-counts.
func (h *userHandlers) CountUsers(c *fiber.Ctx) error {
	estimate, err := acceptsEstimate(c)
	if err != nil {
		return err
	}
	body, err := decodeBody(c, "store", "filter", "search")
	if err != nil {
		return err
	}
	store, err := body.Get("store").Text(maxStoreID)
	if err != nil {
		return err
	}
	search, err := body.Get("search").Text(bodyLimit)
	if err != nil {
		return err
	}
	q, err := userQuery(store, body.Get("filter").Raw(), search)
	if err != nil {
		return err
	}
	if err := h.checkStore(c, q.StoreID); err != nil {
		return err
	}
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	n, err := h.count(ctx, tenant, q, estimate)
	if err != nil {
		return err
	}
	words, err := queryWords(ctx, h.exports, tenant, q)
	if err != nil {
		return err
	}
	if err := h.recordUserAccess(c, audit.UsersCounted, "", words+": "+n.String(), q); err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewCount(n))
}

func (h *userHandlers) count(ctx context.Context, tenant string, q users.Query, estimate bool) (users.Count, error) {
	if estimate {
		return h.users.EstimateUsers(ctx, tenant, q)
	}
	n, err := h.users.CountUsers(ctx, tenant, q)
	return users.Count{Users: n, Accuracy: users.Exact}, err
}

// acceptsEstimate reports whether the client accepts an estimate where an exact count takes long.
func acceptsEstimate(c *fiber.Ctx) (bool, error) {
	if err := checkQueryNames(c, "estimate"); err != nil {
		return false, err
	}
	switch c.Query("estimate") {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, errs.Invalid("estimate", "must be true or false")
}

func viewCount(n users.Count) gen.UserCount {
	return gen.UserCount{Users: n.Users, Accuracy: gen.Accuracy(n.Accuracy)}
}

// userQuery parses the conditions on users. An empty filter means no filter.
func userQuery(store string, filter []byte, search string) (users.Query, error) {
	q := users.Query{StoreID: cmp.Or(store, export.All)}
	if len(q.StoreID) > maxStoreID {
		return q, errs.Invalid("store", "must have at most %d bytes", maxStoreID)
	}
	var err error
	if q.Search, err = export.CheckSearch(search, "search"); err != nil || len(filter) == 0 {
		return q, err
	}
	rule, err := decode.Rule(filter, "filter")
	q.Filter = rule
	return q, err
}

// checkStore refuses an unknown user store: an empty result would look like a valid response.
func (h *userHandlers) checkStore(c *fiber.Ctx, id string) error {
	if id == export.All {
		return nil
	}
	return checkStore(c, h.directory, "store", id)
}

// GetUser answers GET /v4/users/{userId}.
func (h *userHandlers) GetUser(c *fiber.Ctx) error {
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	id, err := pathValue(c, "userId")
	if err != nil {
		return err
	}
	u, err := h.users.GetUser(ctx, tenant, id)
	if err != nil {
		return err
	}
	if err := h.recordAccess(c, audit.UserViewed, u.ID, ""); err != nil {
		return err
	}
	names, err := h.directory.AccountNames(ctx, tenant, accountIDs(&u))
	if err != nil {
		return err
	}
	v := gen.UserDetail{User: viewUser(&u), Accounts: []gen.Account{}}
	for _, id := range slices.Sorted(maps.Keys(names)) {
		v.Accounts = append(v.Accounts, gen.Account{ID: id, Name: names[id]})
	}
	return respond(c, fiber.StatusOK, v)
}

// accountIDs returns the ids of the accounts of a user and of the user's subscriptions, sorted,
// without duplicates.
func accountIDs(u *users.User) []string {
	ids := slices.Clone(u.AccountIDs)
	for _, g := range u.Grants {
		if g.AccountID != "" {
			ids = append(ids, g.AccountID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// GetFigures answers GET /v4/figures.
func (h *userHandlers) GetFigures(c *fiber.Ctx) error {
	if err := checkQueryNames(c, "store", "timeZone"); err != nil {
		return err
	}
	store := cmp.Or(c.Query("store"), export.All)
	if err := h.checkStore(c, store); err != nil {
		return err
	}
	zone, err := queryZone(c)
	if err != nil {
		return err
	}
	ctx, tenant, now := c.UserContext(), callerOf(c).tenant.ID, h.now()
	f, err := h.users.Figures(ctx, tenant, store, now)
	if err != nil {
		return err
	}
	v := gen.Figures{Users: f.Total, RegisteredLast7Days: f.LastSevenDays}
	if c.Query("timeZone") != "" {
		days, err := h.users.RegisteredDays(ctx, tenant, store, now, zone)
		if err != nil {
			return err
		}
		list := make([]gen.RegisteredDay, len(days))
		for i, day := range days {
			list[i] = gen.RegisteredDay{Day: day.Day, Users: day.Users}
		}
		v.RegisteredDays = &list
	}
	return respond(c, fiber.StatusOK, v)
}

// GetUserSchema answers GET /v4/user-schema.
func (h *userHandlers) GetUserSchema(c *fiber.Ctx) error {
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	schema, err := h.directory.Schema(ctx, tenant)
	if err != nil {
		return err
	}
	registry, err := h.directory.Registry(ctx, tenant)
	if err != nil {
		return err
	}
	products, err := h.directory.Products(ctx, tenant)
	if err != nil {
		return err
	}
	chosen, err := h.preferences.Preferences(ctx, tenant, callerOf(c).admin.ID)
	if err != nil {
		return err
	}
	v := gen.UserSchema{
		UserColumns:    viewPreferences(chosen).UserColumns,
		Fields:         []gen.Field{},
		ForeignSystems: append([]string{}, registry.ForeignSystems...),
		AppIds:         append([]string{}, registry.AppIDs...),
		Products:       make([]gen.Product, len(products)),
	}
	for i, p := range products {
		v.Products[i] = gen.Product{ID: p.ID, Label: p.Label}
	}
	for _, f := range schema {
		if f.Type != users.Password {
			v.Fields = append(v.Fields, f)
		}
	}
	return respond(c, fiber.StatusOK, v)
}

// ListUserStores answers GET /v4/user-stores.
func (h *userHandlers) ListUserStores(c *fiber.Ctx) error {
	stores, err := h.directory.Stores(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, gen.UserStores{Results: append([]gen.UserStore{}, stores...)})
}
