package importer

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// record is a parsed item.
type record struct {
	user           users.User
	stores         []users.Store // titles that the item contains
	products       []users.Product
	accounts       []users.Account
	ignored        []string // paths of unknown members
	secretsDropped int      // the number of dropped values of password fields

	problems  []problem // skipped values
	warnings  []problem // unlikely or unknown values that were kept
	renamings []Renaming
}

// skipValue records a value as skipped.
func (rec *record) skipValue(field string, err error) {
	reason := err.Error()
	if e, ok := errors.AsType[*errs.Error](err); ok {
		reason = e.Message
	}
	rec.problems = append(rec.problems, problem{field, reason})
}

// skipMembers records the invalid members of the object at path as skipped.
func (rec *record) skipMembers(path string, bad []problem) {
	for _, b := range bad {
		switch {
		case b.field == "":
			b.field = path
		case path != "":
			b.field = path + "." + sanitize(b.field)
		default:
			b.field = sanitize(b.field)
		}
		rec.problems = append(rec.problems, b)
	}
}

// parser turns items into records according to a schema.
type parser struct {
	fieldIndex

	defaultStore string // the store id of users who have none
}

func newParser(schema users.Schema, store string) parser { return parser{newFieldIndex(schema), store} }

// parse parses an item. The record's problems are the values that it skips. An error concerns the
// whole record: an errs.CodeInvalidRequest with the field and a reason. The record contains the user id
// even with an error, if the item has a valid one.
func (p parser) parse(raw []byte) (record, error) {
	rec := record{user: users.User{
		Attributes: map[string]any{}, ForeignKeys: map[string]string{}, ExtendedProfiles: map[string]json.RawMessage{},
		AccountIDs: []string{}, Grants: []users.Grant{},
	}}
	top, user, bad, err := splitItem(raw)
	if err != nil {
		return rec, err
	}
	if err := p.parseIdentity(&rec, user, bad); err != nil {
		return rec, err
	}
	rec.skipMembers("", bad)
	for _, m := range user {
		p.parseUserMember(&rec, m)
	}
	for _, m := range top {
		p.parseItemMember(&rec, m)
	}
	u := &rec.user
	for i := range u.Grants {
		u.Grants[i].UserID = u.ID
		if id := u.Grants[i].AccountID; id != "" && !slices.Contains(u.AccountIDs, id) {
			u.AccountIDs = append(u.AccountIDs, id)
		}
	}
	return rec, nil
}

// splitItem returns the members of an item outside its user, the members of the user, and the
// invalid members of both. For a bare user, top is empty.
func splitItem(raw []byte) (top, user []member, bad []problem, err error) {
	list, bad, err := splitObject(raw)
	if err != nil {
		return nil, nil, nil, invalidField("", err)
	}
	if slices.ContainsFunc(bad, func(b problem) bool { return b.field == "user" }) {
		return nil, nil, nil, invalidField("user", errors.New("appears twice"))
	}
	i := slices.IndexFunc(list, func(m member) bool { return m.name == "user" })
	if i < 0 {
		return nil, list, bad, nil
	}
	user, badOfUser, err := splitObject(list[i].value)
	if err != nil {
		return nil, nil, nil, invalidField("user", err)
	}
	return slices.Delete(list, i, i+1), user, append(bad, badOfUser...), nil
}

// parseIdentity sets the user id, from user_id or else MongoDB's _id, and the user store id.
func (p parser) parseIdentity(rec *record, user []member, bad []problem) error {
	for _, b := range bad {
		if b.field == "user_id" || b.field == "_id" || b.field == "user_store_id" {
			return invalidField(b.field, errors.New(b.reason))
		}
	}
	for _, id := range []struct {
		name string
		to   *string
	}{{"user_id", &rec.user.ID}, {"_id", &rec.user.ID}, {"user_store_id", &rec.user.StoreID}} {
		i := slices.IndexFunc(user, func(m member) bool { return m.name == id.name })
		if i < 0 || *id.to != "" {
			continue
		}
		text, err := parseID(user[i].value)
		if err != nil {
			return invalidField(id.name, err)
		}
		*id.to = text
	}
	if rec.user.ID == "" {
		return invalidField("user_id", errors.New("is missing"))
	}
	if rec.user.StoreID == "" {
		rec.user.StoreID = p.defaultStore
	}
	return nil
}

func (p parser) parseUserMember(rec *record, m member) {
	u := &rec.user
	var err error
	switch m.name {
	case "user_id", "user_store_id":
	case "_id":
		if id, err := parseText(m.value); err != nil || id != u.ID {
			rec.ignored = append(rec.ignored, m.name)
		}
	case "identifiers":
		parseIdentifiers(rec, m.value)
	case "email_verified":
		u.EmailVerified, err = parseBool(m.value)
	case "registered":
		u.Registered = rec.parseTime(timePath{name: m.name}, m.value, users.AccountTimes)
	case "last_login":
		u.LastLogin = rec.parseTime(timePath{name: m.name}, m.value, users.AccountTimes)
	case "updated":
		u.Updated = rec.parseTime(timePath{name: m.name}, m.value, users.AccountTimes)
	case "tracking_id":
		u.TrackingID, err = parseText(m.value)
	case "attributes":
		p.parseAttributes(rec, m.value)
	case "foreign_keys":
		parseForeignKeys(rec, m.value)
	case "account_ids":
		u.AccountIDs = parseIDs(rec, m.name, m.value)
	default:
		p.parseItemMember(rec, m)
	}
	if err != nil {
		rec.skipValue(m.name, err)
	}
}

// parseItemMember parses a member that may be inside the user or next to it.
func (p parser) parseItemMember(rec *record, m member) {
	switch m.name {
	case "seq-no":
	case "grants":
		parseGrants(rec, m.value)
	case "extended_profiles", "profiles":
		parseProfiles(rec, m)
	case "stores", "products", "accounts":
		parseTitles(rec, m)
	default:
		if users.IsAdditional(m.name) {
			parseAdditional(rec, m)
			return
		}
		rec.ignored = append(rec.ignored, m.name)
	}
}

// parseAdditional keeps a member of Zephr's users that Egress has no field for.
func parseAdditional(rec *record, m member) {
	if isNull(m.value) {
		return
	}
	compact, err := users.CompactAdditional(m.value)
	if err != nil {
		rec.skipValue(m.name, err)
		return
	}
	if rec.user.Additional == nil {
		rec.user.Additional = map[string]json.RawMessage{}
	}
	rec.user.Additional[m.name] = compact
}

func parseIdentifiers(rec *record, raw []byte) {
	list, bad, err := splitObject(raw)
	if err != nil {
		rec.skipValue("identifiers", err)
	}
	rec.skipMembers("identifiers", bad)
	for _, m := range list {
		var err error
		switch m.name {
		case "email_address":
			rec.user.Identifiers.EmailAddress, err = parseText(m.value)
		case "username":
			rec.user.Identifiers.Username, err = parseText(m.value)
		default:
			rec.ignored = append(rec.ignored, "identifiers."+m.name)
		}
		if err != nil {
			rec.skipValue("identifiers."+m.name, err)
		}
	}
}

func invalidField(field string, err error) error { return errs.Invalid(field, "%s", err) }
