package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// expiryStates are the states that the Admin API reference lists.
var expiryStates = []string{users.GrantPending, users.GrantActive, users.GrantExpired}

// grantsPath is the path of grants without array indexes.
const grantsPath = "grants.results"

// parseGrants parses {"results": [grant, …]}, or the array alone.
func parseGrants(rec *record, raw []byte) {
	if raw[0] == '{' {
		list, bad, err := splitObject(raw)
		if err != nil {
			rec.skipValue("grants", err)
			return
		}
		rec.skipMembers("grants", bad)
		raw = []byte("null")
		for _, m := range list {
			if m.name == "results" {
				raw = m.value
				continue
			}
			rec.ignored = append(rec.ignored, "grants."+m.name)
		}
	}
	list, err := splitArray(raw)
	if err == nil && len(list) > 0 && len(rec.user.Grants) > 0 {
		err = errors.New("appear both inside the user and next to it")
	}
	if err != nil {
		rec.skipValue("grants", err)
		return
	}
	for i, e := range list {
		if g, ok := parseGrant(rec, grantsPath+"["+strconv.Itoa(i)+"]", e); ok {
			rec.user.Grants = append(rec.user.Grants, g)
		}
	}
}

// parseGrant parses a grant. ok is false for a grant without an id and for one that names another
// user.
func parseGrant(rec *record, at string, raw []byte) (g users.Grant, ok bool) {
	if raw[0] != '{' {
		rec.skipValue(at, errors.New("must be an object"))
		return g, false
	}
	list, bad, err := splitObject(raw)
	if err != nil {
		rec.skipValue(at, err)
		return g, false
	}
	rec.skipMembers(at, bad)
	for _, m := range list {
		var err error
		switch m.name {
		case "grantId":
			g.ID, err = parseID(m.value)
		case "user_id":
			var id string
			if id, err = parseID(m.value); err == nil && id != "" && id != rec.user.ID {
				rec.skipValue(at+"."+m.name, errors.New("is not the id of the user who holds the grant"))
				return g, false
			}
		case "account_id":
			g.AccountID, err = parseID(m.value)
		case "expiry_state":
			g.ExpiryState, err = rec.keyword(grantsPath+".expiry_state", m.value, expiryStates)
		case "entitlement_type":
			g.EntitlementType, err = rec.keyword(grantsPath+".entitlement_type", m.value, users.EntitlementTypes)
		case "entitlement_id":
			g.EntitlementID, err = parseID(m.value)
		case "product_id":
			g.ProductID, err = parseID(m.value)
		case "startTime":
			g.Start = rec.parseTime(timePath{at, grantsPath, m.name}, m.value, users.AccountTimes)
		case "endTime":
			g.End = rec.parseEndTime(timePath{at, grantsPath, m.name}, m.value)
		case "createdAt":
			g.Created = rec.parseTime(timePath{at, grantsPath, m.name}, m.value, users.AccountTimes)
		default:
			rec.ignored = append(rec.ignored, grantsPath+"."+m.name)
		}
		if err != nil {
			rec.skipValue(at+"."+m.name, err)
		}
	}
	if !users.ValidID(g.ID) {
		rec.skipValue(at+".grantId", errors.New("is missing"))
		return g, false
	}
	return g, true
}

// parseEndTime parses the end of a grant. PostgreSQL's infinity is nil: the grant does not end.
func (rec *record) parseEndTime(path timePath, raw []byte) *time.Time {
	if v, err := parseScalar(raw); err == nil && v.Kind == export.StringValue && strings.EqualFold(v.Text, "infinity") {
		return nil
	}
	return rec.parseTime(path, raw, users.EndTimes)
}

// keyword parses one of the words, in any case. It keeps any other text unchanged, with a warning:
// the source system may have values that Egress does not know. path is the field's path without
// array indexes.
func (rec *record) keyword(path string, raw []byte, words []string) (string, error) {
	s, err := parseID(raw)
	if err != nil || s == "" {
		return "", err
	}
	if lower := strings.ToLower(s); slices.Contains(words, lower) {
		return lower, nil
	}
	reason := fmt.Sprintf("%q is none of %s; it was kept", sanitize(s), strings.Join(words, ", "))
	rec.warnings = append(rec.warnings, problem{path, reason})
	return s, nil
}

// parseTitles parses the titles of ids in an item: [{"id": …, "title" | "label" | "name": …}].
func parseTitles(rec *record, m member) {
	list, err := splitArray(m.value)
	if err != nil {
		rec.skipValue(m.name, err)
	}
	for i, e := range list {
		id, title, err := parseTitle(e)
		if err != nil {
			rec.skipValue(fmt.Sprintf("%s[%d]", m.name, i), err)
			continue
		}
		switch m.name {
		case "stores":
			rec.stores = append(rec.stores, users.Store{ID: id, Title: title})
		case "products":
			rec.products = append(rec.products, users.Product{ID: id, Label: title})
		case "accounts":
			rec.accounts = append(rec.accounts, users.Account{ID: id, Name: title})
		}
	}
}

func parseTitle(raw []byte) (id, title string, err error) {
	list, bad, err := splitObject(raw)
	if err == nil && len(bad) > 0 {
		err = errors.New("has a repeated or invalid member name")
	}
	if err != nil {
		return "", "", err
	}
	for _, m := range list {
		switch m.name {
		case "id", "account_id", "product_id":
			id, err = parseID(m.value)
		case "title", "label", "name":
			title, err = parseText(m.value)
		}
		if err != nil {
			return "", "", fmt.Errorf("%s %w", m.name, err)
		}
	}
	if id == "" {
		return "", "", errors.New("has no id")
	}
	if title == "" {
		title = id
	}
	return id, title, nil
}
