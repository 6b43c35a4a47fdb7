package api

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// The sizes of a page that is cut by position. More than the most is capped.
const (
	positionPage    = 25
	maxPositionPage = 500
)

const foreignKeyPrefix = "foreign_key."

// FindUsers answers GET /v3/users.
func (s *server) FindUsers(c *fiber.Ctx) error {
	l, err := lookup(c)
	if err != nil {
		return err
	}
	if err := s.looks(c, audit.UsersListed, "", ""); err != nil {
		return err
	}
	found, total, err := s.records.FindUsers(c.UserContext(), callerOf(c).tenant.ID, l)
	if err != nil {
		return inLookup(err)
	}
	v := gen.FoundUsers{Results: make([]gen.User, len(found)), Total: total}
	for i := range found {
		v.Results[i] = viewUser(&found[i])
	}
	return s.answer(c, fiber.StatusOK, v)
}

// lookup reads what selects users.
func lookup(c *fiber.Ctx) (l users.Lookup, err error) {
	q, err := parameters(c, func(name string) bool {
		switch name {
		case "identifiers.email_address", "identifiers.username", "search", "search_by_attributes", "rpp", "page":
			return true
		}
		return strings.HasPrefix(name, foreignKeyPrefix)
	})
	if err != nil {
		return l, err
	}
	l.StoreID = export.All
	l.Email, l.Username, l.ForeignKeys = q["identifiers.email_address"], q["identifiers.username"], map[string]string{}
	for name, value := range q {
		system, ok := strings.CutPrefix(name, foreignKeyPrefix)
		if !ok {
			continue
		}
		if !users.ValidSystem(system) {
			return l, export.Invalid(name, "names no foreign system: letters, digits, _ and -")
		}
		l.ForeignKeys[system] = value
	}
	if l.Search, err = export.CheckSearch(q["search"], "search"); err != nil {
		return l, err
	}
	if l.Filter, err = export.ParseByAttributes(q["search_by_attributes"]); err != nil {
		return l, err
	}
	l.Skip, l.Limit, err = q.position()
	return l, err
}

// inLookup names what is wrong with a filter by the parameter that it came in.
func inLookup(err error) error {
	e, ok := err.(*export.Error) //nolint:errorlint // it is renamed as it is
	if !ok || !strings.HasPrefix(e.Field, "filter") {
		return err
	}
	renamed := *e
	renamed.Field = strings.Replace("search_by_attributes"+strings.TrimPrefix(e.Field, "filter"), ".rules[", "[", 1)
	return &renamed
}

// position reads rpp and page as how many to pass over and how many to return.
func (q parameterValues) position() (skip, limit int64, err error) {
	page, rpp, _, err := q.page(positionPage, maxPositionPage)
	return (page - 1) * rpp, rpp, err
}

// page reads page and rpp, which is standard where it is left out. A page that is larger than most is capped, as older clients
// expect; asked is what rpp was before that.
func (q parameterValues) page(standard, most int64) (page, rpp, asked int64, err error) {
	page, asked = 1, standard
	for name, into := range map[string]*int64{"page": &page, "rpp": &asked} {
		if !q.has(name) {
			continue
		}
		n, err := strconv.ParseInt(q[name], 10, 32)
		if err != nil || n < 1 {
			return 0, 0, 0, export.Invalid(name, "must be a whole number from 1")
		}
		*into = n
	}
	return page, min(asked, most), asked, nil
}

// FindUser answers GET /v3/users/{user_id}.
func (s *server) FindUser(c *fiber.Ctx) error {
	u, err := s.userOfPath(c)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, viewUser(&u))
}

// userOfPath is the user of the path, once it is noted who looks.
func (s *server) userOfPath(c *fiber.Ctx) (u users.User, err error) {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return u, err
	}
	if u, err = s.users.GetUser(c.UserContext(), callerOf(c).tenant.ID, id); err != nil {
		return u, err
	}
	return u, s.looks(c, audit.UserViewed, u.ID, "")
}

// FindUserAccounts answers GET /v3/users/{user_id}/accounts.
func (s *server) FindUserAccounts(c *fiber.Ctx) error {
	u, err := s.userOfPath(c)
	if err != nil {
		return err
	}
	ids := accountIDs(&u)
	names, err := s.directory.AccountNames(c.UserContext(), callerOf(c).tenant.ID, ids)
	if err != nil {
		return err
	}
	v := gen.FoundAccounts{Results: []gen.FoundAccount{}, Total: int64(len(ids))}
	for _, id := range ids {
		v.Results = append(v.Results, gen.FoundAccount{AccountID: id, Name: orNull(names[id])})
	}
	return s.answer(c, fiber.StatusOK, v)
}

// FindAccounts answers GET /v3/accounts.
func (s *server) FindAccounts(c *fiber.Ctx) error {
	q, err := parameters(c, func(name string) bool { return name == "rpp" || name == "page" })
	if err != nil {
		return err
	}
	skip, limit, err := q.position()
	if err != nil {
		return err
	}
	found, total, err := s.records.FindAccounts(c.UserContext(), callerOf(c).tenant.ID, skip, limit)
	if err != nil {
		return err
	}
	v := gen.FoundAccounts{Results: make([]gen.FoundAccount, len(found)), Total: total}
	for i, a := range found {
		v.Results[i] = gen.FoundAccount{AccountID: a.ID, Name: orNull(a.Name)}
	}
	return s.answer(c, fiber.StatusOK, v)
}

// FindProfile answers GET /v3/users/{user_id}/profile/{app_id}: the profile as it is stored.
func (s *server) FindProfile(c *fiber.Ctx) error {
	app, err := appOfPath(c)
	if err != nil {
		return err
	}
	u, err := s.userOfPath(c)
	if err != nil {
		return err
	}
	profile, there := u.ExtendedProfiles[app]
	if !there {
		return export.Errorf(export.CodeNotFound, "This user has no extended profile of this app.")
	}
	s.apiHeaders(c)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(profile) // and not through an encoder, which would write < in another way
}

func appOfPath(c *fiber.Ctx) (string, error) {
	app, err := pathValue(c, "app_id")
	if err == nil && !users.ValidAppID(app) {
		err = export.Invalid("app_id", "may hold letters, digits, dots, _ and -, at most %d of them", users.MaxNameBytes)
	}
	return app, err
}
