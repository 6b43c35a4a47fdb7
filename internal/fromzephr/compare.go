package fromzephr

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// comparison compares users of Zephr with users of Egress.
type comparison struct {
	schema       users.Schema
	defaultStore string
	renamed      map[string]map[string]string // the names that replace names, by kind, as an import reports them
}

// name returns the name that a name has in Egress.
func (c *comparison) name(kind, name string) string {
	if to, ok := c.renamed[kind][name]; ok {
		return to
	}
	return name
}

// user returns the paths of the members in which a user differs, sorted.
func (c *comparison) user(item *parsedItem, u *users.User) (paths []string) {
	z := &item.User
	check := func(path string, same bool) {
		if !same {
			paths = append(paths, path)
		}
	}
	store := string(z.StoreID)
	if store == "" {
		store = c.defaultStore
	}
	check("user_store_id", store == u.StoreID)
	check("identifiers.email_address", string(z.Identifiers.EmailAddress) == u.Identifiers.EmailAddress)
	check("identifiers.username", string(z.Identifiers.Username) == u.Identifiers.Username)
	check("email_verified", (z.EmailVerified == "true") == u.EmailVerified)
	check("registered", sameTime(z.Registered, u.Registered, users.AccountTimes))
	check("last_login", sameTime(z.LastLogin, u.LastLogin, users.AccountTimes))
	check("updated", sameTime(z.Updated, u.Updated, users.AccountTimes))
	check("tracking_id", string(z.TrackingID) == u.TrackingID)
	check("account_ids", maps.Equal(item.accounts(), setOf(u.AccountIDs)))
	check("grants", slices.EqualFunc(item.Grants.Results, u.Grants, sameGrant))
	paths = append(paths, c.attributes(z.Attributes, u.Attributes)...)
	keys := map[string]string{}
	for system, key := range item.foreignKeys() {
		keys[c.name("foreign_keys", system)] = key
	}
	for system := range union(keys, u.ForeignKeys) {
		check("foreign_keys."+system, keys[system] == u.ForeignKeys[system])
	}
	profiles := map[string]json.RawMessage{}
	for app, profile := range item.profiles() {
		profiles[c.name("extended_profiles", app)] = profile
	}
	for app := range union(profiles, u.ExtendedProfiles) {
		check("extended_profiles."+app, sameJSON(profiles[app], u.ExtendedProfiles[app]))
	}
	for name := range union(item.additional, u.Additional) {
		check(name, sameJSON(item.additional[name], u.Additional[name]))
	}
	slices.Sort(paths)
	return paths
}

// attributes returns the paths of the attributes that differ. Values of password fields are never
// stored, so they are not compared.
func (c *comparison) attributes(z map[string]json.RawMessage, stored map[string]any) (paths []string) {
	compared := map[string]bool{}
	for name, raw := range z {
		slug := c.name("attributes", name)
		compared[slug] = true
		f, known := c.schema.Field(slug)
		if known && f.Secret() {
			continue
		}
		if !known && string(raw) != "null" || known && !sameValue(f, raw, stored[slug]) {
			paths = append(paths, users.AttributePath(name))
		}
	}
	for slug := range stored {
		if !compared[slug] {
			paths = append(paths, users.AttributePath(slug))
		}
	}
	return paths
}

// sameValue reports whether an attribute has the stored value; nil is none.
func sameValue(f users.Field, raw json.RawMessage, stored any) bool {
	var v export.Value
	switch raw[0] {
	case '[', '{':
		s, isText := stored.(string)
		return isText && sameJSON(raw, json.RawMessage(s))
	case 'n':
	case 't', 'f':
		v = export.Bool(raw[0] == 't')
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return false
		}
		v = export.String(s)
	default:
		v = export.Number(string(raw))
	}
	want, err := users.Coerce(f, v)
	if err != nil {
		return false
	}
	if at, ok := want.(time.Time); ok {
		has, isTime := stored.(time.Time)
		return isTime && at.Equal(has)
	}
	return want == stored
}

func sameGrant(z parsedGrant, g users.Grant) bool {
	end := z.End
	if strings.EqualFold(string(end), "infinity") {
		end = ""
	}
	return string(z.ID) == g.ID && string(z.AccountID) == g.AccountID && strings.EqualFold(string(z.ExpiryState), g.ExpiryState) &&
		strings.EqualFold(string(z.EntitlementType), g.EntitlementType) && string(z.EntitlementID) == g.EntitlementID && string(z.ProductID) == g.ProductID &&
		sameTime(z.Start, g.Start, users.AccountTimes) && sameTime(end, g.End, users.EndTimes) && sameTime(z.Created, g.Created, users.AccountTimes)
}

// sameTime reports whether a time is the stored one; "", and a date that is all zeros, are none.
func sameTime(z text, stored *time.Time, years users.TimeRange) bool {
	at, err := users.ParseTime(export.String(string(z)), years)
	if err != nil || at == nil || stored == nil {
		return err == nil && at == nil && stored == nil
	}
	return at.Equal(*stored)
}

// sameJSON reports whether two values have the same JSON text, except for white space between
// tokens.
func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

func setOf(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

func union[A, B any](a map[string]A, b map[string]B) map[string]bool {
	set := map[string]bool{}
	for k := range a {
		set[k] = true
	}
	for k := range b {
		set[k] = true
	}
	return set
}
