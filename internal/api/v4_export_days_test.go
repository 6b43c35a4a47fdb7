package api

import (
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/jobs"
)

func TestExportDays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var asked []string
	b.jobs.exportDays = func(tenant string, zone *time.Location) ([]jobs.ExportDay, error) {
		asked = append(asked, tenant+" "+zone.String())
		return []jobs.ExportDay{{Day: "2026-11-23", Exports: 3, Rows: 120, Failed: 1}}, nil
	}
	b.jobs.keptDays = func(tenant string, zone *time.Location) ([]jobs.KeptDay, error) {
		asked = append(asked, tenant+" "+zone.String())
		return []jobs.KeptDay{{Day: "2026-11-30", Files: 2, Bytes: 4_000}}, nil
	}
	for path, want := range map[string]string{
		"/v4/export-days":    `{"days":[{"day":"2026-11-23","exports":3,"failed":1,"rows":120}]}`,
		"/v4/kept-file-days": `{"days":[{"bytes":4000,"day":"2026-11-30","files":2}]}`,
	} {
		asked = nil
		a := b.call("viewer", "GET", path+"?timeZone=Europe%2FLondon", "")
		if a.expect(200, "", ""); string(a.body) != want {
			t.Errorf("%s: %s", path, a.body)
		}
		b.call("viewer", "GET", path, "").expect(200, "", "")
		if len(asked) != 2 || asked[0] != "meridian Europe/London" || asked[1] != "meridian UTC" {
			t.Errorf("%s: asked for %q", path, asked)
		}
		b.call("viewer", "GET", path+"?timeZone=Mars", "").expect(400, errs.CodeInvalidRequest, "timeZone")
		b.call("viewer", "GET", path+"?zone=UTC", "").expect(400, errs.CodeInvalidRequest, "zone")
		b.call("", "GET", path, "").expect(401, errs.CodeUnauthenticated, "")
	}
}
