package pipeline

import (
	"cmp"
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

// task is one file of an export, prepared: its query, columns, encoder options and estimate.
type task struct {
	runner     *Runner
	kind       export.FileKind
	view       *view
	documents  Documents   // the collection of the view whose documents become rows
	job        *export.Job // nil for a preview
	obs        Observer    // nil for a preview
	settings   Settings
	tenant     string
	columns    []export.Column
	selection  filter.Selection // the documents
	users      filter.Selection // state events only: their users
	projection bson.D
	options    csv.Options
	encoder    *csv.Encoder // for the header only
	meter      meter
	sample     sample

	earlierMoments []time.Time // of earlier attempts that read a part of this file
	firstMoment    int         // of this attempt, in the view's moments
}

const msgPrepareFailed = "The user database failed while Egress was preparing the export."

// prepare derives everything that a file is made from. If frozen is empty, prepare derives the
// columns from the tenant's schema.
func (r *Runner) prepare(plan *Plan, v *view, kind export.FileKind, frozen []export.Column) (*task, error) {
	t := &task{
		runner: r, kind: kind, view: v, documents: v.users,
		settings: r.o.Settings.withDefaults(), tenant: plan.Tenant, columns: frozen,
	}
	switch {
	case kind == export.UsersFile:
		t.resolveUsers(plan)
	case v.events == nil:
		return nil, errs.Errorf(errs.CodeUnsupported, "This server does not export state events.")
	case plan.Definition.StateEvents == nil:
		return nil, errs.Errorf(errs.CodeInternal, "The definition selects no state events.")
	default:
		t.resolveEvents(plan)
	}
	var err error
	if t.encoder, err = csv.New(t.options); err != nil {
		return nil, errs.Wrap(errs.CodeInternal, err, "This version of Egress does not know the columns of the job.")
	}
	t.meter.kind, t.meter.now, t.meter.compressed = kind, r.o.Clock, t.compression() != export.CompressionNone
	if !t.meter.compressed {
		t.meter.headerBytes = int64(len(t.encoder.Header(nil)))
	}
	return t, nil
}

// survey counts the users, checks that all ids are strings, and takes a sample. An attempt that
// resumes skips it.
func (t *task) survey(ctx context.Context) error {
	return t.surveyWith(ctx, func(ctx context.Context) (int64, error) {
		return t.documents.Count(ctx, t.tenant, t.selection)
	}, 0)
}

// surveyWith is survey with another count, and with a time limit for reading the sample (0: none).
func (t *task) surveyWith(ctx context.Context, count func(context.Context) (int64, error), sampleTime time.Duration) error {
	types, err := t.documents.NonStringIDType(ctx, t.tenant)
	if err == nil && types != "" {
		return NonStringIDError(t.noun(), types)
	}
	if err == nil {
		t.meter.matched, err = count(ctx)
	}
	if err != nil {
		return wrapFailure(ctx, errs.CodeDatabaseUnavailable, err, msgPrepareFailed)
	}
	if t.sample, err = t.takeSample(ctx, sampleTime); err != nil {
		return err
	}
	return t.seedEstimate(t.sample)
}

// noun returns the name of the documents in the plural.
func (t *task) noun() string {
	if t.kind == export.StateEventsFile {
		return "state events"
	}
	return "users"
}

// compression returns the definition's compression. A definition that was not decoded may have
// none.
func (t *task) compression() export.Compression {
	return cmp.Or(t.options.Definition.File.Compression, export.CompressionNone)
}

func (t *task) resolveUsers(plan *Plan) {
	def := plan.Definition
	t.selection = plan.Users
	if len(t.columns) == 0 {
		t.columns = csv.Columns(def, plan.Schema, plan.Registry)
	}
	t.projection = csv.Projection(def, t.columns)
	t.options = csv.Options{
		Definition: def, Columns: t.columns, Passwords: csv.PasswordSlugs(plan.Schema),
		Labels: csv.Labels{Stores: plan.storeTitles(), Products: plan.productLabels()},
	}
}

func (t *task) resolveEvents(plan *Plan) {
	t.documents = t.view.events
	t.selection, t.users = filter.StateEvents(plan.Definition), plan.Users
	if len(t.columns) == 0 {
		t.columns = csv.EventColumns()
	}
	t.projection = csv.EventProjection()
	t.options = csv.Options{
		Definition: export.Definition{File: plan.Definition.File}, Columns: t.columns,
		Labels: csv.Labels{Products: plan.productLabels()},
	}
}
