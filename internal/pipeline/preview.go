package pipeline

import (
	"context"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
)

// Preview describes a users file before it is made.
type Preview struct {
	Columns []export.Column
	Rows    [][]string // the first rows, cell by cell as in the file
	Users   int64      // users that match now
	Groups  Groups
	Sample  int64 // users in the sample on which the fields below are based

	RowsAbout  int64
	BytesAbout int64

	// What a spreadsheet would change or reject, in the order of the columns.
	Exponents    []Finding // text that it reads as a number with an exponent
	Dates        []Finding // text that it reads as a date, a time or a fraction
	LeadingZeros []Finding // digits with a leading zero, which it drops
	LongNumbers  []Finding // numbers of more than 15 digits: it replaces the rest by zeros
	LongCells    []Finding // cells of more than 32,767 characters: it cuts them
}

// Groups counts the columns of each group, included or not.
type Groups struct{ User, Attributes, ExtendedProfiles, ForeignKeys, Grants int }

// Finding is a column with cells that a spreadsheet would change.
type Finding struct {
	Column string
	Cells  int64 // estimated for the whole file
}

// Preview returns the first rows of an export, at most limit, and estimates its size. It writes
// nothing. Its errors are those of Run.
func (r *Runner) Preview(ctx context.Context, plan *Plan, limit int) (Preview, error) {
	t, err := r.prepare(plan, r.currentView(), export.UsersFile, nil)
	if err != nil {
		return Preview{}, err
	}
	if err := t.survey(ctx); err != nil {
		return Preview{}, err
	}
	p := Preview{Columns: t.columns, Users: t.meter.matched, Sample: t.sample.users, Groups: plan.groups()}
	if t.sample.complete { // the sample is exact
		p.Users = t.sample.users
		t.meter.matched = p.Users
	}
	about := t.meter.progress(false, false).Users
	p.RowsAbout, p.BytesAbout = about.RowsTotal, about.BytesTotal
	cells := csv.Cells(t.sample.text)
	p.findSpreadsheetIssues(cells)
	p.Rows = cells[:min(len(cells), max(limit, 0))]
	return p, nil
}
