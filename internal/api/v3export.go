package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

const (
	exportPage    = 500 // users of a page; more are capped
	exportBatch   = 500 // users that are read at once for an answer without pages
	exportStreams = 4   // answers without pages that a process makes at once
)

// ExportUsersAsJSON answers GET /v3/user-export: a page, or with neither rpp nor page all users in one array.
func (s *server) ExportUsersAsJSON(c *fiber.Ctx) error {
	q, err := parameters(c, func(name string) bool {
		switch name {
		case "attributes", "appIds", "appIdsRestrictive", "grants", "since", "registeredSince", "registeredBefore", "user_store_id", "attr", "rpp", "page":
			return true
		}
		return false
	})
	if err != nil {
		return err
	}
	def, err := q.definition(false)
	if err != nil {
		return err
	}
	words, err := s.definitions.Words(c.UserContext(), callerOf(c).tenant.ID, def)
	if err != nil {
		return inParameters(err)
	}
	if err := s.looks(c, audit.UsersExported, def.Fingerprint()[:fingerprintShown], words); err != nil {
		return err
	}
	_, rpp := q["rpp"]
	if _, page := q["page"]; rpp || page {
		return s.exportPage(c, q, def)
	}
	return s.exportAll(c, def)
}

// exportPage answers with one page. Where it begins is where the page before has ended, as long as that is remembered: so pages
// neither skip nor repeat users who were there throughout, however deep they are.
func (s *server) exportPage(c *fiber.Ctx, q parameterValues, def export.Definition) error {
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	page, rpp, asked, err := q.page(exportPage, exportPage)
	if err != nil {
		return err
	}
	count, err := s.definitions.Count(ctx, tenant, def)
	if err != nil {
		return err
	}
	walk := strings.Join([]string{tenant, callerOf(c).requesterID(), string(def.Canonical()), strconv.FormatInt(rpp, 10)}, "\n")
	after, skip := "", (page-1)*rpp
	if page > 1 {
		if after, err = s.places.Place(ctx, walk, page-1); err != nil {
			s.logger.WarnContext(ctx, "places of pages are not remembered", "error", err)
		}
		if after != "" {
			skip = 0
		}
	}
	next, err := s.users.WalkUsers(ctx, tenant, def)
	if err != nil {
		return inParameters(err)
	}
	list, err := next(ctx, after, skip, rpp)
	if err != nil {
		return err
	}
	if int64(len(list)) == rpp {
		if err := s.places.Remember(ctx, walk, page, list[rpp-1].ID); err != nil {
			s.logger.WarnContext(ctx, "places of pages are not remembered", "error", err)
		}
	}
	v := gen.UserExportPage{
		Results: [][]gen.ExportedItem{make([]gen.ExportedItem, len(list))},
		Meta:    gen.UserExportMeta{Count: count, Rpp: rpp, Paginated: true},
		Links:   pageLinks(c, page, max(1, (count+rpp-1)/rpp), int64(len(list)) == rpp),
	}
	if asked != rpp {
		v.Meta.RequestedRpp = &asked
	}
	for i := range list {
		v.Results[0][i] = exportedItem(&list[i], def, (page-1)*rpp+int64(i)+1)
	}
	return s.answer(c, fiber.StatusOK, v)
}

// pageLinks are those of a page. Users come and go, so that there is a further page where this one is full.
func pageLinks(c *fiber.Ctx, page, last int64, full bool) gen.UserExportLinks {
	query := c.Context().QueryArgs()
	at := func(n int64) *gen.UserExportLink {
		values := url.Values{}
		for name, value := range query.All() {
			if string(name) != "page" {
				values.Add(string(name), string(value))
			}
		}
		values.Set("page", strconv.FormatInt(n, 10))
		return &gen.UserExportLink{URL: c.Path() + "?" + values.Encode(), Page: n}
	}
	l := gen.UserExportLinks{First: at(1), Last: at(max(last, page))}
	if page > 1 {
		l.Previous = at(page - 1)
	}
	if full {
		l.Next = at(page + 1)
	}
	return l
}

// exportedItem is a user as older clients expect one: with what was asked for.
func exportedItem(u *users.User, def export.Definition, number int64) gen.ExportedItem {
	full := viewUser(u)
	v := gen.ExportedItem{SeqNo: number, User: gen.ExportedUser{
		UserID: full.UserID, UserStoreID: full.UserStoreID, Identifiers: full.Identifiers, EmailVerified: full.EmailVerified,
		Registered: full.Registered, LastLogin: full.LastLogin, Updated: full.Updated, TrackingID: full.TrackingID,
		ForeignKeys: full.ForeignKeys, AccountIds: full.AccountIds,
	}}
	if def.Include.Attributes {
		v.User.Attributes = &full.Attributes
	}
	if p := def.Include.ExtendedProfiles; p != nil {
		profiles := map[string]json.RawMessage{}
		for app, profile := range full.ExtendedProfiles {
			if p.AllApps() || slices.Contains(p.AppIDs, app) {
				profiles[app] = profile
			}
		}
		v.User.ExtendedProfiles = &profiles
	}
	if def.Include.Grants {
		v.Grants = &gen.ExportedGrants{Results: full.Grants}
	}
	return v
}

// exportAll answers with every user, as they are read. It keeps one batch in memory.
func (s *server) exportAll(c *fiber.Ctx, def export.Definition) error {
	tenant, still, id := callerOf(c).tenant.ID, s.still(callerOf(c)), requestID(c)
	next, err := s.users.WalkUsers(c.UserContext(), tenant, def)
	if err != nil {
		return inParameters(err)
	}
	select {
	case s.exports <- struct{}{}:
	default:
		e := export.Errorf(export.CodeRateLimited, "Several exports without pages are on their way. Wait, or ask for pages with rpp.")
		e.Details = map[string]any{"retryAfterSeconds": 10}
		return e
	}
	s.apiHeaders(c)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	s.send(c, func(ctx context.Context, w io.Writer) error {
		return writeUsers(ctx, w, next, def, still)
	}, func(err error) {
		<-s.exports
		if err != nil {
			s.logger.Warn("an export without pages broke off", "tenant", tenant, "request_id", id, "error", err)
		}
	})
	return nil
}

var errTakenAway = errors.New("it is not the client's to have any more")

// writeUsers writes who comes next, batch by batch, while it is still the client's to have.
func writeUsers(ctx context.Context, to io.Writer, next Walk, def export.Definition, still func(context.Context) bool) error {
	w := bufio.NewWriterSize(to, 64<<10)
	if err := w.WriteByte('['); err != nil {
		return err
	}
	after, number := "", int64(0)
	for {
		if !still(ctx) {
			return errTakenAway
		}
		list, err := next(ctx, after, 0, exportBatch)
		if err != nil {
			return err
		}
		for i := range list {
			number++
			if number > 1 {
				if _, err := w.WriteString(",\n"); err != nil {
					return err
				}
			}
			item, err := json.Marshal(exportedItem(&list[i], def, number))
			if err != nil {
				return fmt.Errorf("encode a user: %w", err)
			}
			if _, err := w.Write(item); err != nil {
				return err
			}
		}
		if len(list) < exportBatch {
			break
		}
		after = list[len(list)-1].ID
	}
	if _, err := w.WriteString("]\n"); err != nil {
		return err
	}
	return w.Flush()
}
