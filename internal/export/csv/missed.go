package csv

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// maxMissedBytes bounds a name as it is shown.
const maxMissedBytes = 100

// maxMissedNames is how many names an encoder remembers. It is more than a receipt tells apart.
const maxMissedNames = 1000

// Miss is a value that is not in the file as it is stored, or several of one user.
type Miss struct {
	Path  string // where it is stored; "" where Count is of texts that were not UTF-8
	Count int64
}

// OtherNames is the path of values under names that an encoder does not remember.
const OtherNames = "\x00"

// missed counts the values of one user that are not in the file as they are stored. In the steady state it allocates nothing.
type missed struct {
	counts  map[string]*Miss // by path
	touched []*Miss          // those that count something
	text    int64            // text values that were not UTF-8
	key     []byte           // scratch
}

// miss counts a value called name in group, "" for a field of the user itself.
func miss[T string | []byte](m *missed, group export.ColumnSource, name T) {
	m.key = m.key[:0]
	if group != "" {
		m.key = append(append(m.key, group...), '.')
	}
	m.key = append(m.key, name...)
	n, ok := m.counts[string(m.key)]
	if !ok {
		n = m.remember()
	}
	if n.Count++; n.Count == 1 {
		m.touched = append(m.touched, n)
	}
}

// remember returns the count of the name in key.
func (m *missed) remember() *Miss {
	if m.counts == nil {
		m.counts = map[string]*Miss{OtherNames: {Path: OtherNames}}
	}
	if len(m.counts) > maxMissedNames {
		return m.counts[OtherNames]
	}
	n := &Miss{Path: string(m.key)}
	m.counts[n.Path] = n
	return n
}

// Missed appends to dst what was missed since the last call.
func (e *Encoder) Missed(dst []Miss) []Miss {
	m := &e.missed
	for _, n := range m.touched {
		dst = append(dst, *n)
		n.Count = 0
	}
	m.touched = m.touched[:0]
	if m.text > 0 {
		dst = append(dst, Miss{Count: m.text})
		m.text = 0
	}
	return dst
}

// Count adds misses to what is counted.
func Count(to *export.Missed, misses []Miss) {
	for _, m := range misses {
		switch m.Path {
		case "":
			to.Texts += m.Count
		case OtherNames:
			to.Others += m.Count
		default:
			to.Name(m.Path, m.Count)
		}
	}
}

// Warnings tells what of a file's users is not in it as it is stored, sorted by name: CodeNoColumn for each name whose
// values have no column, CodeInvalidText where text was not UTF-8.
func Warnings(m export.Missed) []export.Warning {
	var all []export.Warning
	for _, path := range slices.Sorted(maps.Keys(m.Names)) {
		n := m.Names[path]
		name := shown(path)
		all = append(all, export.Warning{
			Code: CodeNoColumn, Field: name, Count: n,
			Message: fmt.Sprintf("%s has no column: %s not in the file.", name, export.Counted(n, "value is", "values are")),
		})
	}
	if n := m.Others; n > 0 {
		all = append(all, export.Warning{
			Code: CodeNoColumn, Count: n,
			Message: fmt.Sprintf("Further names have no column: %s not in the file.", export.Counted(n, "value is", "values are")),
		})
	}
	if n := m.Texts; n > 0 {
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
