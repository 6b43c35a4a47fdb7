package pipeline

import (
	"encoding/json"
	"testing"

	"github.com/egress-io/egress/internal/export"
)

// The stored manifest equals the manifest of the finished job.
func TestManifestIsStoredNextToFile(t *testing.T) {
	t.Parallel()
	for _, c := range []export.Compression{export.CompressionNone, export.CompressionGzip} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			w, obs, job := newTestEnv(makeUsers(t, 200)), &recorder{}, testJob()
			w.count = 201
			job.Definition.File.Compression = c
			job.Warnings = []export.Warning{{Code: "pages_ignored", Message: "m"}, {Code: "x", Message: "m", File: export.StateEventsFile}}
			got, err := w.runner(smallSettings()).Run(testContext(t), job, obs)
			if err != nil {
				t.Fatal(err)
			}
			kept := *job
			kept.Columns, kept.Warnings = obs.columns, got.Warnings
			text, err := NewManifest(&kept, got.Files[0], kept.Columns, kept.Warnings).Text()
			if err != nil {
				t.Fatal(err)
			}
			stored := w.objects[ManifestKey(got.Files[0].Key)]
			if string(stored) != string(text) {
				t.Errorf("stored\n%s\nfrom the job\n%s", stored, text)
			}
			var m Manifest
			if err := json.Unmarshal(stored, &m); err != nil {
				t.Fatal(err)
			}
			if m.Egress != "v4.test" || m.File.Compression != c || m.File.SHA256 != got.Files[0].SHA256 || m.File.CSVBytes != got.Files[0].Plain ||
				len(m.Columns) != got.Files[0].Columns || m.Columns[0] != "user_id" || len(m.Warnings) != 2 || m.UsersMatched == nil || *m.UsersMatched != 201 || m.File.Users == nil || *m.File.Users != 200 || m.Attempts != 1 {
				t.Errorf("%+v", m)
			}
		})
	}
}
