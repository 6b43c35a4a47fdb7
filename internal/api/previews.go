package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

const (
	fingerprintShown = 16 // digits of a definition's fingerprint that tell previews in the audit log apart

	previewRows = 5
	sheetRows   = 1_048_576 // of a spreadsheet, the header included
)

// PreviewUserExport answers POST /v4/user-export-previews.
func (s *server) PreviewUserExport(c *fiber.Ctx) error {
	def, err := s.definition(c)
	if err != nil {
		return err
	}
	tenant, ctx := callerOf(c).tenant.ID, c.UserContext()
	words, err := s.definitions.Words(ctx, tenant, def)
	if err != nil {
		return err
	}
	if err := s.looks(c, audit.Previewed, def.Fingerprint()[:fingerprintShown], words); err != nil {
		return err
	}
	p, err := s.definitions.Preview(ctx, tenant, def, previewRows)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, viewPreview(def, words, &p))
}

// viewPreview is a preview as it is answered. State events alone make no file of users: then only they are counted.
func viewPreview(def export.Definition, words string, p *run.Preview) gen.Preview {
	v := gen.Preview{
		Columns: []gen.Column{}, Rows: append([][]string{}, p.Rows...), Words: words, Users: p.Users,
		About:  gen.Estimate{Rows: p.RowsAbout, Bytes: p.BytesAbout},
		Groups: gen.ColumnGroups(p.Groups),
		Notes:  []gen.Warning{},
	}
	for _, column := range p.Columns {
		v.Columns = append(v.Columns, gen.Column{Name: column.Name, Source: column.Source, Type: orNull(column.Type)})
	}
	if !def.HasUsersFile() {
		v.Columns, v.Rows, v.About = []gen.Column{}, [][]string{}, gen.Estimate{}
	} else if def.File.Dialect == export.DialectSpreadsheet {
		v.Notes = append(v.Notes, spreadsheetNotes(p)...)
	}
	return v
}

// spreadsheetNotes say what no CSV can keep a spreadsheet from doing.
func spreadsheetNotes(p *run.Preview) (notes []export.Warning) {
	if p.RowsAbout >= sheetRows {
		notes = append(notes, export.Warning{
			Code: "too_many_rows", Count: p.RowsAbout, Message: "Excel shows 1,048,576 rows of a file at most, the header included.",
		})
	}
	for _, kind := range []struct {
		code, message string
		found         []run.Finding
	}{
		{"leading_zeros", "Excel drops leading zeros.", p.LeadingZeros},
		{"long_numbers", "Excel keeps 15 digits of a number and turns the rest to zeros.", p.LongNumbers},
		{"long_cells", "Excel cuts cells of more than 32,767 characters.", p.LongCells},
	} {
		for _, f := range kind.found {
			notes = append(notes, export.Warning{Code: kind.code, Message: kind.message, Field: f.Column, Count: f.Cells})
		}
	}
	return notes
}

// CountUserExport answers POST /v4/user-export-counts.
func (s *server) CountUserExport(c *fiber.Ctx) error {
	def, err := s.definition(c)
	if err != nil {
		return err
	}
	n, err := s.definitions.Count(c.UserContext(), callerOf(c).tenant.ID, def)
	if err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, gen.UserCount{Users: n})
}
