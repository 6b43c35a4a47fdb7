package api

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

type fakeJobs struct {
	replay     func(jobs.Request) *export.Job // nil: no earlier request
	create     func(jobs.Request) (*export.Job, bool, error)
	job        func(tenant, id string) (*export.Job, error)
	list       func(tenant string, q jobs.ListQuery) ([]*export.Job, string, error)
	snapshot   func(tenant, requester string) ([]*export.Job, error)
	cancel     func(tenant, id, by string) (*export.Job, error)
	position   func(*export.Job) (int64, error)
	link       func(*export.Job, export.File) (string, time.Time, error)
	exportDays func(tenant string, zone *time.Location) ([]jobs.ExportDay, error)
	keptDays   func(tenant string, zone *time.Location) ([]jobs.KeptDay, error)

	check    func(*export.Job, export.File) error // nil: every file can be downloaded
	download func(tenant, id string, kind export.FileKind, by export.Requester) error

	cancelTabClosed func(tenant, id string) (*export.Job, error)

	confirm func(tenant, id string, c jobs.Confirmation) (*export.Job, error)
}

func (f *fakeJobs) Confirm(_ context.Context, tenant, id string, c jobs.Confirmation) (*export.Job, error) {
	return f.confirm(tenant, id, c)
}

func (f *fakeJobs) OpenStream(context.Context, string, string, export.FileKind) (*jobs.Stream, error) {
	return nil, errs.Errorf(errs.CodeStreamTaken, "The stream was opened before.")
}

func (f *fakeJobs) Replay(_ context.Context, r jobs.Request) (*export.Job, error) {
	if f.replay == nil {
		return nil, nil
	}
	return f.replay(r), nil
}
func (f *fakeJobs) Create(_ context.Context, r jobs.Request) (*export.Job, bool, error) {
	return f.create(r)
}
func (f *fakeJobs) Job(_ context.Context, tenant, id string) (*export.Job, error) {
	return f.job(tenant, id)
}
func (f *fakeJobs) List(_ context.Context, tenant string, q jobs.ListQuery) ([]*export.Job, string, error) {
	return f.list(tenant, q)
}
func (f *fakeJobs) Snapshot(_ context.Context, tenant, requester string) ([]*export.Job, error) {
	return f.snapshot(tenant, requester)
}
func (f *fakeJobs) Cancel(_ context.Context, tenant, id, by string) (*export.Job, error) {
	return f.cancel(tenant, id, by)
}
func (f *fakeJobs) CancelTabClosed(_ context.Context, tenant, id string) (*export.Job, error) {
	return f.cancelTabClosed(tenant, id)
}
func (f *fakeJobs) Retention() time.Duration                                 { return 36 * time.Hour }
func (f *fakeJobs) QueuePositions(context.Context) (map[string]int64, error) { return nil, nil }

func (f *fakeJobs) QueuePosition(_ context.Context, job *export.Job) (int64, error) {
	return f.position(job)
}
func (f *fakeJobs) ExportDays(_ context.Context, tenant string, zone *time.Location) ([]jobs.ExportDay, error) {
	return f.exportDays(tenant, zone)
}
func (f *fakeJobs) KeptDays(_ context.Context, tenant string, zone *time.Location) ([]jobs.KeptDay, error) {
	return f.keptDays(tenant, zone)
}
func (f *fakeJobs) CheckFile(job *export.Job, file export.File) error {
	if f.check == nil {
		return nil
	}
	return f.check(job, file)
}
func (f *fakeJobs) RecordDownload(_ context.Context, tenant, id string, kind export.FileKind, by export.Requester) error {
	return f.download(tenant, id, kind, by)
}
func (f *fakeJobs) Link(_ context.Context, job *export.Job, file export.File) (string, time.Time, error) {
	return f.link(job, file)
}

type fakeFeatures map[export.Feature]bool

func (f fakeFeatures) Features(context.Context, string) (map[export.Feature]bool, error) {
	return f, nil
}
func (f fakeFeatures) SetFeature(_ context.Context, _ string, key export.Feature, on bool) error {
	f[key] = on
	return nil
}

type fakeDefinitions struct {
	words   func(tenant string, def export.Definition) (string, error)
	count   func(tenant string, def export.Definition) (int64, error)
	preview func(tenant string, def export.Definition) (pipeline.Preview, error)
}

// everyone describes every definition as "Everyone".
func everyone() *fakeDefinitions {
	return &fakeDefinitions{words: func(string, export.Definition) (string, error) { return "Everyone", nil }}
}

func (f *fakeDefinitions) Words(_ context.Context, tenant string, def export.Definition) (string, error) {
	return f.words(tenant, def)
}
func (f *fakeDefinitions) Count(_ context.Context, tenant string, def export.Definition) (int64, error) {
	return f.count(tenant, def)
}
func (f *fakeDefinitions) Preview(_ context.Context, tenant string, def export.Definition, _ int) (pipeline.Preview, error) {
	return f.preview(tenant, def)
}

// testDefinitions are the calls of the exporter's use cases that tests replace.
type testDefinitions interface {
	Words(ctx context.Context, tenant string, def export.Definition) (string, error)
	Count(ctx context.Context, tenant string, def export.Definition) (int64, error)
	Preview(ctx context.Context, tenant string, def export.Definition, limit int) (pipeline.Preview, error)
}

// exporterFakes adapts fakes to the ports of the exporter.
type exporterFakes struct {
	defs      testDefinitions
	users     Users
	directory Directory
}

func (f exporterFakes) Compile(ctx context.Context, tenant string, def export.Definition) (*exporter.Compiled, error) {
	words, err := f.defs.Words(ctx, tenant, def)
	if err != nil {
		return nil, err
	}
	schema, err := f.directory.Schema(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return &exporter.Compiled{Tenant: tenant, Definition: def, Words: words, Schema: schema}, nil
}

func (f exporterFakes) Complete(_ context.Context, c *exporter.Compiled) (*pipeline.Plan, error) {
	return &pipeline.Plan{Tenant: c.Tenant, Definition: c.Definition}, nil
}

func (f exporterFakes) Preview(ctx context.Context, plan *pipeline.Plan, o pipeline.PreviewOptions) (pipeline.Preview, error) {
	p, err := f.defs.Preview(ctx, plan.Tenant, plan.Definition, o.Rows)
	p.Accuracy = users.Exact
	if o.SampleTime > 0 {
		n, err := o.Count(ctx)
		p.Users, p.Accuracy, p.Cut = n.Users, n.Accuracy, true
		return p, err
	}
	return p, err
}

func (f exporterFakes) Verify(context.Context, *export.Job, export.File, func(int64)) error {
	return nil
}

func (f exporterFakes) CachedCount(ctx context.Context, tenant string, _ filter.Selection) (int64, error) {
	return f.defs.Count(ctx, tenant, export.Definition{})
}

func (f exporterFakes) Estimate(ctx context.Context, tenant string, _ filter.Selection) (users.Count, error) {
	return f.users.EstimateUsers(ctx, tenant, users.Query{})
}

func (f exporterFakes) CheckIDs(ctx context.Context, tenant string, kinds ...export.FileKind) error {
	return f.users.CheckIDs(ctx, tenant, kinds...)
}

// newExports returns the real use cases on fakes.
func newExports(o *Options, jobs exporter.Jobs, defs testDefinitions) *exporter.Exporter {
	fakes := exporterFakes{defs, o.Users, o.Directory}
	return exporter.New(exporter.Options{
		Jobs: jobs, Features: o.Features, Definitions: fakes, Users: fakes, Runner: fakes, Audit: o.Audit, Logger: o.Logger,
	})
}
