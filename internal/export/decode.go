package export

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/egress-io/egress/internal/errs"
)

// The limits of a definition.
const (
	maxNameBytes = 512  // bytes of a store id, an app id or a field
	maxAppIDs    = 1000 // app ids in a definition
)

// Decode decodes a definition from JSON. It is strict: it refuses unknown members, repeated
// members, wrong types, values that are too long, invalid Unicode and trailing data. Every error is
// an *errs.Error with CodeInvalidRequest whose Field is the JSON path ("users.filter.rules[2].operator";
// empty for the body as a whole).
//
// A member that is missing or null gets its default: no condition, "all" user stores and app ids,
// dialect rfc4180, compression none. extendedProfiles may also be true, for all app ids, or false,
// for none. A bare date in stateEvents.to means the end of that UTC day. The filter package checks
// that fields, stores and values exist in a tenant.
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

// DecodeRule decodes a filter from JSON, as strictly as Decode. The Field of an error begins with
// path, the name of the request parameter. A null filter is nil.
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

// decoder converts a parsed body. It keeps the first error; after an error, its methods return zero
// values.
type decoder struct {
	err    *errs.Error
	rules  int // the number of conditions so far, in all groups
	groups int // the number of groups so far
}

func (d *decoder) fail(path, format string, args ...any) {
	if d.err == nil {
		d.err = errs.Invalid(path, format, args...)
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
		d.fail("include", "must include at least one of attributes, extendedProfiles, foreignKeys and grants, unless stateEvents is set")
	}
	return def
}

// include decodes the columns of the users file. It is optional if the definition has state events.
func (d *decoder) include(n node, optional bool) Include {
	if n.isNull() {
		if !optional {
			d.fail(n.path, "is missing")
		}
		return Include{}
	}
	m := d.object(n, "attributes", "extendedProfiles", "foreignKeys", "grants")
	return Include{
		Attributes:       d.boolean(m.get("attributes")),
		ExtendedProfiles: d.profiles(m.get("extendedProfiles")),
		ForeignKeys:      d.boolean(m.get("foreignKeys")),
		Grants:           d.boolean(m.get("grants")),
	}
}

func (d *decoder) profiles(n node) *Profiles {
	if n.kind == boolNode || n.isNull() {
		if !n.boolean {
			return nil
		}
		return &Profiles{AppIDs: []string{All}}
	}
	m := d.object(n, "appIds", "onlyMatching")
	return &Profiles{AppIDs: d.appIDs(m.get("appIds")), OnlyMatching: d.boolean(m.get("onlyMatching"))}
}

func (d *decoder) appIDs(n node) []string {
	if n.isNull() {
		return []string{All}
	}
	items := d.array(n)
	if len(items) == 0 {
		d.fail(n.path, `is empty; list app ids, or use ["all"]`)
	}
	if len(items) > maxAppIDs {
		d.fail(n.path, "has more than %d app ids", maxAppIDs)
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
	s.Since = d.startTime(m.get("since"))
	s.RegisteredSince = d.startTime(m.get("registeredSince"))
	s.RegisteredBefore = d.startTime(m.get("registeredBefore"))
	if s.RegisteredSince != nil && s.RegisteredBefore != nil && s.RegisteredBefore.Before(s.RegisteredSince.Time) {
		d.fail(m.path("registeredBefore"), "is earlier than registeredSince")
	}
	return s
}

// search decodes the search text. Null and blank text mean no search.
func (d *decoder) search(n node) string {
	if n.isNull() {
		return ""
	}
	if n.kind != stringNode {
		d.fail(n.path, "must be a string")
		return ""
	}
	text, err := CheckSearch(n.text, n.path)
	if e, ok := errors.AsType[*errs.Error](err); ok && d.err == nil {
		d.err = e
	}
	return text
}

func (d *decoder) stateEvents(n node) *StateEvents {
	if n.isNull() {
		return nil
	}
	m := d.object(n, "from", "to")
	e := &StateEvents{From: d.startTime(m.get("from")), To: d.endTime(m.get("to"))}
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

// boolean decodes a boolean; null is false.
func (d *decoder) boolean(n node) bool {
	if n.kind != boolNode && !n.isNull() {
		d.fail(n.path, "must be true or false")
	}
	return n.boolean
}

// text decodes a string of at most limit bytes.
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

// name decodes a non-empty string of at most maxNameBytes without control characters.
func (d *decoder) name(n node) string {
	s := d.text(n, maxNameBytes)
	if s == "" {
		d.fail(n.path, "must not be empty")
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		d.fail(n.path, "must not contain control characters")
	}
	return s
}

// oneOf decodes one of the given words.
func oneOf[T ~string](d *decoder, n node, words ...T) T {
	s := T(d.text(n, MaxValueBytes))
	if d.err == nil && !slices.Contains(words, s) {
		d.fail(n.path, "%q is not one of %s", truncate(string(s)), joinWords(words))
	}
	return s
}

func joinWords[T ~string](words []T) string {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return strings.Join(s, ", ")
}

// startTime decodes a time, a bare date as the start of that day; null is nil.
func (d *decoder) startTime(n node) *Time {
	t, _ := d.parseTime(n)
	return t
}

// endTime decodes a time, a bare date as the last millisecond of that day; null is nil.
func (d *decoder) endTime(n node) *Time {
	t, dateOnly := d.parseTime(n)
	if t != nil && dateOnly {
		last := NewTime(t.AddDate(0, 0, 1).Add(-time.Millisecond))
		return &last
	}
	return t
}

func (d *decoder) parseTime(n node) (moment *Time, dateOnly bool) {
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
	if y := t.Year(); y < 1 || y > 9999 { // possible with an offset
		d.fail(n.path, "is outside the years 1 to 9999 in UTC")
		return nil, false
	}
	v := NewTime(t)
	return &v, dateOnly
}
