package importer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/egress-io/egress/internal/users"
)

// The words of the Admin API reference.
var (
	expiryStates     = []string{"pending", "active", "expired"}
	entitlementTypes = []string{"bundle", "entitlement", "meter", "credits"}
)

// grants reads {"results": [grant, …]}, or the list by itself.
func grants(rec *record, raw []byte) error {
	if raw[0] == '{' {
		list, err := members(raw)
		if err != nil {
			return refuse("grants", err)
		}
		raw = []byte("null")
		for _, m := range list {
			if m.name == "results" {
				raw = m.value
				continue
			}
			rec.ignored = append(rec.ignored, "grants."+m.name)
		}
	}
	list, err := elements(raw)
	if err != nil {
		return refuse("grants.results", err)
	}
	if len(list) > 0 && len(rec.user.Grants) > 0 {
		return refuse("grants", errors.New("are given both inside the user and beside it"))
	}
	for i, e := range list {
		at := fmt.Sprintf("grants.results[%d]", i)
		if e[0] != '{' {
			return refuse(at, errors.New("must be an object"))
		}
		g, err := grant(rec, at, e)
		if err != nil {
			return err
		}
		rec.user.Grants = append(rec.user.Grants, g)
	}
	return nil
}

func grant(rec *record, at string, raw []byte) (g users.Grant, err error) {
	list, err := members(raw)
	if err != nil {
		return g, refuse(at, err)
	}
	for _, m := range list {
		switch m.name {
		case "grantId":
			g.ID, err = ident(m.value)
		case "user_id":
			var id string
			if id, err = ident(m.value); err == nil && id != "" && id != rec.user.ID {
				err = errors.New("is not the id of the user who holds the grant")
			}
		case "account_id":
			g.AccountID, err = ident(m.value)
		case "expiry_state":
			g.ExpiryState, err = oneOf(m.value, expiryStates)
		case "entitlement_type":
			g.EntitlementType, err = oneOf(m.value, entitlementTypes)
		case "entitlement_id":
			g.EntitlementID, err = ident(m.value)
		case "product_id":
			g.ProductID, err = ident(m.value)
		case "startTime":
			g.Start, err = instant(m.value)
		case "endTime":
			g.End, err = instant(m.value)
		case "createdAt":
			g.Created, err = instant(m.value)
		default:
			rec.ignored = append(rec.ignored, "grants.results."+m.name)
		}
		if err != nil {
			return g, refuse(at+"."+m.name, err)
		}
	}
	if g.ID == "" {
		return g, refuse(at+".grantId", errors.New("is missing"))
	}
	return g, nil
}

func oneOf(raw []byte, words []string) (string, error) {
	s, err := word(raw)
	if err == nil && s != "" && !slices.Contains(words, s) {
		err = fmt.Errorf("must be one of %q", words)
	}
	return s, err
}

// labels reads titles that an item brings for ids: [{"id": …, "title" | "label" | "name": …}].
func labels(rec *record, m member) error {
	list, err := elements(m.value)
	if err != nil {
		return refuse(m.name, err)
	}
	for i, e := range list {
		at := fmt.Sprintf("%s[%d]", m.name, i)
		id, title, err := label(e)
		if err != nil {
			return refuse(at, err)
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
	return nil
}

func label(raw []byte) (id, title string, err error) {
	list, err := members(raw)
	if err != nil {
		return "", "", err
	}
	for _, m := range list {
		switch m.name {
		case "id", "account_id", "product_id":
			id, err = ident(m.value)
		case "title", "label", "name":
			title, err = word(m.value)
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
