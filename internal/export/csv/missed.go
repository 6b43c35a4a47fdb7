package csv

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// What is remembered of values that have no column. A store with a million odd names must not fill the memory or the receipt.
const (
	maxMissedNames = 50
	maxMissedBytes = 100 // of a name, as shown
)

// missed counts values that are not in the file as they are stored.
type missed struct {
	counts map[string]*int64 // by path
	others int64             // values under further names
	text   int64             // text values that were not UTF-8
	key    []byte            // scratch
}

// miss counts a value called name in group, "" for a field of the user itself.
func miss[T string | []byte](m *missed, group export.ColumnSource, name T) {
	m.key = m.key[:0]
	if group != "" {
		m.key = append(append(m.key, group...), '.')
	}
	m.key = append(m.key, name...)
	if n, ok := m.counts[string(m.key)]; ok {
		*n++
		return
	}
	if len(m.counts) == maxMissedNames {
		m.others++
		return
	}
	if m.counts == nil {
		m.counts = map[string]*int64{}
	}
	n := int64(1)
	m.counts[string(m.key)] = &n
}

// Warnings tells what of the encoded users is not in the file as it is stored, sorted by name: CodeNoColumn for each
// name whose values have no column, CodeInvalidText where text was not UTF-8.
func (e *Encoder) Warnings() []export.Warning {
	var all []export.Warning
	for _, path := range slices.Sorted(maps.Keys(e.missed.counts)) {
		n := *e.missed.counts[path]
		name := shown(path)
		all = append(all, export.Warning{
			Code: CodeNoColumn, Field: name, Count: n,
			Message: fmt.Sprintf("%s has no column: %s not in the file.", name, export.Counted(n, "value is", "values are")),
		})
	}
	if n := e.missed.others; n > 0 {
		all = append(all, export.Warning{
			Code: CodeNoColumn, Count: n,
			Message: fmt.Sprintf("Further names have no column: %s not in the file.", export.Counted(n, "value is", "values are")),
		})
	}
	if n := e.missed.text; n > 0 {
		all = append(all, export.Warning{
			Code: CodeInvalidText, Count: n,
			Message: fmt.Sprintf("%s not valid UTF-8: the bytes in question were replaced by U+FFFD.", export.Counted(n, "text was", "texts were")),
		})
	}
	return all
}

// The codes of warnings.
const (
	CodeNoColumn    = "no_column"
	CodeInvalidText = "invalid_text"
)

// shown makes a stored path fit to be read: app ids unescaped, valid UTF-8 without control characters, bounded.
func shown(path string) string {
	if app, ok := strings.CutPrefix(path, string(export.FromProfile)+"."); ok {
		path = string(export.FromProfile) + "." + users.UnescapeAppID(app)
	}
	path = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(path, "\uFFFD"))
	if len(path) > maxMissedBytes {
		path = strings.ToValidUTF8(path[:maxMissedBytes], "") + "…"
	}
	return path
}
