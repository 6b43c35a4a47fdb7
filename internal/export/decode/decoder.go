package decode

import (
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// decoder decodes the values of a definition or a filter. It keeps the first error, so that its
// methods return values only; after an error, these have no meaning.
type decoder struct {
	err    error
	rules  int // the number of conditions so far, in all groups
	groups int // the number of groups so far
	listed int // the number of values in lists so far
}

// keep keeps err if it is the first error.
func (d *decoder) keep(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *decoder) fail(path, format string, args ...any) {
	d.keep(errs.Invalid(path, format, args...))
}

// object decodes an object with known members only.
func (d *decoder) object(v Value, known ...string) Object {
	o, err := v.Object(known...)
	d.keep(err)
	return o
}

// optional is like object, but a missing or null value is an empty object.
func (d *decoder) optional(v Value, known ...string) Object {
	if v.IsNull() {
		return Object{path: v.path}
	}
	return d.object(v, known...)
}

// array decodes an array, none of whose elements it returns after an error.
func (d *decoder) array(v Value) iter.Seq[Value] {
	items, err := v.Array()
	d.keep(err)
	if d.err != nil {
		return func(func(Value) bool) {}
	}
	return items
}

// flag decodes a boolean; null is false.
func (d *decoder) flag(v Value) bool {
	b, err := v.OptionalFlag()
	d.keep(err)
	return b
}

// text decodes a string of 1 to maxBytes bytes.
func (d *decoder) text(v Value, maxBytes int) string {
	s, err := v.RequiredText(maxBytes)
	d.keep(err)
	return s
}

// name decodes a string of 1 to maxNameBytes bytes without control characters.
func (d *decoder) name(v Value) string {
	s := d.text(v, maxNameBytes)
	if strings.ContainsFunc(s, unicode.IsControl) {
		d.fail(v.path, "must not contain control characters")
	}
	return s
}

// oneOf decodes one of the given words.
func oneOf[T ~string](d *decoder, v Value, words ...T) T {
	s := T(d.text(v, export.MaxValueBytes))
	if d.err == nil && !slices.Contains(words, s) {
		d.fail(v.path, "%q is not one of %s", export.Truncate(string(s)), joinWords(words))
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
func (d *decoder) startTime(v Value) *export.Time {
	t, _ := d.time(v)
	return t
}

// endTime decodes a time, a bare date as the last millisecond of that day; null is nil.
func (d *decoder) endTime(v Value) *export.Time {
	t, dateOnly := d.time(v)
	if t != nil && dateOnly {
		last := export.NewTime(t.AddDate(0, 0, 1).Add(-time.Millisecond))
		return &last
	}
	return t
}

func (d *decoder) time(v Value) (moment *export.Time, dateOnly bool) {
	if v.IsNull() {
		return nil, false
	}
	s := d.text(v, export.MaxValueBytes)
	if d.err != nil {
		return nil, false
	}
	parsed, dateOnly, err := export.ParseTime(s)
	if err != nil {
		d.fail(v.path, "%s", err)
		return nil, false
	}
	if y := parsed.Year(); y < 1 || y > 9999 { // possible with an offset
		d.fail(v.path, "is outside the years 1 to 9999 in UTC")
		return nil, false
	}
	t := export.NewTime(parsed)
	return &t, dateOnly
}
