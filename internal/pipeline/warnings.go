package pipeline

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
)

// Codes of warnings about columns.
const (
	CodeTooManyColumns      = "too_many_columns"
	CodeColumnsDifferByCase = "columns_differ_by_case"
)

const (
	maxCaseGroups    = 10  // groups of columns with a warning of their own
	maxListedColumns = 10  // columns of a group that a warning names
	maxNameBytes     = 100 // of a column's name in a warning
)

// ColumnWarnings returns warnings about the columns of a users file: CodeColumnsDifferByCase for
// each group of names that differ only in case, and CodeTooManyColumns if a spreadsheet cannot show
// all columns.
func ColumnWarnings(dialect export.Dialect, columns []export.Column) []export.Warning {
	all := caseWarnings(columns)
	if n := int64(len(columns)); dialect == export.DialectSpreadsheet && n > maxSheetColumns {
		all = append(all, export.Warning{
			Code: CodeTooManyColumns, Count: n,
			Message: fmt.Sprintf("A sheet has 16,384 columns, and the file has %s: Excel and LibreOffice drop the rest.", export.FormatThousands(n)),
		})
	}
	return all
}

// warnings returns the warnings of a file that ends at cp.
func (t *task) warnings(cp export.Checkpoint) []export.Warning {
	all := checkpointWarnings(t.kind, cp)
	if t.kind == export.UsersFile {
		all = append(all, ColumnWarnings(t.options.Definition.File.Dialect, t.columns)...)
	}
	return all
}

// caseWarnings returns a warning for each group of columns that databases cannot tell apart, in the
// order of the first column of each group.
func caseWarnings(columns []export.Column) []export.Warning {
	groups := make(map[string][]string, len(columns))
	var order []string
	for _, c := range columns {
		key := foldCase(c.Name)
		if groups[key] = append(groups[key], c.Name); len(groups[key]) == 2 {
			order = append(order, key)
		}
	}
	var all []export.Warning
	for _, key := range order[:min(len(order), maxCaseGroups)] {
		names := groups[key]
		all = append(all, export.Warning{
			Code: CodeColumnsDifferByCase, Field: displayName(names[0]), Count: int64(len(names)),
			Message: joinNames(names) + " differ only in case. SQLite and DuckDB rename such columns, BigQuery refuses them.",
		})
	}
	if more := order[len(all):]; len(more) > 0 {
		n := int64(0)
		for _, key := range more {
			n += int64(len(groups[key]))
		}
		all = append(all, export.Warning{
			Code: CodeColumnsDifferByCase, Count: n,
			Message: export.Pluralize(n, "further column differs", "further columns differ") + " from another only in case.",
		})
	}
	return all
}

// foldCase returns the same string for names that differ only in case, also outside of ASCII.
func foldCase(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, name)
}

// joinNames lists names in a sentence.
func joinNames(names []string) string {
	named := make([]string, 0, maxListedColumns+1)
	for _, name := range names[:min(len(names), maxListedColumns)] {
		named = append(named, displayName(name))
	}
	if more := int64(len(names) - len(named)); more > 0 {
		named = append(named, export.Pluralize(more, "more", "more"))
	}
	last := len(named) - 1
	return strings.Join(named[:last], ", ") + " and " + named[last]
}

// displayName returns a name without control characters, as valid UTF-8, and shortened.
func displayName(name string) string {
	name = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name), "\uFFFD")
	if len(name) > maxNameBytes {
		return strings.ToValidUTF8(name[:maxNameBytes], "") + "…"
	}
	return name
}

// checkpointWarnings returns the warnings about values without a column and about users that
// changed.
func checkpointWarnings(kind export.FileKind, cp export.Checkpoint) []export.Warning {
	all := csv.Warnings(cp.Missed)
	if kind == export.StateEventsFile {
		for i := range all {
			all[i].File = kind
		}
		return all // state events are append-only: new ones during the run need no warning
	}
	if start, end := cp.Matched, cp.Users; start != end {
		n := max(start-end, end-start)
		all = append(all, export.Warning{
			Code: "users_changed", Count: n,
			Message: fmt.Sprintf("%s changed during the run. %s matched at the start, %s at the end. Each is in the file once.",
				export.Pluralize(n, "user", "users"), export.FormatThousands(start), export.FormatThousands(end)),
		})
	}
	return all
}
