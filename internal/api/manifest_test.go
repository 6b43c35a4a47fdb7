package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

func TestManifest(t *testing.T) {
	t.Parallel()
	const path = "/v4/user-export-jobs/j/manifest"
	with := func(t *testing.T, change func(*export.Job)) *bundle {
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

	t.Run("is the text that is stored, for every viewer", func(t *testing.T) {
		t.Parallel()
		b := with(t, func(*export.Job) {})
		a := b.call("viewer", "GET", path, "")
		a.want(200, "", "")
		job := testJob("01exporter")
		want, err := run.NewManifest(job, job.Files[0], job.Columns, job.Warnings).Text()
		if err != nil {
			t.Fatal(err)
		}
		if string(a.body) != string(want) || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v\n%s\nwant\n%s", a.Header, a.body, want)
		}
	})

	t.Run("stays when the files are gone", func(t *testing.T) {
		t.Parallel()
		b := with(t, func(job *export.Job) { job.Status = export.Expired })
		if a := b.call("viewer", "GET", path, ""); a.StatusCode != http.StatusOK || a.json("egress") != "v4.test" || a.json("attempts") != 1.0 {
			t.Errorf("status %d: %s", a.StatusCode, a.body)
		}
	})

	t.Run("is that of the file that is asked for", func(t *testing.T) {
		t.Parallel()
		b := with(t, func(job *export.Job) {
			events := job.Files[0]
			events.Kind, events.Name = export.StateEventsFile, "state_events.csv"
			job.Files = append(job.Files, events)
			job.EventColumns = []export.Column{{Name: "event_id"}}
			job.Warnings = []export.Warning{{Code: "invalid_text", Message: "m", File: export.StateEventsFile}}
		})
		a := b.call("viewer", "GET", path+"?kind=state_events", "")
		a.want(200, "", "")
		if !strings.Contains(string(a.body), `"name": "state_events.csv"`) || !strings.Contains(string(a.body), `"event_id"`) || !strings.Contains(string(a.body), `"invalid_text"`) {
			t.Errorf("%s", a.body)
		}
		for _, query := range []string{"", "?kind=users"} {
			if a := b.call("viewer", "GET", path+query, ""); !strings.Contains(string(a.body), `"kind": "users"`) || strings.Contains(string(a.body), "invalid_text") {
				t.Errorf("%s: %s", query, a.body)
			}
		}
		b.call("viewer", "GET", path+"?kind=everything", "").want(400, export.CodeInvalid, "kind")
	})

	for name, change := range map[string]func(*export.Job){
		"is not there while the job lives":            func(job *export.Job) { job.Status, job.Outcome, job.Files = export.Downloading, "", nil },
		"is not made up where none was stored beside": func(job *export.Job) { job.Files[0].ProvenAt = time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with(t, change).call("owner", "GET", path, "").want(404, export.CodeNotFound, "")
		})
	}
}

func TestFilesTellHowTheyAreCompressed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plain       int64
		compression export.Compression
		want        map[string]any
	}{
		"a compressed file":                         {50, export.CompressionGzip, map[string]any{"compression": "gzip", "bytes": 10.0, "csvBytes": 50.0}},
		"a file as it is":                           {10, export.CompressionNone, map[string]any{"compression": "none", "bytes": 10.0, "csvBytes": 10.0}},
		"a file of a version that did not compress": {0, export.CompressionNone, map[string]any{"compression": "none", "bytes": 10.0, "csvBytes": 10.0}},
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
			a.want(200, "", "")
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
