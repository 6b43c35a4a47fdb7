package importer

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// inference infers the types of attributes that have no field in the schema:
//
//   - number if every value is a JSON number that users.ParseNumber accepts;
//   - checkbox if every value is a boolean;
//   - date if every value is text with a date;
//   - datetime if every value is text with a time or a date;
//   - text otherwise, and if the attribute has no value at all.
//
// Null and "" are not values. New fields have the order of their first appearance. For existing
// fields, inference determines whether their types must be widened (widen.go).
type inference struct {
	fieldIndex

	extend   bool                       // add fields for new attributes, and widen any field
	mayWiden bool                       // the schema has fields that may be widened
	newNames []string                   // names of attributes without a field, in order of appearance
	types    map[string]typeSet         // by name of an attribute without a field
	widened  map[string]users.InputType // new types, by slug
}

// typeSet is a set of types that fit all values so far. hasValue is set after the first value.
type typeSet uint8

const (
	fitsNumber typeSet = 1 << iota
	fitsCheckbox
	fitsDate
	fitsDatetime
	hasValue

	fitsAny = fitsNumber | fitsCheckbox | fitsDate | fitsDatetime
)

func newInference(schema users.Schema, extend bool) *inference {
	mayWiden := slices.ContainsFunc(schema, func(f users.Field) bool { return f.Inferred && f.Kind() != users.TextKind })
	return &inference{
		fieldIndex: newFieldIndex(schema), extend: extend, mayWiden: mayWiden, types: map[string]typeSet{}, widened: map[string]users.InputType{},
	}
}

// addItem adds the attributes of one item. It ignores invalid values: the later passes report them.
func (in *inference) addItem(raw []byte) error {
	if !in.extend && !in.mayWiden {
		return nil
	}
	_, user, _, err := splitItem(raw)
	if err != nil {
		return nil //nolint:nilerr // a later pass refuses the item with its reason
	}
	for _, m := range user {
		if m.name != "attributes" {
			continue
		}
		list, _, err := splitObject(m.value)
		if err != nil {
			return nil //nolint:nilerr // a later pass skips the attributes with the reason
		}
		for _, a := range list {
			if err := in.addAttribute(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *inference) addAttribute(a member) error {
	if in.types[a.name] == hasValue {
		return nil // it is text, whatever follows
	}
	v, err := parseAttributeValue(a.value)
	if err != nil {
		return nil //nolint:nilerr // a later pass skips the value with its reason
	}
	switch f, known := in.find(a.name); {
	case known:
		in.widenField(f, v)
	case in.extend && checkName(a.name) == nil:
		return in.addValue(norm.NFC.String(a.name), v)
	}
	return nil
}

func (in *inference) addValue(name string, v attributeValue) error {
	set, seen := in.types[name]
	if !seen {
		if len(in.fields)+len(in.newNames) >= users.MaxFields {
			return errs.Invalid(users.AttributePath(sanitize(name)), "exceeds the limit of %d attributes in a schema", users.MaxFields)
		}
		in.newNames = append(in.newNames, name)
		set = fitsAny
	}
	if !v.isAbsent() {
		set = set&fittingTypes(v, set) | hasValue
	}
	in.types[name] = set
	return nil
}

// fittingTypes returns the candidates that store the value without loss.
func fittingTypes(v attributeValue, candidates typeSet) (set typeSet) {
	switch {
	case v.isJSON:
	case v.Kind == export.NumberValue:
		if candidates&fitsNumber != 0 {
			if _, err := users.ParseNumber(v.Text); err == nil {
				set |= fitsNumber
			}
		}
	case v.Kind == export.BoolValue:
		set |= fitsCheckbox
	case candidates&(fitsDate|fitsDatetime) != 0:
		return timeTypes(v.Text)
	}
	return set
}

// timeTypes returns the date types that fit the text. Times with a precision finer than the
// millisecond fit none, since the database stores milliseconds.
func timeTypes(s string) typeSet {
	in, err := export.ParseInstant(s)
	bare := len(s) <= len(time.DateOnly)
	switch {
	case err != nil && err != export.ErrZeroDate: //nolint:errorlint // it is never wrapped
		return 0
	case err == nil && !in.Time.Equal(in.Time.Truncate(time.Millisecond)):
		return 0
	case bare:
		return fitsDate | fitsDatetime
	default:
		return fitsDatetime
	}
}

// newFields returns the fields to append to the schema for attributes without a field.
func (in *inference) newFields(schema users.Schema) users.Schema {
	next := 0
	for _, f := range schema {
		next = max(next, f.Order+1)
	}
	// taken counts the names that want a slug: 2 for a name that is the slug itself, which always
	// wins.
	taken := make(map[string]int, len(in.fields)+len(in.newNames))
	for slug := range in.fields {
		taken[slug] += 2
	}
	for _, name := range in.newNames {
		plain, lossy := plainName(name, false)
		switch {
		case users.ValidSlug(name):
			taken[name] += 2
		case !lossy:
			taken[plain]++
		}
	}
	list := make(users.Schema, 0, len(in.newNames))
	for i, name := range in.newNames {
		f := users.Field{Slug: name, Label: labelOf(name), Type: in.types[name].inputType(), Order: next + i, Inferred: true}
		if !users.ValidSlug(name) {
			f.Label = name
			plain, lossy := plainName(name, false)
			if f.Slug = plain; lossy || taken[plain] > 1 {
				f.Slug = hashedName(name, fallbackSlug, false)
			}
		}
		list = append(list, f)
	}
	return list
}

func (s typeSet) inputType() users.InputType {
	switch {
	case s&hasValue == 0:
		return users.Text
	case s&fitsNumber != 0:
		return users.Number
	case s&fitsCheckbox != 0:
		return users.Checkbox
	case s&fitsDate != 0:
		return users.Date
	case s&fitsDatetime != 0:
		return users.DateTime
	default:
		return users.Text
	}
}

// labelOf returns a label for a slug: "First name" for "first_name".
func labelOf(slug string) string {
	s := strings.Join(strings.FieldsFunc(slug, func(r rune) bool { return r == '_' || r == '-' }), " ")
	if s == "" {
		return slug
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
