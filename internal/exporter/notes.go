package exporter

import (
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// spreadsheetRows is how many rows Excel opens, the header included.
const spreadsheetRows = 1_048_576

// notes returns what a reader of the users file should know before it is made.
func notes(def export.Definition, p *pipeline.Preview) []export.Warning {
	if !def.HasUsersFile() {
		return nil
	}
	notes := pipeline.ColumnWarnings(def.File.Dialect, p.Columns)
	if def.File.Dialect == export.DialectSpreadsheet {
		notes = append(notes, spreadsheetNotes(p)...)
	}
	return notes
}

// spreadsheetNotes lists what spreadsheet programs change in a CSV file, and how to open it.
func spreadsheetNotes(p *pipeline.Preview) (notes []export.Warning) {
	if p.RowsAbout >= spreadsheetRows {
		notes = append(notes, export.Warning{
			Code: "too_many_rows", Count: p.RowsAbout, Message: "Excel shows 1,048,576 rows of a file at most, the header included.",
		})
	}
	for _, kind := range []struct {
		code, message string
		found         []pipeline.Finding
	}{
		{"exponents", "Excel and LibreOffice read text such as 219E01 as a number with an exponent.", p.Exponents},
		{"dates", "Excel reads text such as 3-4, MAR1 or 1/2 as a date, a time or a fraction.", p.Dates},
		{"leading_zeros", "Excel drops leading zeros.", p.LeadingZeros},
		{"long_numbers", "Excel keeps 15 digits of a number and turns the rest to zeros.", p.LongNumbers},
		{"long_cells", "Excel cuts cells of more than 32,767 characters.", p.LongCells},
	} {
		for _, f := range kind.found {
			notes = append(notes, export.Warning{Code: kind.code, Message: kind.message, Field: f.Column, Count: f.Cells})
		}
	}
	return append(notes, export.Warning{
		Code: "list_separator",
		Message: "Commas separate the columns. Where the system's list separator is a semicolon, a double click puts them all into column A: " +
			"open the file with Data → From Text/CSV.",
	})
}
