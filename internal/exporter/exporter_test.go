package exporter

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// fake implements every port of an Exporter and counts the calls.
type fake struct {
	calls    map[string]int
	features map[export.Feature]bool
	replay   *export.Job // of the idempotency key
	job      *export.Job
	created  jobs.Request
	ids      []export.FileKind // of CheckIDs
	records  []audit.Record
	auditErr error

	linkErr, historyErr error
}

func (f *fake) call(name string) { f.calls[name]++ }

func (f *fake) Features(context.Context, string) (map[export.Feature]bool, error) {
	f.call("features")
	return f.features, nil
}

func (f *fake) Schema(context.Context, string) (users.Schema, error) {
	f.call("schema")
	return users.Schema{{Slug: "country", Label: "Country", Type: users.Text}}, nil
}

func (f *fake) Registry(context.Context, string) (users.Registry, error) {
	f.call("registry")
	return users.Registry{}, nil
}

func (f *fake) Stores(context.Context, string) ([]users.Store, error) {
	f.call("stores")
	return []users.Store{{ID: "uk", Title: "Meridian UK"}}, nil
}

func (f *fake) Products(context.Context, string) ([]users.Product, error) {
	f.call("products")
	return nil, nil
}

func (f *fake) Catalog(string) filter.Catalog { return nil }

func (f *fake) CheckIDs(_ context.Context, _ string, kinds ...export.FileKind) error {
	f.ids = kinds
	return nil
}

func (f *fake) CachedCount(_ context.Context, _ string, s filter.Selection) (int64, error) {
	f.call("count")
	if s.Store != "uk" {
		return 0, errors.New("another selection")
	}
	return 7, nil
}

func (f *fake) Estimate(_ context.Context, _ string, s filter.Selection) (users.Count, error) {
	f.call("estimate")
	if s.Store != "uk" {
		return users.Count{}, errors.New("another selection")
	}
	return users.Count{Users: 12_000, Accuracy: users.Estimate}, nil
}

func (f *fake) Preview(ctx context.Context, _ *pipeline.Plan, o pipeline.PreviewOptions) (pipeline.Preview, error) {
	f.call("preview")
	n, err := o.Count(ctx)
	return pipeline.Preview{Users: n.Users, Accuracy: n.Accuracy, Rows: make([][]string, o.Rows), Cut: o.SampleTime > 0, Columns: []export.Column{{Name: "user_id"}}}, err
}

func (f *fake) Verify(context.Context, *export.Job, export.File, func(int64)) error { return nil }

func (f *fake) Append(_ context.Context, r ...audit.Record) error {
	if f.auditErr != nil {
		return f.auditErr
	}
	f.records = append(f.records, r...)
	return nil
}

func (f *fake) AppendOnce(ctx context.Context, r audit.Record) error { return f.Append(ctx, r) }

func (f *fake) Replay(context.Context, jobs.Request) (*export.Job, error) { return f.replay, nil }

func (f *fake) Create(_ context.Context, r jobs.Request) (*export.Job, bool, error) {
	f.created = r
	return &export.Job{ID: "j1", Words: r.Words}, false, nil
}

func (f *fake) Job(context.Context, string, string) (*export.Job, error) { return f.job, nil }

func (f *fake) Cancel(_ context.Context, _, _, by string) (*export.Job, error) {
	return &export.Job{ID: f.job.ID, CancelledBy: by}, nil
}

func (f *fake) CancelTabClosed(context.Context, string, string) (*export.Job, error) {
	f.call("tab closed")
	return &export.Job{ID: f.job.ID, CancelReason: export.CancelTabClosed}, nil
}

func (f *fake) OpenStream(context.Context, string, string, export.FileKind) (*jobs.Stream, error) {
	f.call("stream")
	return nil, nil //nolint:nilnil // no test reads it
}

func (f *fake) Confirm(context.Context, string, string, jobs.Confirmation) (*export.Job, error) {
	f.call("confirm")
	return f.job, nil
}

func (f *fake) CheckFile(*export.Job, export.File) error { return f.linkErr }

func (f *fake) RecordDownload(_ context.Context, tenant, id string, kind export.FileKind, by export.Requester) error {
	f.call("record " + tenant + " " + id + " " + string(kind) + " " + by.ID)
	return f.historyErr
}

func (f *fake) Link(context.Context, *export.Job, export.File) (string, time.Time, error) {
	return "https://files.example/x", time.Time{}, f.linkErr
}

func setup() (*Exporter, *fake) {
	f := &fake{
		calls: map[string]int{}, features: map[export.Feature]bool{export.FeatureAsync: true},
		job: &export.Job{ID: "j1", Requester: export.Requester{ID: "admin:a"}, Words: "Everyone"},
	}
	return New(Options{Jobs: f, Features: f, Definitions: Compiler{Directory: f, Catalogs: f}, Users: f, Runner: f, Audit: f}), f
}

var (
	caller = Caller{
		Tenant: "meridian", Requester: export.Requester{ID: "admin:a", Email: "a@example.com"}, Origin: export.FromConsole, OwnJobs: true,
		Record: audit.Record{AdminID: "a", Address: "192.0.2.1"},
	}
	stranger  = Caller{Tenant: "meridian", Requester: export.Requester{ID: "admin:b"}, OwnJobs: true}
	ukUsers   = export.Definition{Include: export.Include{Attributes: true}, Users: export.Selection{UserStoreID: "uk"}}
	withEvent = export.Definition{Include: ukUsers.Include, Users: ukUsers.Users, StateEvents: &export.StateEvents{}}
)

func TestStartReadsAndRecordsOnce(t *testing.T) {
	t.Parallel()
	e, f := setup()
	job, err := e.Start(t.Context(), caller, ukUsers, "key", export.Warning{Code: "w"})
	if err != nil || job.ID != "j1" {
		t.Fatalf("%v, %v", job, err)
	}
	if want := map[string]int{"features": 1, "schema": 1, "stores": 1}; !maps.Equal(f.calls, want) {
		t.Errorf("calls %v, want %v", f.calls, want)
	}
	if r := f.created; r.Words != "Everyone in Meridian UK" || r.Mode != export.Async || r.IdempotencyKey != "key" || len(r.Warnings) != 1 || r.Requester != caller.Requester || r.Origin != caller.Origin {
		t.Errorf("created %+v", r)
	}
	if len(f.records) != 1 || f.records[0] != (audit.Record{Kind: audit.ExportStarted, Tenant: "meridian", AdminID: "a", Address: "192.0.2.1", Subject: "j1", Words: "Everyone in Meridian UK"}) {
		t.Errorf("records %+v", f.records)
	}
	if len(f.ids) != 1 || f.ids[0] != export.UsersFile {
		t.Errorf("checked the ids of %v", f.ids)
	}
}

// A job keeps the dates of its admission. Its fingerprint is that of the request, so that a repeated
// request is the same job a day later.
func TestStartResolvesRelativeDates(t *testing.T) {
	t.Parallel()
	def := ukUsers
	def.Users.Filter = &export.Rule{Field: "last_login", Operator: export.Between, From: export.String("now-30d"), To: export.String("now")}
	fingerprints := map[string]bool{}
	for day, want := range []string{
		"Last login is between 24 Oct 2026 08:00 UTC and 23 Nov 2026 08:00 UTC, in Meridian UK",
		"Last login is between 25 Oct 2026 08:00 UTC and 24 Nov 2026 08:00 UTC, in Meridian UK",
	} {
		e, f := setup()
		now := func() time.Time { return time.Date(2026, 11, 23+day, 8, 0, 0, 0, time.UTC) }
		e.definitions = Compiler{Directory: f, Catalogs: f, Now: now}
		if _, err := e.Start(t.Context(), caller, def, "key"); err != nil {
			t.Fatal(err)
		}
		r := f.created
		if stored := r.Definition.Users.Filter; r.Words != want || stored.To != export.String(export.FormatTime(now())) {
			t.Errorf("%s, %+v", r.Words, stored)
		}
		fingerprints[r.Fingerprint] = true
	}
	if !fingerprints[def.Fingerprint()] || len(fingerprints) != 1 {
		t.Errorf("fingerprints %v", fingerprints)
	}
	if def.Users.Filter.From != export.String("now-30d") {
		t.Errorf("the request became %+v", def.Users.Filter)
	}
}

func TestStartFollowsFeatures(t *testing.T) {
	t.Parallel()
	e, f := setup()
	if _, err := e.Start(t.Context(), caller, withEvent, ""); errs.CodeOf(err) != errs.CodeInvalidRequest || len(f.records) != 0 {
		t.Errorf("state events that are off: %v, records %v", err, f.records)
	}
	f.features = map[export.Feature]bool{export.FeatureStateEvents: true}
	if _, err := e.Start(t.Context(), caller, withEvent, ""); err != nil || f.created.Mode != export.Sync {
		t.Errorf("%v, mode %s", err, f.created.Mode)
	}
	alone := withEvent
	alone.Include = export.Include{}
	if _, err := e.Start(t.Context(), caller, alone, ""); err != nil || len(f.ids) != 2 {
		t.Errorf("%v, checked the ids of %v", err, f.ids)
	}
}

func TestStartReturnsEarlierJobUnchecked(t *testing.T) {
	t.Parallel()
	e, f := setup()
	f.replay = &export.Job{ID: "earlier"}
	job, err := e.Start(t.Context(), caller, withEvent, "key")
	if err != nil || job.ID != "earlier" || len(f.calls)+len(f.records) != 0 {
		t.Errorf("%v, %v, calls %v, records %v", job, err, f.calls, f.records)
	}
}

func TestPreviewRecordsBeforeItReads(t *testing.T) {
	t.Parallel()
	e, f := setup()
	p, err := e.Preview(t.Context(), caller, ukUsers, false)
	if err != nil || p.Words != "Everyone in Meridian UK" || p.Users != 7 || p.Accuracy != users.Exact || len(p.Rows) != previewRows || p.Cut || len(f.records) != 1 {
		t.Errorf("%+v, %v, records %v", p, err, f.records)
	}
	if want := map[string]int{"schema": 1, "stores": 1, "registry": 1, "preview": 1, "count": 1}; !maps.Equal(f.calls, want) {
		t.Errorf("calls %v, want %v", f.calls, want)
	}
	f.auditErr = errors.New("lost")
	if _, err := e.Preview(t.Context(), caller, ukUsers, false); errs.CodeOf(err) != errs.CodeUnavailable || f.calls["preview"] != 1 {
		t.Errorf("without an audit log: %v, %d previews", err, f.calls["preview"])
	}
}

func TestPreviewWithEstimates(t *testing.T) {
	t.Parallel()
	e, f := setup()
	p, err := e.Preview(t.Context(), caller, ukUsers, true)
	if err != nil || p.Users != 12_000 || p.Accuracy != users.Estimate || !p.Cut || f.calls["count"] != 0 {
		t.Errorf("%+v, %v, calls %v", p, err, f.calls)
	}
}

func TestCountRecordsTheResult(t *testing.T) {
	t.Parallel()
	e, f := setup()
	n, err := e.Count(t.Context(), caller, ukUsers, false)
	if want := (users.Count{Users: 7, Accuracy: users.Exact}); err != nil || n != want || len(f.records) != 1 || f.records[0].Words != "Everyone in Meridian UK: 7 users" {
		t.Errorf("%v, %v, records %+v", n, err, f.records)
	}
	n, err = e.Count(t.Context(), caller, ukUsers, true)
	if want := (users.Count{Users: 12_000, Accuracy: users.Estimate}); err != nil || n != want || f.calls["count"] != 1 || len(f.records) != 2 ||
		f.records[1].Words != "Everyone in Meridian UK: about 12,000 users" {
		t.Errorf("estimate: %v, %v, records %+v", n, err, f.records)
	}
	f.auditErr = errors.New("lost")
	if _, err := e.Count(t.Context(), caller, ukUsers, false); errs.CodeOf(err) != errs.CodeUnavailable {
		t.Errorf("without an audit log: %v", err)
	}
}

type verifyLog struct{ verified []string }

func (*verifyLog) Read(export.File, int64) {}

func (l *verifyLog) Verified(f export.File) { l.verified = append(l.verified, f.Name) }
