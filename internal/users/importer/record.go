package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// record is what an item gives.
type record struct {
	user     users.User
	stores   []users.Store // titles that the item brings
	products []users.Product
	accounts []users.Account
	ignored  []string // members that nothing is made of, by path
	secrets  int      // values of password fields that were dropped
}

// parser turns items into records, by a schema.
type parser struct {
	fields map[string]users.Field
	store  string // for users without one
}

func newParser(schema users.Schema, store string) parser {
	p := parser{fields: make(map[string]users.Field, len(schema)), store: store}
	for _, f := range schema {
		p.fields[f.Slug] = f
	}
	return p
}

// parse reads an item. The record holds at least the user's id where the item has one; the error is an
// export.CodeInvalid with the field and a reason.
func (p parser) parse(raw []byte) (record, error) {
	rec := record{user: users.User{
		Attributes: map[string]any{}, ForeignKeys: map[string]string{}, ExtendedProfiles: map[string]json.RawMessage{},
		AccountIDs: []string{}, Grants: []users.Grant{},
	}}
	top, user, err := split(raw)
	if err != nil {
		return rec, err
	}
	if err := p.id(&rec, user); err != nil {
		return rec, err
	}
	for _, m := range user {
		if err := p.userMember(&rec, m); err != nil {
			return rec, err
		}
	}
	for _, m := range top {
		if err := p.itemMember(&rec, m); err != nil {
			return rec, err
		}
	}
	u := &rec.user
	if u.StoreID == "" {
		u.StoreID = p.store
	}
	for i := range u.Grants {
		u.Grants[i].UserID = u.ID
		if id := u.Grants[i].AccountID; id != "" && !slices.Contains(u.AccountIDs, id) {
			u.AccountIDs = append(u.AccountIDs, id)
		}
	}
	return rec, nil
}

// split returns the members of an item around its user, and those of the user. A bare user has none around it.
func split(raw []byte) (top, user []member, err error) {
	list, err := members(raw)
	if err != nil {
		return nil, nil, refuse("", err)
	}
	i := slices.IndexFunc(list, func(m member) bool { return m.name == "user" })
	if i < 0 {
		return nil, list, nil
	}
	if user, err = members(list[i].value); err != nil {
		return nil, nil, refuse("user", err)
	}
	return slices.Delete(list, i, i+1), user, nil
}

func (p parser) id(rec *record, user []member) error {
	for _, m := range user {
		if m.name != "user_id" {
			continue
		}
		id, err := ident(m.value)
		if err != nil {
			return refuse("user_id", err)
		}
		rec.user.ID = id
	}
	if rec.user.ID == "" {
		return refuse("user_id", errors.New("is missing"))
	}
	return nil
}

func (p parser) userMember(rec *record, m member) (err error) {
	u := &rec.user
	switch m.name {
	case "user_id":
	case "user_store_id":
		u.StoreID, err = ident(m.value)
	case "identifiers":
		return p.identifiers(rec, m.value)
	case "email_verified":
		u.EmailVerified, err = flag(m.value)
	case "registered":
		u.Registered, err = instant(m.value)
	case "last_login":
		u.LastLogin, err = instant(m.value)
	case "updated":
		u.Updated, err = instant(m.value)
	case "tracking_id":
		u.TrackingID, err = word(m.value)
	case "attributes":
		return p.attributes(rec, m.value)
	case "foreign_keys":
		return foreignKeys(rec, m.value)
	case "account_ids":
		u.AccountIDs, err = idents(m.value)
	default:
		return p.itemMember(rec, m)
	}
	if err != nil {
		return refuse(m.name, err)
	}
	return nil
}

// itemMember reads what stands beside the user, or inside a bare one.
func (p parser) itemMember(rec *record, m member) error {
	switch m.name {
	case "seq-no":
	case "grants":
		return grants(rec, m.value)
	case "extended_profiles", "profiles":
		return profiles(rec, m)
	case "stores", "products", "accounts":
		return labels(rec, m)
	default:
		rec.ignored = append(rec.ignored, m.name)
	}
	return nil
}

func (p parser) identifiers(rec *record, raw []byte) error {
	list, err := members(raw)
	if err != nil {
		return refuse("identifiers", err)
	}
	for _, m := range list {
		switch m.name {
		case "email_address":
			rec.user.Identifiers.EmailAddress, err = word(m.value)
		case "username":
			rec.user.Identifiers.Username, err = word(m.value)
		default:
			rec.ignored = append(rec.ignored, "identifiers."+m.name)
		}
		if err != nil {
			return refuse("identifiers."+m.name, err)
		}
	}
	return nil
}

func (p parser) attributes(rec *record, raw []byte) error {
	list, err := members(raw)
	if err != nil {
		return refuse("attributes", err)
	}
	for _, m := range list {
		if !users.ValidSlug(m.name) {
			return refuse("attributes", errors.New("have a name that is not letters, digits, _ and -: "+strconv.Quote(m.name)))
		}
		path := users.AttributePath(m.name)
		v, err := scalar(m.value)
		if err != nil {
			return refuse(path, err)
		}
		f, known := p.fields[m.name]
		switch {
		case !known:
			return refuse(path, errors.New("is not a field of the schema"))
		case f.Secret():
			if v.Kind != export.NoValue {
				rec.secrets++
			}
			continue
		}
		x, err := users.Coerce(f, v)
		if err != nil {
			return err
		}
		if x != nil {
			rec.user.Attributes[m.name] = x
		}
	}
	return nil
}

func foreignKeys(rec *record, raw []byte) error {
	list, err := members(raw)
	if err != nil {
		return refuse("foreign_keys", err)
	}
	for _, m := range list {
		if !users.ValidSystem(m.name) {
			return refuse("foreign_keys", errors.New("have a system that is not letters, digits, _ and -: "+strconv.Quote(m.name)))
		}
		key, err := word(m.value)
		if err != nil {
			return refuse("foreign_keys."+m.name, err)
		}
		if key != "" {
			rec.user.ForeignKeys[m.name] = key
		}
	}
	return nil
}

// profiles keeps each profile as its own text without the white space between tokens: nothing in it is changed.
func profiles(rec *record, m member) error {
	list, err := members(m.value)
	if err != nil {
		return refuse(m.name, err)
	}
	for _, app := range list {
		if !users.ValidAppID(app.name) {
			return refuse(m.name, errors.New("have an app id that is not letters, digits, _, - and dots: "+strconv.Quote(app.name)))
		}
		if _, twice := rec.user.ExtendedProfiles[app.name]; twice {
			return refuse(m.name+"."+app.name, errors.New("is there twice"))
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, app.value); err != nil {
			return refuse(m.name+"."+app.name, err)
		}
		rec.user.ExtendedProfiles[app.name] = compact.Bytes()
	}
	return nil
}

// instant reads a time: text in any form of a datetime field, or milliseconds since 1970.
func instant(raw []byte) (*time.Time, error) {
	v, err := scalar(raw)
	if err != nil || v.Kind == export.NoValue || v.Kind == export.StringValue && v.Text == "" {
		return nil, err
	}
	if v.Kind == export.NumberValue {
		ms, err := strconv.ParseInt(v.Text, 10, 64)
		const year1, year9999 = -62_135_596_800_000, 253_402_300_799_999
		if err != nil || ms < year1 || ms > year9999 {
			return nil, errors.New("must be a time, or milliseconds since 1970 as a whole number")
		}
		t := time.UnixMilli(ms).UTC()
		return &t, nil
	}
	t, err := users.ParseDate(users.DateTime, v.Text)
	if err != nil {
		return nil, err
	}
	return &t, nil
}

func flag(raw []byte) (bool, error) {
	switch s, err := word(raw); {
	case err != nil:
		return false, err
	case s == "true":
		return true, nil
	case s == "false" || s == "":
		return false, nil
	default:
		return false, errors.New("must be true or false")
	}
}

// ident reads an id; null and "" are none.
func ident(raw []byte) (string, error) {
	id, err := word(raw)
	if err == nil && id != "" && !users.ValidID(id) {
		err = errors.New("must be at most " + strconv.Itoa(users.MaxIDBytes) + " bytes without control characters")
	}
	return id, err
}

func idents(raw []byte) ([]string, error) {
	list, err := elements(raw)
	ids := make([]string, 0, len(list))
	for _, e := range list {
		id, err := ident(e)
		if err != nil {
			return nil, err
		}
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, err
}

func refuse(field string, err error) error { return export.Invalid(field, "%s", err) }
