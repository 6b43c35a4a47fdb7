package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/api/limiter"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/users"
)

const (
	exportPageSize  = 500 // maximum users per page
	exportBatchSize = 500 // users per read for a response without pages
)

// zephrExportHandlers return all users as JSON, without a job.
type zephrExportHandlers struct {
	*auditor
	*permissions
	*bodyStreamer

	users          Users
	exports        Exports
	pageEnds       PageEnds
	unpagedExports *limiter.Limiter // for responses without pages
	links          *links
	logger         *slog.Logger
}

// ExportUsersAsJSON answers GET /v3/user-export: one page, or without rpp and page all users in one
// array.
func (h *zephrExportHandlers) ExportUsersAsJSON(c *fiber.Ctx) error {
	q, err := parseQuery(c, func(name string) bool {
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
	compiled, err := h.exports.Compile(c.UserContext(), callerOf(c).tenant.ID, def)
	if err != nil {
		return parameterError(err)
	}
	if q.has("rpp") || q.has("page") {
		return h.exportPage(c, q, compiled)
	}
	if err := h.recordAccess(c, audit.UsersExported, def.ShortFingerprint(), compiled.Words); err != nil {
		return err
	}
	return h.exportAll(c, compiled)
}

// exportPage responds with one page. If the end of the previous page is stored, the page begins
// after it: pages neither skip nor repeat users who exist throughout, and deep pages are as fast as
// the first. A read of one more user than the page holds finds out whether a next page exists: the
// count changes while users are added and removed.
func (h *zephrExportHandlers) exportPage(c *fiber.Ctx, q queryValues, compiled *exporter.Compiled) error {
	def, tenant, ctx := compiled.Definition, callerOf(c).tenant.ID, c.UserContext()
	page, rpp, asked, err := q.page(exportPageSize, exportPageSize)
	if err != nil {
		return err
	}
	count, err := h.exports.CountCompiled(ctx, compiled)
	if err != nil {
		return err
	}
	walk := strings.Join([]string{tenant, callerOf(c).requesterID(), string(def.Canonical()), strconv.FormatInt(rpp, 10)}, "\n")
	after, skip := "", (page-1)*rpp
	if page > 1 {
		if after, err = h.pageEnds.LastID(ctx, walk, page-1); err != nil {
			h.logger.WarnContext(ctx, "cannot access the page cursors; pages cost more", "error", err)
		}
		if after != "" {
			skip = 0
		}
	}
	next := h.users.WalkUsers(tenant, compiled.Users, compiled.Schema)
	list, err := next(ctx, after, skip, rpp+1)
	if err != nil {
		return err
	}
	more := int64(len(list)) > rpp
	list = list[:min(int64(len(list)), rpp)]
	words := compiled.Words + fmt.Sprintf(": page %d, %s", page, export.Pluralize(int64(len(list)), "user", "users"))
	if err := h.recordUserAccess(c, audit.UsersExported, def.ShortFingerprint(), words, page, rpp); err != nil {
		return err
	}
	if int64(len(list)) == rpp {
		if err := h.pageEnds.Remember(ctx, walk, page, list[rpp-1].ID); err != nil {
			h.logger.WarnContext(ctx, "cannot access the page cursors; pages cost more", "error", err)
		}
	}
	v := gen.UserExportPage{
		Results: [][]gen.ExportedItem{make([]gen.ExportedItem, len(list))},
		Meta:    gen.UserExportMeta{Count: count, Rpp: rpp, Paginated: true},
		Links:   q.pageLinks(h.links.origin(c)+c.Path(), page, lastPage(page, (count+rpp-1)/rpp, len(list), more), more),
	}
	if asked != rpp {
		v.Meta.RequestedRpp = &asked
	}
	for i := range list {
		v.Results[0][i] = exportedItem(&list[i], compiled, (page-1)*rpp+int64(i)+1)
	}
	return respond(c, fiber.StatusOK, v)
}

// lastPage returns the number of the last page: counted, the number that follows from the count,
// corrected by what was read for a page.
func lastPage(page, counted int64, read int, more bool) int64 {
	switch {
	case more:
		return max(counted, page+1)
	case read > 0:
		return page
	default: // after the last page
		return max(1, min(counted, page-1))
	}
}

// pageLinks returns the links of a page to pages at an address. Only a page with a page after it
// links to a next one, so that clients that follow next end.
func (q queryValues) pageLinks(address string, page, last int64, more bool) gen.UserExportLinks {
	at := func(n int64) gen.UserExportLink {
		values := url.Values{}
		for name, value := range q {
			if q.has(name) {
				values.Set(name, value)
			}
		}
		values.Set("page", strconv.FormatInt(n, 10))
		return gen.UserExportLink{URL: address + "?" + values.Encode(), Page: n}
	}
	l := gen.UserExportLinks{First: at(1), Last: at(last)}
	if page > 1 {
		l.Previous = new(at(page - 1))
	}
	if more {
		l.Next = new(at(page + 1))
	}
	return l
}

// exportedItem returns a user in Zephr's form, with the requested groups.
func exportedItem(u *users.User, compiled *exporter.Compiled, number int64) gen.ExportedItem {
	include := compiled.Definition.Include
	v := gen.ExportedItem{SeqNo: number, User: zephrUser(u, compiled.Schema)}
	if include.Grants {
		v.Grants = &gen.ExportedGrants{Results: *v.User.Grants}
	}
	v.User.Grants = nil
	if !include.Attributes {
		v.User.Attributes = nil
	}
	if p := include.ExtendedProfiles; p == nil {
		v.User.ExtendedProfiles = nil
	} else if !p.AllApps() {
		profiles := map[string]json.RawMessage{}
		for _, app := range p.AppIDs {
			if profile, ok := u.ExtendedProfiles[app]; ok {
				profiles[app] = profile
			}
		}
		v.User.ExtendedProfiles = &profiles
	}
	return v
}

// exportAll responds with all users while they are read. It keeps one batch in memory.
func (h *zephrExportHandlers) exportAll(c *fiber.Ctx, compiled *exporter.Compiled) error {
	tenant, authorized, id := callerOf(c).tenant.ID, h.stillAuthorized(callerOf(c)), requestID(c)
	next := h.users.WalkUsers(tenant, compiled.Users, compiled.Schema)
	release, err := h.unpagedExports.Acquire(c.UserContext(), tenant)
	if err != nil {
		return busyError(err, "This tenant has reached its limit of concurrent exports without pages. Wait, or request pages with rpp.", retryExportAfter)
	}
	setNoStore(c)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	h.streamBody(c, func(ctx context.Context, w io.Writer) error {
		return writeUsers(ctx, w, next, compiled, authorized)
	}, func(err error) {
		release()
		if err != nil {
			h.logger.Warn("export without pages aborted", "tenant", tenant, "request_id", id, "error", err)
		}
	})
	return nil
}

var errNotAuthorized = errors.New("the client is no longer authorized")

// writeUsers writes all users as a JSON array, batch by batch. It checks the client's authorization
// before each batch.
func writeUsers(ctx context.Context, to io.Writer, next Walk, compiled *exporter.Compiled, authorized func(context.Context) bool) error {
	w := bufio.NewWriterSize(to, 64<<10)
	if err := w.WriteByte('['); err != nil {
		return err
	}
	after, number := "", int64(0)
	for {
		if !authorized(ctx) {
			return errNotAuthorized
		}
		list, err := next(ctx, after, 0, exportBatchSize)
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
			item, err := json.Marshal(exportedItem(&list[i], compiled, number))
			if err != nil {
				return fmt.Errorf("encode a user: %w", err)
			}
			if _, err := w.Write(item); err != nil {
				return err
			}
		}
		if len(list) < exportBatchSize {
			break
		}
		after = list[len(list)-1].ID
	}
	if _, err := w.WriteString("]\n"); err != nil {
		return err
	}
	return w.Flush()
}
