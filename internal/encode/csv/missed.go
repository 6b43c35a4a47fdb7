package csv

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// maxShownBytes limits the length of a name in a warning.
const maxShownBytes = 100

// maxMissedNames limits the names that an encoder counts separately. It exceeds the limit of a
// receipt.
const maxMissedNames = 1000

// Miss counts values of one user that the file does not contain as stored.
type Miss struct {
	Path  string // stored path; "" for texts that were not valid UTF-8
	Count int64
}

// OtherNames is the path for names beyond maxMissedNames.
const OtherNames = "\x00"

// missCounts counts misses since the last call of Missed. It does not allocate in the steady state.
type missCounts struct {
	counts       map[string]*Miss // by path
	counted      []*Miss          // those with a count above 0
	invalidTexts int64            // texts that were not valid UTF-8
	key          []byte           // scratch
}

// countMiss counts a value with the given name in group, or in the user document if group is "".
func countMiss[T string | []byte](m *missCounts, group export.ColumnSource, name T) {
	m.key = m.key[:0]
	if group != "" {
		m.key = append(append(m.key, group...), '.')
	}
	m.key = append(m.key, name...)
	n, ok := m.counts[string(m.key)]
	if !ok {
		n = m.counter()
	}
	if n.Count++; n.Count == 1 {
		m.counted = append(m.counted, n)
	}
}

// counter returns the Miss for the name in key, and creates it if there is room.
func (m *missCounts) counter() *Miss {
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

// Missed appends the misses since the last call to dst.
func (e *Encoder) Missed(dst []Miss) []Miss {
	m := &e.misses
	for _, n := range m.counted {
		dst = append(dst, *n)
		n.Count = 0
	}
	m.counted = m.counted[:0]
	if m.invalidTexts > 0 {
		dst = append(dst, Miss{Count: m.invalidTexts})
		m.invalidTexts = 0
	}
	return dst
}

// AddMisses adds misses to the totals of a file.
func AddMisses(to *export.Missed, misses []Miss) {
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

// Warnings returns the warnings for misses, sorted by name: CodeNoColumn per name whose values have
// no column, and CodeInvalidText for texts that were not valid UTF-8.
func Warnings(m export.Missed) []export.Warning {
	var all []export.Warning
	for _, path := range slices.Sorted(maps.Keys(m.Names)) {
		n := m.Names[path]
		name := displayName(path)
		all = append(all, export.Warning{
			Code: CodeNoColumn, Field: name, Count: n,
			Message: fmt.Sprintf("%s has no column: %s not in the file.", name, export.Pluralize(n, "value is", "values are")),
		})
	}
	if n := m.Others; n > 0 {
		all = append(all, export.Warning{
			Code: CodeNoColumn, Count: n,
			Message: fmt.Sprintf("Further names have no column: %s not in the file.", export.Pluralize(n, "value is", "values are")),
		})
	}
	if n := m.Texts; n > 0 {
		all = append(all, export.Warning{
			Code: CodeInvalidText, Count: n,
			Message: fmt.Sprintf("%s not valid UTF-8: the bytes in question were replaced by U+FFFD.", export.Pluralize(n, "text was", "texts were")),
		})
	}
	return all
}

// Codes of warnings about values.
const (
	CodeNoColumn    = "no_column"
	CodeInvalidText = "invalid_text"
)

// displayName returns a stored path for a warning: with unescaped app id, as valid UTF-8, without
// control characters, shortened.
func displayName(path string) string {
	if app, ok := strings.CutPrefix(path, string(export.FromProfile)+"."); ok {
		path = string(export.FromProfile) + "." + users.UnescapeAppID(app)
	}
	path = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(path, "\uFFFD"))
	if len(path) > maxShownBytes {
		path = strings.ToValidUTF8(path[:maxShownBytes], "") + "…"
	}
	return path
}
