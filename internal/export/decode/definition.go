package decode

import (
	"math"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/export"
)

// The limits of a definition.
const (
	maxNameBytes = 512  // bytes of a store id, an app id or a field
	maxAppIDs    = 1000 // app ids in a definition
)

// Definition decodes a definition from JSON. Every error is an *errs.Error with CodeInvalidRequest
// whose Field is the JSON path ("users.filter.rules[2].operator"; empty for the body as a whole).
//
// A member that is missing or null gets its default: no condition, "all" user stores and app ids,
// dialect rfc4180, compression none. extendedProfiles may also be true, for all app ids, or false,
// for none. A bare date in stateEvents.to means the end of that UTC day. The filter package checks
// that fields, stores and values exist in a tenant.
func Definition(body []byte) (export.Definition, error) {
	root, err := Parse(body, "")
	if err != nil {
		return export.Definition{}, err
	}
	d := &decoder{}
	def := d.definition(root)
	if d.err != nil {
		return export.Definition{}, d.err
	}
	return def, nil
}

func (d *decoder) definition(v Value) export.Definition {
	o := d.object(v, "include", "users", "stateEvents", "file")
	def := export.Definition{
		Include:     d.include(o.Get("include"), !o.Get("stateEvents").IsNull()),
		Users:       d.selection(o.Get("users")),
		StateEvents: d.stateEvents(o.Get("stateEvents")),
		File:        d.file(o.Get("file")),
	}
	if d.err == nil && !def.HasUsersFile() && def.StateEvents == nil {
		d.fail("include", "must include at least one of attributes, extendedProfiles, foreignKeys and grants, unless stateEvents is set")
	}
	return def
}

// include decodes the columns of the users file. It is optional if the definition has state events.
func (d *decoder) include(v Value, optional bool) export.Include {
	if optional && v.IsNull() {
		return export.Include{}
	}
	o := d.object(v, "attributes", "extendedProfiles", "foreignKeys", "grants")
	return export.Include{
		Attributes:       d.flag(o.Get("attributes")),
		ExtendedProfiles: d.profiles(o.Get("extendedProfiles")),
		ForeignKeys:      d.flag(o.Get("foreignKeys")),
		Grants:           d.flag(o.Get("grants")),
	}
}

func (d *decoder) profiles(v Value) *export.Profiles {
	if v.IsNull() || v.is('f') {
		return nil
	}
	if v.is('t') {
		return &export.Profiles{AppIDs: []string{export.All}}
	}
	o := d.object(v, "appIds", "onlyMatching")
	return &export.Profiles{AppIDs: d.appIDs(o.Get("appIds")), OnlyMatching: d.flag(o.Get("onlyMatching"))}
}

func (d *decoder) appIDs(v Value) []string {
	if v.IsNull() {
		return []string{export.All}
	}
	var ids []string
	for item := range d.array(v) {
		if len(ids) == maxAppIDs {
			d.fail(v.path, "has more than %d app ids", maxAppIDs)
		}
		id := d.name(item)
		if strings.TrimSpace(id) != id {
			d.fail(item.path, "begins or ends with a space")
		}
		if d.err != nil {
			return nil
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		d.fail(v.path, `is empty; list app ids, or use ["all"]`)
	}
	if slices.Contains(ids, export.All) {
		return []string{export.All}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (d *decoder) selection(v Value) export.Selection {
	o := d.optional(v, "userStoreId", "filter", "search", "since", "registeredSince", "registeredBefore")
	s := export.Selection{UserStoreID: export.All}
	if store := o.Get("userStoreId"); !store.IsNull() {
		s.UserStoreID = d.name(store)
	}
	s.Filter = d.filter(o.Get("filter"))
	s.Search = d.search(o.Get("search"))
	s.Since = d.startTime(o.Get("since"))
	s.RegisteredSince = d.startTime(o.Get("registeredSince"))
	s.RegisteredBefore = d.startTime(o.Get("registeredBefore"))
	if s.RegisteredSince != nil && s.RegisteredBefore != nil && s.RegisteredBefore.Before(s.RegisteredSince.Time) {
		d.fail(o.join("registeredBefore"), "is earlier than registeredSince")
	}
	return s
}

// search decodes the search text. Null and blank text mean no search.
func (d *decoder) search(v Value) string {
	text, err := v.Text(math.MaxInt) // CheckSearch limits it without surrounding white space
	if err == nil {
		text, err = export.CheckSearch(text, v.path)
	}
	d.keep(err)
	return text
}

func (d *decoder) stateEvents(v Value) *export.StateEvents {
	if v.IsNull() {
		return nil
	}
	o := d.object(v, "from", "to")
	e := &export.StateEvents{From: d.startTime(o.Get("from")), To: d.endTime(o.Get("to"))}
	if e.From != nil && e.To != nil && e.To.Before(e.From.Time) {
		d.fail(o.join("to"), "is earlier than from")
	}
	return e
}

func (d *decoder) file(v Value) export.FileFormat {
	o := d.optional(v, "dialect", "compression")
	f := export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone}
	if v := o.Get("dialect"); !v.IsNull() {
		f.Dialect = oneOf(d, v, export.DialectRFC4180, export.DialectSpreadsheet)
	}
	if v := o.Get("compression"); !v.IsNull() {
		f.Compression = oneOf(d, v, export.CompressionNone, export.CompressionGzip, export.CompressionZstd)
	}
	return f
}
