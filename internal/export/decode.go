package export

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
)

// The largest names that a definition may carry, in bytes.
const (
	maxNameBytes = 512  // a store's id, an app id, a field
	maxAppIDs    = 1000 // app ids named in one definition
)

// Decode reads a definition from JSON, strictly: an unknown member, a member that stands twice, a wrong type, a value
// that is too long, text that is not Unicode or anything after the object is refused. Every error is an *Error with
// CodeInvalid whose Field is the JSON path ("users.filter.rules[2].operator"; empty for the body as a whole).
//
// What is left out, or null, is filled in: no condition, "all" user stores and app ids, dialect rfc4180, compression
// none. extendedProfiles may also be true, for all app ids, and false, for none. A bare date in stateEvents.to is that
// whole UTC day. Whether fields, stores and values exist in a tenant is decided by the filter package, not here.
func Decode(body []byte) (Definition, error) {
	root, err := parseJSON(body, "")
	if err != nil {
		return Definition{}, err
	}
	d := &decoder{}
	def := d.definition(root)
	if d.err != nil {
		return Definition{}, d.err
	}
	return def, nil
}

// DecodeRule reads a filter alone, as strictly as Decode. Path names the parameter that it came in; errors begin with
// it. A filter that is null is nil.
func DecodeRule(body []byte, path string) (*Rule, error) {
	root, err := parseJSON(body, path)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	rule := d.filter(root)
	if d.err != nil {
		return nil, d.err
	}
	return rule, nil
}

// decoder walks a parsed body and keeps the first thing that is wrong; after that its methods return zero values.
type decoder struct {
	err    *Error
	rules  int // conditions met so far, in all groups
	groups int
}

func (d *decoder) fail(path, format string, args ...any) {
	if d.err == nil {
		d.err = Invalid(path, format, args...)
	}
}

func (d *decoder) definition(n node) Definition {
	m := d.object(n, "include", "users", "stateEvents", "file")
	def := Definition{
		Include:     d.include(m.get("include"), !m.get("stateEvents").isNull()),
		Users:       d.selection(m.get("users")),
		StateEvents: d.stateEvents(m.get("stateEvents")),
		File:        d.file(m.get("file")),
	}
	if d.err == nil && !def.HasUsersFile() && def.StateEvents == nil {
		d.fail("include", "choose at least one of attributes, extendedProfiles, foreignKeys and grants, or ask for stateEvents")
	}
	return def
}

// include decodes what the users file has; state events alone need not say that it has nothing.
func (d *decoder) include(n node, optional bool) Include {
	if n.isNull() {
		if !optional {
			d.fail(n.path, "is missing: say what to include")
		}
		return Include{}
	}
	m := d.object(n, "attributes", "extendedProfiles", "foreignKeys", "grants")
	return Include{
		Attributes:       d.flag(m.get("attributes")),
		ExtendedProfiles: d.profiles(m.get("extendedProfiles")),
		ForeignKeys:      d.flag(m.get("foreignKeys")),
		Grants:           d.flag(m.get("grants")),
	}
}

func (d *decoder) profiles(n node) *Profiles {
	if n.kind == boolNode || n.isNull() {
		if !n.flag {
			return nil
		}
		return &Profiles{AppIDs: []string{All}}
	}
	m := d.object(n, "appIds", "onlyMatching")
	return &Profiles{AppIDs: d.appIDs(m.get("appIds")), OnlyMatching: d.flag(m.get("onlyMatching"))}
}

func (d *decoder) appIDs(n node) []string {
	if n.isNull() {
		return []string{All}
	}
	items := d.array(n)
	if len(items) == 0 {
		d.fail(n.path, `is empty: name app ids, or say ["all"]`)
	}
	if len(items) > maxAppIDs {
		d.fail(n.path, "names more than %d app ids", maxAppIDs)
	}
	ids := make([]string, 0, min(len(items), maxAppIDs))
	for _, item := range items {
		if d.err != nil {
			return nil
		}
		id := d.name(item)
		if strings.TrimSpace(id) != id {
			d.fail(item.path, "begins or ends with a space")
		}
		ids = append(ids, id)
	}
	if slices.Contains(ids, All) {
		return []string{All}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (d *decoder) selection(n node) Selection {
	m := d.optional(n, "userStoreId", "filter", "search", "since", "registeredSince", "registeredBefore")
	s := Selection{UserStoreID: All}
	if store := m.get("userStoreId"); !store.isNull() {
		s.UserStoreID = d.name(store)
	}
	s.Filter = d.filter(m.get("filter"))
	s.Search = d.search(m.get("search"))
	s.Since = d.instant(m.get("since"))
	s.RegisteredSince = d.instant(m.get("registeredSince"))
	s.RegisteredBefore = d.instant(m.get("registeredBefore"))
	if s.RegisteredSince != nil && s.RegisteredBefore != nil && s.RegisteredBefore.Before(s.RegisteredSince.Time) {
		d.fail(m.path("registeredBefore"), "is earlier than registeredSince")
	}
	return s
}

// search reads what to search for; null and blank text are nothing.
func (d *decoder) search(n node) string {
	if n.isNull() {
		return ""
	}
	if n.kind != stringNode {
		d.fail(n.path, "must be a string")
		return ""
	}
	text, err := CheckSearch(n.text, n.path)
	if e, ok := errors.AsType[*Error](err); ok && d.err == nil {
		d.err = e
	}
	return text
}

func (d *decoder) stateEvents(n node) *StateEvents {
	if n.isNull() {
		return nil
	}
	m := d.object(n, "from", "to")
	e := &StateEvents{From: d.instant(m.get("from")), To: d.lastInstant(m.get("to"))}
	if e.From != nil && e.To != nil && e.To.Before(e.From.Time) {
		d.fail(m.path("to"), "is earlier than from")
	}
	return e
}

func (d *decoder) file(n node) FileFormat {
	m := d.optional(n, "dialect", "compression")
	f := FileFormat{Dialect: DialectRFC4180, Compression: CompressionNone}
	if v := m.get("dialect"); !v.isNull() {
		f.Dialect = oneOf(d, v, DialectRFC4180, DialectSpreadsheet)
	}
	if v := m.get("compression"); !v.isNull() {
		f.Compression = oneOf(d, v, CompressionNone, CompressionGzip, CompressionZstd)
	}
	return f
}

// flag reads a boolean; null is false.
func (d *decoder) flag(n node) bool {
	if n.kind != boolNode && !n.isNull() {
		d.fail(n.path, "must be true or false")
	}
	return n.flag
}

// text reads a string of at most limit bytes.
func (d *decoder) text(n node, limit int) string {
	if n.kind != stringNode {
		d.fail(n.path, "must be a string")
		return ""
	}
	if len(n.text) > limit {
		d.fail(n.path, "is longer than %d bytes", limit)
		return ""
	}
	return n.text
}

// name reads a string that is neither empty nor long and can stand in a path of the database.
func (d *decoder) name(n node) string {
	s := d.text(n, maxNameBytes)
	if s == "" {
		d.fail(n.path, "must not be empty")
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		d.fail(n.path, "must not hold control characters")
	}
	return s
}

// oneOf reads one of a few words.
func oneOf[T ~string](d *decoder, n node, words ...T) T {
	s := T(d.text(n, MaxValueBytes))
	if d.err == nil && !slices.Contains(words, s) {
		d.fail(n.path, "%q is not one of %s", clip(string(s)), list(words))
	}
	return s
}

func list[T ~string](words []T) string {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return strings.Join(s, ", ")
}

// instant reads a time, a bare date as the start of that day; null is nil.
func (d *decoder) instant(n node) *Time {
	t, _ := d.moment(n)
	return t
}

// lastInstant reads a time, a bare date as the last millisecond of that day; null is nil.
func (d *decoder) lastInstant(n node) *Time {
	t, dateOnly := d.moment(n)
	if t != nil && dateOnly {
		last := NewTime(t.AddDate(0, 0, 1).Add(-time.Millisecond))
		return &last
	}
	return t
}

func (d *decoder) moment(n node) (moment *Time, dateOnly bool) {
	if n.isNull() {
		return nil, false
	}
	s := d.text(n, MaxValueBytes)
	if d.err != nil {
		return nil, false
	}
	t, dateOnly, err := ParseTime(s)
	if err != nil {
		d.fail(n.path, "%s", err)
		return nil, false
	}
	if y := t.Year(); y < 1 || y > 9999 { // an offset can carry a time over the border
		d.fail(n.path, "is not between the years 1 and 9999 in UTC")
		return nil, false
	}
	v := NewTime(t)
	return &v, dateOnly
}
