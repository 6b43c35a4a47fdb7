package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

func TestManifest(t *testing.T) {
	t.Parallel()
	const path = "/v4/user-export-jobs/j/manifest"
	with := func(t *testing.T, change func(*export.Job)) *testServer {
		t.Helper()
		b := setup(t)
		b.jobs.job = func(tenant, id string) (*export.Job, error) {
			if tenant != "meridian" || id != "j" {
				t.Errorf("asked for %q in %q", id, tenant)
			}
			job := testJob("01exporter")
			change(job)
			return job, nil
		}
		return b
	}

	t.Run("is the stored text, for every viewer", func(t *testing.T) {
		t.Parallel()
		b := with(t, func(*export.Job) {})
		a := b.call("viewer", "GET", path, "")
		a.expect(200, "", "")
		job := testJob("01exporter")
		want, err := pipeline.NewManifest(job, job.Files[0], job.Columns, job.Warnings).Text()
		if err != nil {
			t.Fatal(err)
		}
		if string(a.body) != string(want) || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v\n%s\nwant\n%s", a.Header, a.body, want)
		}
	})

	t.Run("remains after the files are deleted", func(t *testing.T) {
		t.Parallel()
		b := with(t, func(job *export.Job) { job.Status = export.Expired })
		if a := b.call("viewer", "GET", path, ""); a.StatusCode != http.StatusOK || a.json("egress") != "v4.test" || a.json("attempts") != 1.0 {
			t.Errorf("status %d: %s", a.StatusCode, a.body)
		}
	})

	t.Run("is that of the requested file", func(t *testing.T) {
		t.Parallel()
		b := with(t, func(job *export.Job) {
			events := job.Files[0]
			events.Kind, events.Name = export.StateEventsFile, "state_events.csv"
			job.Files = append(job.Files, events)
			job.EventColumns = []export.Column{{Name: "event_id"}}
			job.Warnings = []export.Warning{{Code: "invalid_text", Message: "m", File: export.StateEventsFile}}
		})
		a := b.call("viewer", "GET", path+"?kind=state_events", "")
		a.expect(200, "", "")
		if !strings.Contains(string(a.body), `"name": "state_events.csv"`) || !strings.Contains(string(a.body), `"event_id"`) || !strings.Contains(string(a.body), `"invalid_text"`) {
			t.Errorf("%s", a.body)
		}
		for _, query := range []string{"", "?kind=users"} {
			if a := b.call("viewer", "GET", path+query, ""); !strings.Contains(string(a.body), `"kind": "users"`) || strings.Contains(string(a.body), "invalid_text") {
				t.Errorf("%s: %s", query, a.body)
			}
		}
		b.call("viewer", "GET", path+"?kind=everything", "").expect(400, errs.CodeInvalidRequest, "kind")
	})

	for name, change := range map[string]func(*export.Job){
		"does not exist while the job is live": func(job *export.Job) { job.Status, job.Outcome, job.Files = export.Downloading, "", nil },
		"does not exist if none was stored":    func(job *export.Job) { job.Files[0].ProvenAt = time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with(t, change).call("owner", "GET", path, "").expect(404, errs.CodeNotFound, "")
		})
	}
}

func TestFilesNameTheirCompression(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plain       int64
		compression export.Compression
		want        map[string]any
	}{
		"a compressed file":                       {50, export.CompressionGzip, map[string]any{"compression": "gzip", "bytes": 10.0, "csvBytes": 50.0}},
		"an uncompressed file":                    {10, export.CompressionNone, map[string]any{"compression": "none", "bytes": 10.0, "csvBytes": 10.0}},
		"a file of a version without compression": {0, export.CompressionNone, map[string]any{"compression": "none", "bytes": 10.0, "csvBytes": 10.0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.jobs.job = func(string, string) (*export.Job, error) {
				job := testJob("01exporter")
				job.Files[0].Plain, job.Definition.File.Compression = c.plain, c.compression
				return job, nil
			}
			a := b.call("viewer", "GET", "/v4/user-export-jobs/j", "")
			a.expect(200, "", "")
			files, _ := a.json("files").([]any)
			file, _ := files[0].(map[string]any)
			for member, want := range c.want {
				if file[member] != want {
					t.Errorf("%s is %v, want %v", member, file[member], want)
				}
			}
		})
	}
}
