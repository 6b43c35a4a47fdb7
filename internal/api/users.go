package api

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// The sizes of a page of users, and of what selects them, in bytes.
const (
	usersPage    = 25
	maxUsersPage = 200
	maxStoreID   = 256
	maxCursor    = 4096
)

// ListUsers answers GET /v4/users.
func (s *server) ListUsers(c *fiber.Ctx) error {
	if err := queryNames(c, "store", "filter", "search", "cursor", "limit"); err != nil {
		return err
	}
	limit, err := queryLimit(c, usersPage, maxUsersPage)
	if err != nil {
		return err
	}
	cursor := c.Query("cursor")
	if len(cursor) > maxCursor {
		return export.Invalid("cursor", "is not one that a page of users has returned")
	}
	q, err := userQuery(c.Query("store"), []byte(c.Query("filter")), c.Query("search"))
	if err != nil {
		return err
	}
	if err := s.knownStore(c, q.StoreID); err != nil {
		return err
	}
	if err := s.looks(c, audit.UsersListed, "", ""); err != nil {
		return err
	}
	page, err := s.users.ListUsers(c.UserContext(), callerOf(c).tenant.ID, q, cursor, limit)
	if err != nil {
		return err
	}
	results := make([]gen.User, len(page.Users))
	for i := range page.Users {
		results[i] = viewUser(&page.Users[i])
	}
	return s.answer(c, fiber.StatusOK, gen.UserPage{Results: results, Next: orNull(page.Next), Previous: orNull(page.Previous)})
}

// CountUsers answers POST /v4/user-counts.
func (s *server) CountUsers(c *fiber.Ctx) error {
	body, err := decode(c, "store", "filter", "search")
	if err != nil {
		return err
	}
	store, err := body.text("store", maxStoreID)
	if err != nil {
		return err
	}
	search, err := body.text("search", bodyLimit)
	if err != nil {
		return err
	}
	q, err := userQuery(store, body.raw("filter"), search)
	if err != nil {
		return err
	}
	if err := s.knownStore(c, q.StoreID); err != nil {
		return err
	}
	n, err := s.users.CountUsers(c.UserContext(), callerOf(c).tenant.ID, q)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, gen.UserCount{Users: n})
}

// userQuery reads what selects users; a filter is empty where there is none.
func userQuery(store string, filter []byte, search string) (users.Query, error) {
	q := users.Query{StoreID: cmp.Or(store, export.All)}
	if len(q.StoreID) > maxStoreID {
		return q, export.Invalid("store", "must have at most %d bytes", maxStoreID)
	}
	var err error
	if q.Search, err = export.CheckSearch(search, "search"); err != nil || len(filter) == 0 {
		return q, err
	}
	rule, err := export.DecodeRule(filter, "filter")
	q.Filter = rule
	return q, err
}

// knownStore refuses a user store that the tenant does not have: nobody is in it, and that would look like an answer.
func (s *server) knownStore(c *fiber.Ctx, id string) error {
	if id == export.All {
		return nil
	}
	stores, err := s.directory.Stores(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(stores, func(store users.Store) bool { return store.ID == id }) {
		return export.Invalid("store", "There is no user store with this id.")
	}
	return nil
}

// GetUser answers GET /v4/users/{userId}.
func (s *server) GetUser(c *fiber.Ctx) error {
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	id, err := pathValue(c, "userId")
	if err != nil {
		return err
	}
	u, err := s.users.GetUser(ctx, tenant, id)
	if err != nil {
		return err
	}
	if err := s.looks(c, audit.UserViewed, u.ID, ""); err != nil {
		return err
	}
	names, err := s.directory.AccountNames(ctx, tenant, accountIDs(&u))
	if err != nil {
		return err
	}
	v := gen.UserDetail{User: viewUser(&u), Accounts: []gen.Account{}}
	for _, id := range slices.Sorted(maps.Keys(names)) {
		v.Accounts = append(v.Accounts, gen.Account{ID: id, Name: names[id]})
	}
	return s.answer(c, fiber.StatusOK, v)
}

// accountIDs returns the accounts that a user and the user's subscriptions name, each once.
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
func (s *server) GetFigures(c *fiber.Ctx) error {
	if err := queryNames(c, "store"); err != nil {
		return err
	}
	store := cmp.Or(c.Query("store"), export.All)
	if err := s.knownStore(c, store); err != nil {
		return err
	}
	f, err := s.users.Figures(c.UserContext(), callerOf(c).tenant.ID, store, time.Now())
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, gen.Figures{Users: f.Total, RegisteredLast7Days: f.LastSevenDays})
}

// GetUserSchema answers GET /v4/user-schema.
func (s *server) GetUserSchema(c *fiber.Ctx) error {
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	schema, err := s.directory.Schema(ctx, tenant)
	if err != nil {
		return err
	}
	registry, err := s.directory.Registry(ctx, tenant)
	if err != nil {
		return err
	}
	products, err := s.directory.Products(ctx, tenant)
	if err != nil {
		return err
	}
	v := gen.UserSchema{
		Fields:         []gen.Field{},
		ForeignSystems: append([]string{}, registry.ForeignSystems...),
		AppIds:         append([]string{}, registry.AppIDs...),
		Products:       append([]gen.Product{}, products...),
	}
	for _, f := range schema {
		if f.Type != users.Password {
			v.Fields = append(v.Fields, f)
		}
	}
	return s.answer(c, fiber.StatusOK, v)
}

// ListUserStores answers GET /v4/user-stores.
func (s *server) ListUserStores(c *fiber.Ctx) error {
	stores, err := s.directory.Stores(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, gen.UserStores{Results: append([]gen.UserStore{}, stores...)})
}
