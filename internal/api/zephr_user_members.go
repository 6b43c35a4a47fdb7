package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// userMemberNames are the members of a user that programs may write.
var userMemberNames = append([]string{
	"user_id", "identifiers", "validators", "attributes", "foreign_keys", "user_store_id", "email_verified", "registered", "last_login", "tracking_id",
}, users.AdditionalMembers...)

// emailVerified is a member of a user, which clients of Zephr also write as an attribute.
const emailVerified = "email_verified"

// userMembers are the members of a user in a request.
type userMembers struct {
	values map[string]any // by path in documents; nil: null
	secret bool           // the request contains a password
}

// decodeUserMembers decodes the members of a user except user_id.
func (h *zephrChangeHandlers) decodeUserMembers(c *fiber.Ctx, body decode.Object) (m userMembers, err error) {
	m.values = map[string]any{}
	for name, v := range body.All() {
		switch name {
		case "user_id", "attributes", emailVerified:
		case "validators":
			m.secret = !v.IsNull()
		case "identifiers":
			err = m.addIdentifiers(v)
		case "foreign_keys":
			err = m.addForeignKeys(v)
		case "user_store_id":
			err = h.addStore(c, m, v)
		case "registered", "last_login":
			err = m.addTime(name, v)
		case "tracking_id":
			m.values[name], err = decodeWord(v, users.MaxIDBytes)
		default:
			err = m.addAdditional(name, v)
		}
		if err != nil {
			return m, err
		}
	}
	if err := h.addAttributes(c, m, body.Get("attributes")); err != nil { // of a new user some may be required
		return m, err
	}
	// The member counts more than the attribute of the same name.
	v := body.Get(emailVerified)
	if _, given := m.values[emailVerified]; !v.Missing() && !(given && v.IsNull()) {
		m.values[emailVerified], err = v.OptionalFlag()
	}
	return m, err
}

func (m userMembers) addIdentifiers(v decode.Value) error {
	identifiers, err := v.Object("email_address", "username")
	if err != nil {
		return err
	}
	if email := identifiers.Get("email_address"); !email.Missing() {
		if m.values[filter.EmailAddress], err = decodeEmail(email); err != nil {
			return err
		}
	}
	if username := identifiers.Get("username"); !username.Missing() {
		m.values[filter.Username], err = decodeWord(username, maxEmail)
	}
	return err
}

func (h *zephrChangeHandlers) addAttributes(c *fiber.Ctx, m userMembers, v decode.Value) error {
	attributes, err := h.decodeAttributes(c, v, emailVerified)
	if err != nil {
		return err
	}
	for slug, value := range attributes {
		if verified, raw := value.(decode.Value); raw {
			if m.values[slug], err = verified.OptionalFlag(); err != nil {
				return err
			}
			continue
		}
		m.values[users.AttributePath(slug)] = value
	}
	return nil
}

func (m userMembers) addForeignKeys(v decode.Value) error {
	if v.IsNull() {
		return nil
	}
	keys, err := decodeForeignKeys(v)
	for system, key := range keys {
		m.values[users.ForeignKeyPath(system)] = key
	}
	return err
}

// addStore adds the user store, which must exist. null is no change.
func (h *zephrChangeHandlers) addStore(c *fiber.Ctx, m userMembers, v decode.Value) error {
	id, err := v.Text(maxStoreID)
	if err != nil || id == "" {
		return err
	}
	m.values["user_store_id"] = id
	return checkStore(c, h.directory, v.Path(), id)
}

func (m userMembers) addTime(name string, v decode.Value) error {
	at, err := decodeTime(v, users.AccountTimes)
	if m.values[name] = nil; at != nil {
		m.values[name] = *at
	}
	return err
}

func (m userMembers) addAdditional(name string, v decode.Value) error {
	path := users.AdditionalPath(name)
	if m.values[path] = nil; v.IsNull() {
		return nil
	}
	compact, err := users.CompactAdditional(v.Raw())
	if err != nil {
		return errs.Invalid(v.Path(), "%s", err)
	}
	m.values[path] = string(compact)
	return nil
}

// decodeEmail returns an e-mail address as written, nil for null and "". It accepts addresses that
// only some mail servers accept: users may have them.
func decodeEmail(v decode.Value) (any, error) {
	email, err := v.Text(maxEmail)
	if err != nil || email == "" {
		return nil, err
	}
	at := strings.LastIndexByte(email, '@')
	invisible := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if at < 1 || at == len(email)-1 || strings.ContainsFunc(email, invisible) {
		return nil, errs.Invalid(v.Path(), "must be an email address: a name, @ and a domain, without white space")
	}
	return email, nil
}

// decodeWord returns text without control characters, nil for null and "".
func decodeWord(v decode.Value, maxBytes int) (any, error) {
	text, err := v.Text(maxBytes)
	if err != nil || text == "" {
		return nil, err
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return nil, errs.Invalid(v.Path(), "must not contain control characters")
	}
	return text, nil
}

// decodeTime returns a time in one of the forms of users.ParseTime, nil for null and "".
func decodeTime(v decode.Value, years users.TimeRange) (*time.Time, error) {
	scalar, err := v.Scalar()
	if err != nil {
		return nil, err
	}
	at, err := users.ParseTime(scalar, years)
	if err != nil {
		return nil, errs.Invalid(v.Path(), "%s", err)
	}
	return at, nil
}

// requiredID returns an id of a user or of something that a grant names.
func requiredID(v decode.Value) (string, error) {
	id, err := v.RequiredText(users.MaxIDBytes)
	if err == nil && !users.ValidID(id) {
		err = errs.Invalid(v.Path(), "must not be empty or contain control characters")
	}
	return id, err
}

// newUser returns a new user with the members.
func (m userMembers) newUser(now time.Time) users.User {
	u := users.User{
		ID: ulid.Make().String(), Registered: &now, Updated: &now,
		Attributes: map[string]any{}, ForeignKeys: map[string]string{}, Additional: map[string]json.RawMessage{},
	}
	for path, value := range m.values {
		if value == nil {
			continue
		}
		text, _ := value.(string)
		at, _ := value.(time.Time)
		switch group, key, _ := strings.Cut(path, "."); group {
		case "identifiers":
			if path == filter.EmailAddress {
				u.Identifiers.EmailAddress = text
			} else {
				u.Identifiers.Username = text
			}
		case "attributes":
			u.Attributes[key] = value
		case "foreign_keys":
			u.ForeignKeys[key] = text
		case users.AdditionalKey:
			u.Additional[key] = json.RawMessage(text)
		case "user_store_id":
			u.StoreID = text
		case "tracking_id":
			u.TrackingID = text
		case emailVerified:
			u.EmailVerified, _ = value.(bool)
		case "registered":
			u.Registered = &at
		case "last_login":
			u.LastLogin = &at
		}
	}
	return u
}

// groups returns the names of the members, of additional ones their own names.
func (m userMembers) groups() map[string]bool {
	names := map[string]bool{}
	for path := range m.values {
		group, key, _ := strings.Cut(path, ".")
		if group == users.AdditionalKey {
			group = key
		}
		names[group] = true
	}
	return names
}

// note returns the sentences about what Egress only keeps, or does not store.
func (m userMembers) note() (note string) {
	var kept []string
	for _, name := range slices.Sorted(maps.Keys(m.groups())) {
		if users.IsAdditional(name) && m.values[users.AdditionalPath(name)] != nil {
			kept = append(kept, name)
		}
	}
	if len(kept) > 0 {
		note = " Egress has no field for " + strings.Join(kept, ", ") + ": kept as given, and not exported."
	}
	if m.secret {
		note += " Egress does not store the passwords of users: validators were not stored."
	}
	return note
}
