package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/egress-io/egress/internal/errs"

	"github.com/gofiber/fiber/v2"
)

// queryValues are the decoded query parameters, by name.
type queryValues map[string]string

// switches are the names of the parameters that are true or false.
var switches = []string{"attributes", "appIdsRestrictive", "foreignKeys", "grants", "eventsExport"}

// parseQuery parses the query. It refuses unknown parameters, because a misspelt condition would
// select everything. It refuses repeated parameters too, except the lists attr and appIds. A switch
// without "=" is true.
func parseQuery(c *fiber.Ctx, known func(name string) bool) (queryValues, error) {
	_, query, _ := strings.Cut(string(c.Request().Header.RequestURI()), "?")
	q := queryValues{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, valued := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, errs.Invalid("", "The query is not percent-encoded properly.")
		}
		if !known(name) {
			return nil, errs.Invalid(name, "is not a parameter of this address")
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, errs.Invalid(name, "is not percent-encoded properly")
		}
		if !valued && slices.Contains(switches, name) {
			value = "true"
		}
		before, repeated := q[name]
		switch {
		case !repeated:
		case !slices.Contains([]string{"attr", "appIds"}, name):
			return nil, errs.Invalid(name, "appears twice")
		case before != "" && value != "":
			value = before + "," + value
		default:
			value = before + value
		}
		q[name] = value
	}
	return q, nil
}

func (q queryValues) has(name string) bool { return q[name] != "" }

// text returns a value, nil if it is omitted or empty.
func (q queryValues) text(name string) any {
	if !q.has(name) {
		return nil
	}
	return q[name]
}

// flag parses a switch, false if it is omitted or empty.
func (q queryValues) flag(name string) (bool, error) {
	switch strings.ToLower(q[name]) {
	case "true", "1":
		return true, nil
	case "false", "0", "":
		return false, nil
	default:
		return false, errs.Invalid(name, "must be true or false")
	}
}

// offset returns rpp and page as the number of results to skip and to return.
func (q queryValues) offset() (skip, limit int64, err error) {
	page, rpp, _, err := q.page(defaultOffsetPage, maxOffsetPage)
	return (page - 1) * rpp, rpp, err
}

// page parses page and rpp. A larger rpp than maxRPP is reduced, as older clients expect; requested
// is the original value.
func (q queryValues) page(defaultRPP, maxRPP int64) (page, rpp, requested int64, err error) {
	page, requested = 1, defaultRPP
	for name, target := range map[string]*int64{"page": &page, "rpp": &requested} {
		if !q.has(name) {
			continue
		}
		n, err := strconv.ParseInt(q[name], 10, 32)
		if err != nil || n < 1 {
			return 0, 0, 0, errs.Invalid(name, "must be a whole number from 1")
		}
		*target = n
	}
	return page, min(requested, maxRPP), requested, nil
}
