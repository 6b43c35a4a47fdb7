package importer

import (
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// inference finds the types of attributes that no schema describes: a number if every value is a JSON number that can
// be kept, a checkbox if every value is a boolean, a date or a datetime if every value is text that reads as one, else
// text. Null and "" say nothing; where nothing was said it is text. Fields stand in the order of first appearance.
type inference struct {
	known map[string]bool // described already
	order []string
	types map[string]typeSet
}

// typeSet has a bit for every type that all values so far would fit.
type typeSet uint8

const (
	mayNumber typeSet = 1 << iota
	mayCheckbox
	mayDate
	mayDatetime
	hasValue

	mayAny = mayNumber | mayCheckbox | mayDate | mayDatetime
)

func newInference(schema users.Schema) *inference {
	in := &inference{known: make(map[string]bool, len(schema)), types: map[string]typeSet{}}
	for _, f := range schema {
		in.known[f.Slug] = true
	}
	return in
}

// look takes the attributes of one item into account. What is wrong with it is for the import itself to say.
func (in *inference) look(raw []byte) error {
	_, user, err := split(raw)
	if err != nil {
		return nil //nolint:nilerr // the import refuses the item and says why
	}
	for _, m := range user {
		if m.name != "attributes" {
			continue
		}
		list, err := members(m.value)
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		for _, a := range list {
			v, err := scalar(a.value)
			if err != nil || in.known[a.name] || !users.ValidSlug(a.name) {
				continue
			}
			if err := in.value(a.name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *inference) value(slug string, v export.Value) error {
	set, seen := in.types[slug]
	if !seen {
		if len(in.known)+len(in.order) >= users.MaxFields {
			return export.Invalid(users.AttributePath(slug), "is one attribute too many: a schema has at most %d", users.MaxFields)
		}
		in.order = append(in.order, slug)
		set = mayAny
	}
	if v.Kind != export.NoValue && !(v.Kind == export.StringValue && v.Text == "") {
		set = set&fits(v, set) | hasValue
	}
	in.types[slug] = set
	return nil
}

// fits returns those of the candidates that the value fits without loss.
func fits(v export.Value, candidates typeSet) (set typeSet) {
	switch v.Kind {
	case export.NumberValue:
		if candidates&mayNumber != 0 {
			if _, err := users.ParseNumber(v.Text); err == nil {
				set |= mayNumber
			}
		}
	case export.BoolValue:
		set |= mayCheckbox
	case export.StringValue:
		if candidates&mayDate != 0 && isDate(v.Text) {
			set |= mayDate
		}
		if candidates&mayDatetime != 0 && isDatetime(v.Text) {
			set |= mayDatetime
		}
	}
	return set
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isDatetime excludes times finer than the millisecond that the database keeps.
func isDatetime(s string) bool {
	if len(s) <= len(time.DateOnly) {
		return false
	}
	if _, err := users.ParseDate(users.DateTime, s); err != nil {
		return false
	}
	_, fraction, _ := strings.Cut(s, ".")
	return digits(fraction) <= 3
}

func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

// fields returns what was found, to be put behind the schema that is there.
func (in *inference) fields(after users.Schema) users.Schema {
	next := 0
	for _, f := range after {
		next = max(next, f.Order+1)
	}
	found := make(users.Schema, 0, len(in.order))
	for i, slug := range in.order {
		found = append(found, users.Field{Slug: slug, Label: labelOf(slug), Type: in.types[slug].inputType(), Order: next + i})
	}
	return found
}

func (s typeSet) inputType() users.InputType {
	switch {
	case s&hasValue == 0:
		return users.Text
	case s&mayNumber != 0:
		return users.Number
	case s&mayCheckbox != 0:
		return users.Checkbox
	case s&mayDate != 0:
		return users.Date
	case s&mayDatetime != 0:
		return users.DateTime
	default:
		return users.Text
	}
}

// labelOf makes "First name" of "first_name".
func labelOf(slug string) string {
	s := strings.Join(strings.FieldsFunc(slug, func(r rune) bool { return r == '_' || r == '-' }), " ")
	if s == "" {
		return slug
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
