package exporter

import (
	"fmt"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// Columns whose names differ only by case are noted in both dialects, too many columns for a
// spreadsheet only in the dialect spreadsheet.
func TestPreviewNotesColumns(t *testing.T) {
	t.Parallel()
	p := pipeline.Preview{Columns: make([]export.Column, 16_385)}
	for i := range p.Columns {
		p.Columns[i].Name = fmt.Sprint("column ", i)
	}
	p.Columns[1].Name = "COLUMN 0"
	for dialect, want := range map[export.Dialect]string{
		export.DialectRFC4180:     "columns_differ_by_case",
		export.DialectSpreadsheet: "columns_differ_by_case too_many_columns list_separator",
	} {
		var codes []string
		for _, note := range notes(export.Definition{Include: export.Include{Grants: true}, File: export.FileFormat{Dialect: dialect}}, &p) {
			codes = append(codes, note.Code)
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%s: %s", dialect, got)
		}
	}
}

// State events alone have no users file: no note applies.
func TestPreviewOfStateEventsAloneHasNoNotes(t *testing.T) {
	t.Parallel()
	p := pipeline.Preview{LeadingZeros: []pipeline.Finding{{Column: "user_id", Cells: 1}}}
	def := export.Definition{StateEvents: &export.StateEvents{}, File: export.FileFormat{Dialect: export.DialectSpreadsheet}}
	if got := notes(def, &p); len(got) != 0 {
		t.Errorf("alone: %v", got)
	}
	def.Include.Grants = true
	if got := notes(def, &p); len(got) != 2 || got[0].Code != "leading_zeros" || got[0].Field != "user_id" || got[0].Count != 1 {
		t.Errorf("with a users file: %v", got)
	}
}
