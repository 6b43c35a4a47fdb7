package api

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// maxAccountItems is the maximum number of users or grants of an account, or of accounts, in a
// response to clients that do not ask for pages.
const maxAccountItems = 10_000

// zephrAccountHandlers show and change the users and grants of accounts for programs.
type zephrAccountHandlers struct {
	*auditor

	users   Users
	records Records
	now     func() time.Time
}

// accountPage is the part of a list that a request asks for.
type accountPage struct {
	number, size int64
}

func parseAccountPage(c *fiber.Ctx) (p accountPage, err error) {
	q, err := parseQuery(c, func(name string) bool { return name == "rpp" || name == "page" })
	if err != nil {
		return p, err
	}
	p.number, p.size, _, err = q.page(maxAccountItems, maxAccountItems)
	return p, err
}

func (p accountPage) skip() int64 { return (p.number - 1) * p.size }

// linkNext sets the header Link to the next page of the list at the segments of a path.
func (p accountPage) linkNext(c *fiber.Ctx, segments ...string) {
	for i := range segments {
		segments[i] = url.PathEscape(segments[i])
	}
	c.Set(fiber.HeaderLink, fmt.Sprintf(`</%s?rpp=%d&page=%d>; rel="next"`, strings.Join(segments, "/"), p.size, p.number+1))
}

// pathAccount returns the id of the account in the path, which exists.
func (h *zephrAccountHandlers) pathAccount(c *fiber.Ctx) (string, error) {
	id, err := pathValue(c, "account_id")
	if err != nil {
		return "", err
	}
	a, err := h.records.Account(c.UserContext(), callerOf(c).tenant.ID, id)
	return a.ID, err
}

// FindAccountUsers answers GET /v3/accounts/{account_id}/users.
func (h *zephrAccountHandlers) FindAccountUsers(c *fiber.Ctx) error {
	p, err := parseAccountPage(c)
	if err != nil {
		return err
	}
	account, err := h.pathAccount(c)
	if err != nil {
		return err
	}
	ids, more, err := h.records.AccountUsers(c.UserContext(), callerOf(c).tenant.ID, account, p.skip(), p.size)
	if err != nil {
		return err
	}
	words := fmt.Sprintf("Users of the account %s: %s shown from number %d on",
		account, export.Pluralize(int64(len(ids)), "user", "users"), p.skip()+1)
	if err := h.recordUserAccess(c, audit.UsersListed, account, words); err != nil {
		return err
	}
	v := make([]gen.AccountUser, len(ids))
	for i, id := range ids {
		v[i] = gen.AccountUser{UserID: id, AccountID: account}
	}
	if more {
		p.linkNext(c, "v3", "accounts", account, "users")
	}
	return respond(c, fiber.StatusOK, v)
}

// FindAccountUser answers GET /v3/accounts/{account_id}/users/{user_id}.
func (h *zephrAccountHandlers) FindAccountUser(c *fiber.Ctx) error {
	account, err := h.pathAccount(c)
	if err != nil {
		return err
	}
	u, err := viewedUser(c, h.auditor, h.users)
	if err != nil {
		return err
	}
	if !slices.Contains(u.AccountIDs, account) {
		return errs.Errorf(errs.CodeNotFound, "This user is not in the account.")
	}
	return respond(c, fiber.StatusOK, gen.AccountUser{UserID: u.ID, AccountID: account})
}

// PutAccountUser answers PUT /v3/accounts/{account_id}/users/{user_id}.
func (h *zephrAccountHandlers) PutAccountUser(c *fiber.Ctx) error { return h.AddAccountUser(c) }

// AddAccountUser answers POST /v3/accounts/{account_id}/users/{user_id}. What the path does not name
// rightly is a 400, as in Zephr.
func (h *zephrAccountHandlers) AddAccountUser(c *fiber.Ctx) error {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return err
	}
	account, err := h.pathAccount(c)
	if errs.CodeOf(err) == errs.CodeNotFound {
		return errs.Invalid("account_id", "There is no account with this ID.")
	}
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	added, err := h.records.AddUserAccount(c.UserContext(), tenant, id, account, h.changeTime())
	if errs.CodeOf(err) == errs.CodeNotFound {
		err = errs.Invalid("user_id", "There is no user with this ID.")
		return cmp.Or(h.users.CheckIDs(c.UserContext(), tenant, export.UsersFile), err)
	}
	switch {
	case err != nil:
		return err
	case !added:
		return respond(c, fiber.StatusOK, gen.Message{Message: "The user is in the account already."})
	}
	h.recordAction(c, audit.UserChanged, id, "account_ids, "+account+" added")
	return respond(c, fiber.StatusCreated, gen.Message{Message: "The user was added to the account."})
}

// RemoveAccountUser answers DELETE /v3/accounts/{account_id}/users/{user_id}. The account need not
// exist: a user may have the id of one that was never imported.
func (h *zephrAccountHandlers) RemoveAccountUser(c *fiber.Ctx) error {
	id, err := pathValue(c, "user_id")
	if err != nil {
		return err
	}
	account, err := pathValue(c, "account_id")
	if err != nil {
		return err
	}
	tenant := callerOf(c).tenant.ID
	err = h.records.RemoveUserAccount(c.UserContext(), tenant, id, account, h.changeTime())
	if errs.CodeOf(err) == errs.CodeNotFound {
		return cmp.Or(h.users.CheckIDs(c.UserContext(), tenant, export.UsersFile), err)
	}
	if err != nil {
		return err
	}
	h.recordAction(c, audit.UserChanged, id, "account_ids, "+account+" removed")
	return respond(c, fiber.StatusOK, gen.Message{Message: "The user was removed from the account."})
}

func (h *zephrAccountHandlers) changeTime() time.Time {
	return h.now().UTC().Truncate(time.Millisecond)
}

// FindAccountGrants answers GET /v3/accounts/{account_id}/grants.
func (h *zephrAccountHandlers) FindAccountGrants(c *fiber.Ctx) error {
	p, err := parseAccountPage(c)
	if err != nil {
		return err
	}
	account, err := h.pathAccount(c)
	if err != nil {
		return err
	}
	grants, more, err := h.records.AccountGrants(c.UserContext(), callerOf(c).tenant.ID, account, p.skip(), p.size)
	if err != nil {
		return err
	}
	words := fmt.Sprintf("Grants of the account %s: %s shown from number %d on",
		account, export.Pluralize(int64(len(grants)), "grant", "grants"), p.skip()+1)
	if err := h.recordUserAccess(c, audit.UsersListed, account, words); err != nil {
		return err
	}
	v := make([]listedGrant, len(grants))
	for i := range grants {
		v[i] = viewListedGrant(grants[i].UserID, &grants[i])
	}
	if more {
		p.linkNext(c, "v3", "accounts", account, "grants")
	}
	return respond(c, fiber.StatusOK, v)
}

// FindAccountGrant answers GET /v3/accounts/{account_id}/grants/{grant_id}.
func (h *zephrAccountHandlers) FindAccountGrant(c *fiber.Ctx) error {
	id, err := pathValue(c, "grant_id")
	if err != nil {
		return err
	}
	account, err := h.pathAccount(c)
	if err != nil {
		return err
	}
	g, err := h.records.AccountGrant(c.UserContext(), callerOf(c).tenant.ID, account, id)
	if err != nil {
		return err
	}
	if err := h.recordAccess(c, audit.UserViewed, g.UserID, ""); err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewListedGrant(g.UserID, &g))
}
