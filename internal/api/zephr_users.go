package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/users"
)

// Users per page for pages by offset. Larger values are reduced to the maximum.
const (
	defaultOffsetPage = 25
	maxOffsetPage     = 500
)

// Names of parameters of a lookup.
const (
	foreignKeyPrefix  = "foreign_key."
	byAttributesParam = "search_by_attributes"
)

// zephrUserHandlers find users for programs.
type zephrUserHandlers struct {
	*auditor

	users     Users
	records   Records
	directory Directory
	exports   DefinitionCompiler
}

// FindUsers answers GET /v3/users.
func (h *zephrUserHandlers) FindUsers(c *fiber.Ctx) error {
	l, empty, err := parseLookup(c)
	if err != nil {
		return err
	}
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	schema, err := h.directory.Schema(ctx, tenant)
	if err != nil {
		return err
	}
	var found []users.User
	var total int64
	words := empty + " is empty"
	if empty == "" {
		if found, total, err = h.records.FindUsers(ctx, tenant, l); err != nil {
			return lookupError(err)
		}
		if words, err = lookupWords(ctx, h.exports, tenant, l); err != nil {
			return lookupError(err)
		}
	}
	words += fmt.Sprintf(": %s of %s shown", export.FormatThousands(int64(len(found))), export.Pluralize(total, "user", "users"))
	if err := h.recordUserAccess(c, audit.UsersListed, "", words, l); err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, newUserSearch(l, found, total, schema))
}

// userSearch is the response of a lookup. User is the only user that an identifier found; it is also
// in the results.
type userSearch struct {
	gen.FoundUsers
	*gen.ZephrUser
}

func newUserSearch(l users.Lookup, found []users.User, total int64, schema users.Schema) userSearch {
	v := userSearch{FoundUsers: gen.FoundUsers{Results: make([]gen.ZephrUser, len(found)), Total: total}}
	for i := range found {
		v.Results[i] = zephrUser(&found[i], schema)
	}
	if l.Identifies() && total == 1 && len(found) == 1 {
		v.ZephrUser = &v.Results[0]
	}
	return v
}

// parseLookup parses the conditions of a lookup. empty is the name of a condition without a value, or
// "". Such a condition finds nobody: a script whose value is missing must not get everybody.
func parseLookup(c *fiber.Ctx) (l users.Lookup, empty string, err error) {
	q, err := parseQuery(c, func(name string) bool {
		switch name {
		case "identifiers.email_address", "identifiers.username", "search", byAttributesParam, "rpp", "page":
			return true
		}
		return strings.HasPrefix(name, foreignKeyPrefix)
	})
	if err != nil {
		return l, "", err
	}
	l.StoreID = export.All
	l.Email, l.Username, l.ForeignKeys = q["identifiers.email_address"], q["identifiers.username"], map[string]string{}
	for name, value := range q {
		system, ok := strings.CutPrefix(name, foreignKeyPrefix)
		if !ok {
			continue
		}
		if !users.ValidSystem(system) {
			return l, "", errs.Invalid(name, "must name a foreign system with letters, digits, _ and - only")
		}
		l.ForeignKeys[system] = value
	}
	if l.Search, err = export.CheckSearch(q["search"], "search"); err != nil {
		return l, "", err
	}
	if l.Filter, err = decode.ByAttributes(q[byAttributesParam]); err != nil {
		return l, "", err
	}
	l.Skip, l.Limit, err = q.offset()
	return l, emptyCondition(q, l), err
}

// emptyCondition returns the name of a condition without a value, or "". A list of attributes without
// an element is one.
func emptyCondition(q queryValues, l users.Lookup) string {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		switch {
		case name == "rpp" || name == "page":
		case strings.TrimSpace(q[name]) == "", name == byAttributesParam && l.Filter == nil:
			return name
		}
	}
	return ""
}

// lookupError replaces the field of a filter error by the name of the query parameter.
func lookupError(err error) error {
	e, ok := err.(*errs.Error) //nolint:errorlint // it is copied, not wrapped
	if !ok || !strings.HasPrefix(e.Field, "filter") {
		return err
	}
	renamed := *e
	renamed.Field = strings.Replace(byAttributesParam+strings.TrimPrefix(e.Field, "filter"), ".rules[", "[", 1)
	return &renamed
}

// FindUser answers GET /v3/users/{user_id}.
func (h *zephrUserHandlers) FindUser(c *fiber.Ctx) error {
	u, err := h.pathUser(c)
	if err != nil {
		return err
	}
	schema, err := h.directory.Schema(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, zephrUser(&u, schema))
}

// pathUser returns the user in the path and records the access.
func (h *zephrUserHandlers) pathUser(c *fiber.Ctx) (u users.User, err error) {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return u, err
	}
	if u, err = h.users.GetUser(c.UserContext(), callerOf(c).tenant.ID, id); err != nil {
		return u, err
	}
	return u, h.recordAccess(c, audit.UserViewed, u.ID, "")
}

// FindUserAccounts answers GET /v3/users/{user_id}/accounts.
func (h *zephrUserHandlers) FindUserAccounts(c *fiber.Ctx) error {
	u, err := h.pathUser(c)
	if err != nil {
		return err
	}
	ids := accountIDs(&u)
	names, err := h.directory.AccountNames(c.UserContext(), callerOf(c).tenant.ID, ids)
	if err != nil {
		return err
	}
	v := gen.UserAccounts{Results: []gen.UserAccount{}, Total: int64(len(ids))}
	for _, id := range ids {
		v.Results = append(v.Results, gen.UserAccount{UserID: u.ID, AccountID: id, Name: orNull(names[id])})
	}
	return respond(c, fiber.StatusOK, v)
}

// FindAccounts answers GET /v3/accounts.
func (h *zephrUserHandlers) FindAccounts(c *fiber.Ctx) error {
	q, err := parseQuery(c, func(name string) bool { return name == "rpp" || name == "page" })
	if err != nil {
		return err
	}
	skip, limit, err := q.offset()
	if err != nil {
		return err
	}
	found, total, err := h.records.FindAccounts(c.UserContext(), callerOf(c).tenant.ID, skip, limit)
	if err != nil {
		return err
	}
	v := gen.FoundAccounts{Results: make([]gen.FoundAccount, len(found)), Total: total}
	for i, a := range found {
		v.Results[i] = gen.FoundAccount{AccountID: a.ID, Name: orNull(a.Name)}
	}
	return respond(c, fiber.StatusOK, v)
}

// FindProfile answers GET /v3/users/{user_id}/profile/{app_id} with the profile as stored.
func (h *zephrUserHandlers) FindProfile(c *fiber.Ctx) error {
	app, err := pathAppID(c)
	if err != nil {
		return err
	}
	u, err := h.pathUser(c)
	if err != nil {
		return err
	}
	profile, there := u.ExtendedProfiles[app]
	if !there {
		return errs.Errorf(errs.CodeNotFound, "This user has no extended profile of this app.")
	}
	setNoStore(c)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(profile) // not through an encoder, which would escape <
}

func pathAppID(c *fiber.Ctx) (string, error) {
	app, err := pathValue(c, "app_id")
	if err == nil && !users.ValidAppID(app) {
		err = errs.Invalid("app_id", "must consist of letters, digits, dots, _ and -, at most %d in total", users.MaxNameBytes)
	}
	return app, err
}
