package stored_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/stored"
)

var moment = time.Date(2026, 11, 23, 8, 31, 28, 123e6, time.UTC)

// fullJob returns a job with a value in most fields.
func fullJob() *export.Job {
	at, when := moment, export.NewTime(moment)
	eta, next, of := int64(7), 3, 10
	return &export.Job{
		ID: "01J", Tenant: "daily", Requester: export.Requester{ID: "admin:a", UserID: "01A", Email: "ada@example.com"}, Origin: export.FromConsole, Mode: export.Async,
		Definition: export.Definition{
			Include: export.Include{Attributes: true}, Users: export.Selection{UserStoreID: export.All, Search: "amara"},
			File: export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
		},
		Words: "Everyone", Fingerprint: "f", Key: "k:1", Status: export.Downloading, Outcome: export.Completed, CancelledBy: "bob@example.com",
		CreatedAt: at, StartedAt: &at, CompletedAt: &at, ExpiresAt: &at, Attempt: 1 << 33, Sequence: 1, Resumes: 3, Stalled: 2, Heartbeat: at,
		Uploads: []string{"daily/1/users.csv"}, Dirty: true,
		Columns:  []export.Column{{Name: "attributes.a", Source: export.FromAttribute, Key: "a", Type: "text"}},
		Progress: export.Progress{Phase: export.Downloading, Percent: 50, RowsPerSecond: 1.5, ETASeconds: &eta},
		Files:    []export.File{{Kind: export.UsersFile, Name: "users.csv", Key: "k", Bytes: 1, Rows: 2, Users: 3, Columns: 4, SHA256: "ab"}},
		Warnings: []export.Warning{{Code: "no_column", Message: "m", Field: "f", Count: 9}},
		Failure:  &export.Failure{Code: errs.CodeTooManyAttempts, Message: "x"},
		Mail:     &export.Mail{State: export.MailDue, Tries: 3, Next: at, Problem: "p"},
		Retry:    &export.Retry{Reason: export.RetryStorage, Message: "z", At: &when, Attempt: &next, Of: &of},
		History:  []export.Event{{Time: at, Kind: "queued", Message: "y"}},
	}
}

func newJob(t *testing.T, job *export.Job) *stored.Job {
	t.Helper()
	d, err := stored.NewJob(job)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDocumentsKeepTheirForm compares the BSON of documents, including the order of the fields and
// their types, with documents that older versions wrote.
func TestDocumentsKeepTheirForm(t *testing.T) {
	t.Parallel()
	message := stored.NewMessage(&export.Message{
		ID: "m@x", Tenant: "daily", JobID: "01J", UserID: "01A", To: "ada@example.com", Subject: "s", Text: "t", HTML: "h", Time: moment,
	})
	message.Key = "01K"
	for file, document := range map[string]any{
		"job.json":       newJob(t, fullJob()),
		"empty_job.json": newJob(t, &export.Job{ID: "01J", Status: export.Completed, CreatedAt: moment}),
		"claim.json":     &stored.Claim{ID: stored.ClaimID("01J", 2), At: moment},
		"turn.json":      &stored.Turn{Tenant: "daily", Turn: 7},
		"message.json":   message,
	} {
		got, err := bson.MarshalExtJSON(document, true, false)
		want := readGolden(t, file)
		if err != nil || string(got) != want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", file, got, err, want)
		}
	}
}

func readGolden(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func TestJobsSurviveStoring(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]*export.Job{
		"job.json":       fullJob(),
		"empty_job.json": {ID: "01J", Status: export.Completed, CreatedAt: moment},
	} {
		var d stored.Job
		if err := bson.UnmarshalExtJSON([]byte(readGolden(t, file)), true, &d); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Job(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %+v, %v\nwant %+v", file, got, err, want)
		}
	}
}

func TestTextFieldsOfJobs(t *testing.T) {
	t.Parallel()
	d := newJob(t, fullJob())
	d.State.Retry, d.State.Delivery = "", "" // as stored by a version without these fields
	if job, err := d.Job(); err != nil || job.Retry != nil || job.Delivery != nil {
		t.Errorf("without fields: %+v, %v", job, err)
	}
	d.State.Files = "["
	if _, err := d.Job(); err == nil || !strings.Contains(err.Error(), "01J") {
		t.Errorf("a damaged field: %v", err)
	}
}
