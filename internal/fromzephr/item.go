package fromzephr

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// exportedItem is an item of the user export, in the names that package importer reads.
type exportedItem struct {
	id   string
	json []byte
}

var errNoUserID = errors.New("has no user_id")

// normalizeItem returns an item of the user export with one name for each member: {"user": {…},
// "grants": {"results": […]}}. It drops the item's number. Members that it does not know stay as
// they are.
func normalizeItem(raw json.RawMessage) (exportedItem, error) {
	var item, user map[string]json.RawMessage
	if json.Unmarshal(raw, &item) != nil || item == nil {
		return exportedItem{}, errors.New("is not an object")
	}
	if inner, ok := item["user"]; ok {
		if json.Unmarshal(inner, &user) != nil || user == nil {
			return exportedItem{}, errors.New("has a user that is not an object")
		}
		delete(item, "user")
	} else {
		user, item = item, map[string]json.RawMessage{}
	}
	for _, object := range []map[string]json.RawMessage{user, item} {
		rename(object, "extended_profiles", "extendedProfiles", "profiles")
		rename(object, "foreign_keys", "foreignKeys")
		delete(object, "seq-no")
	}
	if keys, ok := user["foreign_keys"]; ok {
		user["foreign_keys"] = normalizeForeignKeys(keys)
	}
	raw, _ = member(item, "grants")
	if raw == nil {
		raw = user["grants"]
	}
	delete(user, "grants")
	grants, readable := normalizeGrants(raw)
	holder := ""
	for _, g := range grants {
		holder = textMember(g, "user_id")
	}
	id := textMember(user, "user_id", "id", "_id")
	if id == "" { // the documents show a user without its id, next to grants with it
		id = holder
	}
	if id == "" {
		return exportedItem{}, errNoUserID
	}
	if _, named := user["user_id"]; !named || textMember(user, "user_id") == "" {
		delete(user, "id")
		user["user_id"], _ = encode(id) // text is always encoded
	}
	out := map[string]any{"user": user}
	for name, value := range item {
		out[name] = value
	}
	switch delete(out, "grants"); {
	case !readable:
		out["grants"] = raw // the import refuses it
	case len(grants) > 0:
		out["grants"] = map[string]any{"results": grants}
	}
	b, err := encode(out)
	return exportedItem{id, b}, err
}

// rename gives a member that has another name its own name. Of several ones, the member with its own
// name stays.
func rename(object map[string]json.RawMessage, name string, others ...string) {
	value, found := member(object, slices.Concat([]string{name}, others)...)
	for _, other := range others {
		delete(object, other)
	}
	if found != "" {
		object[name] = value
	}
}

// grantNames are the names of a grant's members, and the other spellings in Zephr's documents.
var grantNames = [][]string{
	{"grantId", "grant_id", "id"}, {"user_id", "userId"}, {"account_id", "accountId"}, {"expiry_state", "expiryState"},
	{"entitlement_type", "entitlementType"}, {"entitlement_id", "entitlementId"}, {"product_id", "productId"},
	{"startTime", "start_time"}, {"endTime", "end_time"}, {"createdAt", "created_at"},
}

// normalizeGrants returns grants from {"results": […]} or the array alone.
func normalizeGrants(raw json.RawMessage) (grants []map[string]json.RawMessage, readable bool) {
	if raw == nil || string(raw) == "null" {
		return nil, true
	}
	l, err := parseList(raw)
	if err != nil {
		return nil, false
	}
	for _, item := range l.items {
		var g map[string]json.RawMessage
		if json.Unmarshal(item, &g) != nil || g == nil {
			return nil, false
		}
		for _, names := range grantNames {
			rename(g, names[0], names[1:]...)
		}
		grants = append(grants, g)
	}
	return grants, true
}

// normalizeForeignKeys returns {system: key}. It reads that object, and an array of such objects or
// of objects that name the system and the key. Another form stays as it is: the import refuses it.
func normalizeForeignKeys(raw json.RawMessage) json.RawMessage {
	var objects []map[string]json.RawMessage
	if bytes.HasPrefix(raw, []byte("{")) || json.Unmarshal(raw, &objects) != nil {
		return raw
	}
	keys := map[string]json.RawMessage{}
	for _, o := range objects {
		system := textMember(o, "foreign_system", "system", "foreign_key_system", "name")
		key, found := member(o, "foreign_key", "key", "value", "foreign_id", "id")
		if system != "" && found != "" {
			keys[system] = key
			continue
		}
		if len(o) != 1 {
			return raw
		}
		maps.Copy(keys, o)
	}
	b, err := encode(keys)
	if err != nil {
		return raw
	}
	return b
}

// accountID returns the id of an account, "" if it has none.
func accountID(item json.RawMessage) string {
	var a map[string]json.RawMessage
	if json.Unmarshal(item, &a) != nil {
		return ""
	}
	return textMember(a, "account_id", "id", "company_id")
}
