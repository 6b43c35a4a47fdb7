package run

import (
	"context"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/csv"
	"github.com/egress-io/egress/internal/users"
)

// Preview is what a users file will hold, before it is made.
type Preview struct {
	Columns []export.Column
	Rows    [][]string // the first ones, cell by cell as they will stand in the file
	Users   int64      // that match now
	Groups  Groups
	Sample  int64 // users that were looked at for what follows

	RowsAbout  int64
	BytesAbout int64

	// What a spreadsheet would change or refuse, by column, in the order of columns.
	LeadingZeros []Finding // digits that begin with a zero, which it drops
	LongNumbers  []Finding // numbers of more than 15 digits, whose further digits it turns to zeros
	LongCells    []Finding // cells of more than 32,767 characters, which it cuts
}

// Groups is how many columns each group has, whether or not it is included.
type Groups struct{ User, Attributes, ExtendedProfiles, ForeignKeys, Grants int }

// Finding is a column in whose cells something was found.
type Finding struct {
	Column string
	Cells  int64 // about how many in the whole file, by the sample
}

// The limits of spreadsheets.
const (
	sheetDigits     = 15
	sheetCharacters = 32_767
)

// Preview tells what an export would hold: its first rows, limit of them at most, and about how large it is. It writes
// nothing. Errors are those that Run would end with.
func (r *Runner) Preview(ctx context.Context, tenant string, def export.Definition, limit int) (Preview, error) {
	t, err := r.prepare(ctx, tenant, export.UsersFile, def, nil)
	if err != nil {
		return Preview{}, err
	}
	if err := t.survey(ctx); err != nil {
		return Preview{}, err
	}
	p := Preview{Columns: t.columns, Users: t.meter.total, Sample: t.sample.users}
	if p.Groups, err = r.groups(ctx, tenant); err != nil {
		return Preview{}, failed(ctx, export.CodeDatabase, err, directoryFailed)
	}
	if t.sample.whole { // seen all of them: no need to guess
		p.Users = t.sample.users
		t.meter.total = p.Users
	}
	about := t.meter.progress(false, false).Users
	p.RowsAbout, p.BytesAbout = about.RowsTotal, about.BytesTotal
	cells := csv.Cells(t.sample.text)
	p.find(cells)
	p.Rows = cells[:min(len(cells), max(limit, 0))]
	return p, nil
}

// groups counts the columns of a file that includes everything.
func (r *Runner) groups(ctx context.Context, tenant string) (Groups, error) {
	var g Groups
	schema, err := r.Directory.Schema(ctx, tenant)
	if err != nil {
		return g, err
	}
	registry, err := r.Directory.Registry(ctx, tenant)
	if err != nil {
		return g, err
	}
	for _, c := range everyColumn(schema, registry) {
		switch c.Source {
		case export.FromAttribute:
			g.Attributes++
		case export.FromProfile:
			g.ExtendedProfiles++
		case export.FromForeignKey:
			g.ForeignKeys++
		case export.FromGrant:
			g.Grants++
		default:
			g.User++
		}
	}
	return g, nil
}

func everyColumn(schema users.Schema, registry users.Registry) []export.Column {
	return csv.Columns(export.Definition{Include: export.Include{
		Attributes: true, ForeignKeys: true, Grants: true,
		ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}},
	}}, schema, registry)
}

// find looks for what a spreadsheet would change.
func (p *Preview) find(cells [][]string) {
	for i, column := range p.Columns {
		var zeros, numbers, long int64
		for _, row := range cells {
			digits, zero := figures(row[i])
			if zero {
				zeros++
			}
			if digits > sheetDigits {
				numbers++
			}
			if len(row[i]) > sheetCharacters && characters(row[i]) > sheetCharacters {
				long++
			}
		}
		p.LeadingZeros = p.found(p.LeadingZeros, column, zeros)
		p.LongNumbers = p.found(p.LongNumbers, column, numbers)
		p.LongCells = p.found(p.LongCells, column, long)
	}
}

func (p *Preview) found(all []Finding, column export.Column, n int64) []Finding {
	if n == 0 {
		return all
	}
	about := int64(math.Round(float64(n) * float64(p.Users) / float64(p.Sample)))
	return append(all, Finding{column.Name, max(about, n)})
}

// figures returns how many significant digits a cell has that is a plain number, 0 for others, and whether it begins with a
// zero that a spreadsheet drops.
func figures(s string) (digits int, zero bool) {
	s = strings.TrimLeft(s, "+-")
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" || !decimal(whole) || !decimal(fraction) {
		return 0, false
	}
	return len(strings.TrimLeft(whole+fraction, "0")), len(whole) > 1 && whole[0] == '0'
}

func decimal(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// characters counts as spreadsheets do: in units of UTF-16.
func characters(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
