package pipeline

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Preview describes a users file before it is made.
type Preview struct {
	Columns  []export.Column
	Rows     [][]string // the first rows, cell by cell as in the file
	Users    int64      // users that match now
	Accuracy users.Accuracy
	// Cut is set if PreviewOptions.SampleTime ended the reading of the sample. Then Rows and Sample
	// may be too few, and if Sample is 0, nothing is known about the size.
	Cut    bool
	Groups Groups
	Sample int64 // users in the sample on which the fields below are based

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

// PreviewOptions are the options of a preview.
type PreviewOptions struct {
	Rows int // the maximum number of rows
	// Count returns the number of selected users; nil: they are counted.
	Count func(ctx context.Context) (users.Count, error)
	// SampleTime limits how long the sample is read; 0: not limited.
	SampleTime time.Duration
}

// Preview returns the first rows of an export, and estimates its size. It writes nothing. Its errors
// are those of Run.
func (r *Runner) Preview(ctx context.Context, plan *Plan, o PreviewOptions) (Preview, error) {
	t, err := r.prepare(plan, r.currentView(), export.UsersFile, nil)
	if err != nil {
		return Preview{}, err
	}
	accuracy := users.Exact
	count := func(ctx context.Context) (int64, error) {
		if o.Count == nil {
			return t.documents.Count(ctx, t.tenant, t.selection)
		}
		n, err := o.Count(ctx)
		accuracy = n.Accuracy
		return n.Users, err
	}
	if err := t.surveyWith(ctx, count, o.SampleTime); err != nil {
		return Preview{}, err
	}
	switch {
	case t.sample.complete: // the sample is exact
		t.meter.matched, accuracy = t.sample.users, users.Exact
	case accuracy != users.Exact && t.meter.matched <= t.sample.users: // the estimate was too low
		t.meter.matched, accuracy = t.sample.users, users.Estimate
	}
	p := Preview{
		Columns: t.columns, Users: t.meter.matched, Accuracy: accuracy, Sample: t.sample.users, Cut: t.sample.cut, Groups: plan.groups(),
	}
	about := t.meter.progress(false, false).Users
	p.RowsAbout, p.BytesAbout = about.RowsTotal, about.BytesTotal
	cells := csv.Cells(t.sample.text)
	p.findSpreadsheetIssues(cells)
	p.Rows = cells[:min(len(cells), max(o.Rows, 0))]
	return p, nil
}
