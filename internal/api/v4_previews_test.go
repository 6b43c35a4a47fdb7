package api

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

func TestPreviewAndCount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.defs.preview = func(string, export.Definition) (pipeline.Preview, error) {
		return pipeline.Preview{
			Columns: []export.Column{{Name: "attributes.country", Source: export.FromAttribute, Key: "country", Type: "text"}},
			Rows:    [][]string{{"GB"}}, Users: 3, Sample: 2, RowsAbout: 4, BytesAbout: 500, Groups: pipeline.Groups{User: 8, Grants: 11},
			Exponents: []pipeline.Finding{{Column: "foreign_keys.crm", Cells: 1}}, Dates: []pipeline.Finding{{Column: "foreign_keys.crm", Cells: 3}},
			LeadingZeros: []pipeline.Finding{{Column: "attributes.phone", Cells: 2}},
		}, nil
	}
	b.defs.count = func(string, export.Definition) (int64, error) { return 3, nil }
	a := b.call("exporter", "POST", "/v4/user-export-previews", everything)
	a.expect(200, "", "")
	if a.json("about", "bytes") != 500.0 || a.json("users") != 3.0 || a.json("accuracy") != "exact" || a.json("partial") != false || a.json("words") != "Everyone" || a.json("groups", "grants") != 11.0 || a.json("sampledUsers") != 2.0 || len(a.json("notes").([]any)) != 0 {
		t.Errorf("preview %s", a.body)
	}
	a = b.call("exporter", "POST", "/v4/user-export-previews", `{"include":{"grants":true},"file":{"dialect":"spreadsheet"}}`)
	a.expect(200, "", "")
	for _, note := range []string{
		`"notes":[{"code":"exponents","message":"Excel and LibreOffice read text such as 219E01 as a number with an exponent.","field":"foreign_keys.crm","count":1},`,
		`{"code":"dates","message":"Excel reads text such as 3-4, MAR1 or 1/2 as a date, a time or a fraction.","field":"foreign_keys.crm","count":3},`,
		`{"code":"leading_zeros","message":"Excel drops leading zeros.","field":"attributes.phone","count":2},`,
		`{"code":"list_separator","message":"Commas separate the columns.`,
	} {
		if !strings.Contains(string(a.body), note) {
			t.Errorf("preview for a spreadsheet %s lacks %s", a.body, note)
		}
	}
	n := b.call("exporter", "POST", "/v4/user-export-counts", everything)
	n.expect(200, "", "")
	if string(n.body) != `{"accuracy":"exact","users":3}` {
		t.Errorf("count %s", n.body)
	}
	b.users.estimate = func(string, users.Query) (users.Count, error) {
		return users.Count{Users: 1500, Accuracy: users.UpperBound}, nil
	}
	n = b.call("exporter", "POST", "/v4/user-export-counts?estimate=true", everything)
	n.expect(200, "", "")
	if string(n.body) != `{"accuracy":"upper_bound","users":1500}` {
		t.Errorf("estimate %s", n.body)
	}
	a = b.call("exporter", "POST", "/v4/user-export-previews?estimate=true", everything)
	a.expect(200, "", "")
	if a.json("users") != 1500.0 || a.json("accuracy") != "upper_bound" || a.json("partial") != true {
		t.Errorf("preview with estimates %s", a.body)
	}
	b.call("exporter", "POST", "/v4/user-export-previews?estimate=yes", everything).expect(400, errs.CodeInvalidRequest, "estimate")
	b.defs.preview = func(string, export.Definition) (pipeline.Preview, error) { return pipeline.Preview{}, nil }
	b.call("exporter", "POST", "/v4/user-export-previews", everything).expect(200, "", "")
}

func TestPreviewOfStateEventsAloneCountsUsersOnly(t *testing.T) {
	t.Parallel()
	p := pipeline.Preview{
		Columns: []export.Column{{Name: "user_id", Source: export.FromUser, Key: "user_id"}}, Rows: [][]string{{"007"}},
		Users: 3, RowsAbout: 3, BytesAbout: 50, LeadingZeros: []pipeline.Finding{{Column: "user_id", Cells: 1}},
	}
	def := export.Definition{StateEvents: &export.StateEvents{}, File: export.FileFormat{Dialect: export.DialectSpreadsheet}}
	v := viewPreview(def, &exporter.Preview{Preview: p, Words: "State events"})
	if v.Users != 3 || v.Words != "State events" || v.Columns == nil || v.Rows == nil || v.Notes == nil ||
		len(v.Columns)+len(v.Rows)+len(v.Notes) != 0 || v.About != (gen.Estimate{}) {
		t.Errorf("alone: %+v", v)
	}
	def.Include.Grants = true
	if v := viewPreview(def, &exporter.Preview{Preview: p, Notes: make([]export.Warning, 2)}); len(v.Columns) != 1 || len(v.Rows) != 1 || len(v.Notes) != 2 || v.About.Bytes != 50 {
		t.Errorf("with a users file: %+v", v)
	}
}
