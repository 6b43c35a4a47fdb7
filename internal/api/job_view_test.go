package api

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// A job whose file is in another bucket has no link and no address of it, and a warning names the
// bucket.
func TestJobViewFileStoredElsewhere(t *testing.T) {
	t.Parallel()
	reach := export.Reach{Current: export.Location{Bucket: "now"}}
	job := &export.Job{Status: export.Completed, Files: []export.File{{Kind: export.UsersFile, Key: "k", Location: export.Location{Bucket: "before"}}}}
	b := setup(t)
	b.jobs.check = func(_ *export.Job, f export.File) error { return reach.Check(f.Location) }
	v := viewJob(job, 0)
	addFileURLs(&v, job, b.jobs)
	addLinks(t.Context(), &v, job, b.jobs.Link, slog.New(slog.DiscardHandler))
	if v.DownloadURL != nil || v.Files[0].DownloadURL != nil || v.Files[0].FileURL != nil || len(v.Warnings) != 1 || v.Warnings[0].Code != "stored_elsewhere" {
		t.Errorf("links %v, %v, warnings %+v", v.DownloadURL, v.Files[0].DownloadURL, v.Warnings)
	}
}

// The link of a job is that of its users file, or of its events file if it has no other. Lists and
// messages have no links: nobody has asked for them.
func TestJobViewDownloadURL(t *testing.T) {
	t.Parallel()
	users := export.File{Kind: export.UsersFile, Name: "users.csv", Key: "users"}
	events := export.File{Kind: export.StateEventsFile, Name: "state_events.csv", Key: "events"}
	for name, c := range map[string]struct {
		def   export.Definition
		files []export.File
		want  any
	}{
		"users":                    {export.Definition{Include: export.Include{Grants: true}}, []export.File{users}, "https://files.example/users?signed"},
		"state events":             {export.Definition{StateEvents: &export.StateEvents{}}, []export.File{events}, "https://files.example/events?signed"},
		"both":                     {export.Definition{Include: export.Include{Grants: true}, StateEvents: &export.StateEvents{}}, []export.File{users, events}, "https://files.example/users?signed"},
		"both, the events failed":  {export.Definition{Include: export.Include{Grants: true}, StateEvents: &export.StateEvents{}}, []export.File{users}, "https://files.example/users?signed"},
		"state events, which fail": {export.Definition{StateEvents: &export.StateEvents{}}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			job := testJob("01exporter")
			job.Definition.Include, job.Definition.StateEvents, job.Files = c.def.Include, c.def.StateEvents, c.files
			b.jobs.job = func(string, string) (*export.Job, error) { return job, nil }
			b.jobs.list = func(string, jobs.ListQuery) ([]*export.Job, string, error) { return []*export.Job{job}, "", nil }
			one := b.call("exporter", "GET", "/v4/user-export-jobs/"+job.ID, "")
			one.expect(200, "", "")
			list := b.call("exporter", "GET", "/v4/user-export-jobs", "")
			list.expect(200, "", "")
			message := JobView(b.jobs)(t.Context(), job, 0, true)
			if message.DownloadURL != nil {
				t.Errorf("a message says %v", message.DownloadURL)
			}
			if got := one.json("downloadUrl"); got != c.want {
				t.Errorf("the job says %v, want %v", got, c.want)
			}
			if got := list.json("results").([]any)[0].(map[string]any)["downloadUrl"]; got != nil {
				t.Errorf("the list says %v", got)
			}
			quiet := b.call("exporter", "GET", "/v4/user-export-jobs/"+job.ID+"?links=false", "")
			if quiet.expect(200, "", ""); quiet.json("downloadUrl") != nil {
				t.Errorf("without links: %s", quiet.body)
			}
			for i, f := range c.files {
				want := "/v4/user-export-jobs/" + job.ID + "/files/" + string(f.Kind) + "/download"
				if *message.Files[i].FileURL != want || !strings.Contains(string(list.body), want) || !strings.Contains(string(quiet.body), want) {
					t.Errorf("the address is %s, list %s", *message.Files[i].FileURL, list.body)
				}
			}
			b.call("exporter", "GET", "/v4/user-export-jobs/"+job.ID+"?links=no", "").expect(400, errs.CodeInvalidRequest, "links")
		})
	}
}

// The moments are in the job and in the manifest, unless the store has no snapshots.
func TestReceiptStatesMoments(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 11, 23, 8, 31, 6, 5e6, time.UTC)
	for name, moments := range map[string][]time.Time{"with snapshots": {moment, moment.Add(time.Minute)}, "without": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.jobs.job = func(string, string) (*export.Job, error) {
				job := testJob("01exporter")
				job.Files[0].ReadAsOf = moments
				return job, nil
			}
			const path = "/v4/user-export-jobs/01JDB7V2M9QKX3W8ZP5T6R4NHE"
			a := b.call("exporter", "GET", path, "")
			a.expect(200, "", "")
			file := a.json("files").([]any)[0].(map[string]any)
			m := b.call("exporter", "GET", path+"/manifest", "")
			m.expect(200, "", "")
			inManifest := m.json("readAsOf")
			if moments == nil {
				if _, has := file["readAsOf"]; has || inManifest != nil {
					t.Errorf("%v, manifest %v", file, inManifest)
				}
				return
			}
			want := "[2026-11-23T08:31:06.005Z 2026-11-23T08:32:06.005Z]"
			if fmt.Sprint(file["readAsOf"]) != want || fmt.Sprint(inManifest) != want {
				t.Errorf("%v, manifest %v", file["readAsOf"], inManifest)
			}
		})
	}
}

func TestJobViewRetry(t *testing.T) {
	t.Parallel()
	at := export.NewTime(time.Date(2026, 11, 23, 8, 32, 0, 0, time.UTC))
	for name, c := range map[string]struct {
		retry *export.Retry
		want  map[string]any // nil: null
	}{
		"not at all": {nil, nil},
		"for its next attempt": {
			&export.Retry{Reason: export.RetryStorage, Message: "It is away.", At: &at, Attempt: new(3), Of: new(10)},
			map[string]any{"reason": "storage_unavailable", "message": "It is away.", "at": "2026-11-23T08:32:00.000Z", "attempt": 3.0, "of": 10.0},
		},
		"for the queue": {
			&export.Retry{Reason: export.RetryQueueMemory, Message: "It is full."},
			map[string]any{"reason": "queue_out_of_memory", "message": "It is full.", "at": nil, "attempt": nil, "of": nil},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.jobs.job = func(string, string) (*export.Job, error) {
				job := testJob("01exporter")
				job.Status, job.Outcome, job.Files, job.CompletedAt, job.Retry = export.Downloading, "", nil, nil, c.retry
				return job, nil
			}
			a := b.call("exporter", "GET", "/v4/user-export-jobs/01JDB7V2M9QKX3W8ZP5T6R4NHE", "")
			a.expect(200, "", "")
			shown, _ := a.json("retry").(map[string]any)
			if len(shown) != len(c.want) {
				t.Errorf("retry %v, want %v", a.json("retry"), c.want)
			}
			for key, want := range c.want {
				if got, there := shown[key]; got != want || !there {
					t.Errorf("%s is %v, want %v", key, got, want)
				}
			}
		})
	}
}

// Events are read in the order of their times, so the receipt of their file counts no users. Jobs
// of older versions stored the number of events as that of users.
func TestReceiptOfStateEventsCountsNoUsers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.jobs.job = func(string, string) (*export.Job, error) {
		job := testJob("01exporter")
		events := job.Files[0]
		events.Kind, events.Rows, events.Users, events.Matched = export.StateEventsFile, 416, 416, 416
		job.Files = append(job.Files, events)
		return job, nil
	}
	const path = "/v4/user-export-jobs/01JDB7V2M9QKX3W8ZP5T6R4NHE"
	a := b.call("exporter", "GET", path, "")
	a.expect(200, "", "")
	files := a.json("files").([]any)
	if users := files[0].(map[string]any)["users"]; users == nil {
		t.Error("the users file counts no users")
	}
	if events := files[1].(map[string]any); events["users"] != nil || events["rows"] != 416.0 {
		t.Errorf("the job says %v users of %v events", events["users"], events["rows"])
	}
	m := b.call("exporter", "GET", path+"/manifest?kind=state_events", "")
	m.expect(200, "", "")
	if file := m.json("file").(map[string]any); file["users"] != nil || file["rows"] != 416.0 || m.json("usersMatched") != nil {
		t.Errorf("the manifest says %s", m.body)
	}
}

// A sync job whose file was sent waits for its client, as its view says until the client confirms.
func TestJobViewOfUnconfirmedFile(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 11, 23, 8, 32, 0, 0, time.UTC)
	b := setup(t)
	job := testJob("01exporter")
	job.Mode, job.Origin, job.Status, job.Outcome = export.Sync, export.FromConsole, export.Downloading, ""
	job.Delivery = &export.Delivery{Kind: export.UsersFile, Until: until}
	b.jobs.job = func(string, string) (*export.Job, error) { return job, nil }
	const path = "/v4/user-export-jobs/01JDB7V2M9QKX3W8ZP5T6R4NHE"
	if a := b.call("exporter", "GET", path, ""); a.json("retry") != nil {
		t.Errorf("before the stream: %v", a.json("retry"))
	}
	job.Delivery.File = &job.Files[0]
	a := b.call("exporter", "GET", path, "")
	want := map[string]any{
		"reason": "file_unconfirmed", "message": "Waiting for the tab that receives the file.", "at": nil, "attempt": nil, "of": nil,
		"until": "2026-11-23T08:32:00.000Z",
	}
	if got := a.json("retry"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	job.Origin = export.FromAPI
	if got := b.call("exporter", "GET", path, "").json("retry").(map[string]any); got["message"] != "Waiting for the client that receives the file." {
		t.Errorf("for a key pair: %v", got)
	}
}
