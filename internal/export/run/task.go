package run

import (
	"cmp"
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/csv"
)

// task is one export, prepared: everything that is asked for once.
type task struct {
	runner     *Runner
	kind       export.FileKind
	documents  Documents   // that become rows
	job        *export.Job // nil for a preview
	obs        Observer    // nil for a preview
	settings   Settings
	tenant     string
	columns    []export.Column
	match      bson.D // which of them
	users      bson.D // of state events: whose; empty for everybody's
	projection bson.D
	options    csv.Options
	encoder    *csv.Encoder // for the header
	meter      meter
	sample     sample
}

const directoryFailed = "The user database failed while the export was prepared."

// prepare asks for everything that a file is made from. Columns are made where none are frozen.
func (r *Runner) prepare(ctx context.Context, tenant string, kind export.FileKind, def export.Definition, frozen []export.Column) (*task, error) {
	t := &task{runner: r, kind: kind, documents: r.Users, settings: r.Settings.withDefaults(), tenant: tenant}
	gather := t.gather
	if kind == export.StateEventsFile {
		if r.Events == nil {
			return nil, export.Errorf(export.CodeUnsupported, "There are no state events here.")
		}
		t.documents, gather = r.Events, t.gatherEvents
	}
	if err := gather(ctx, def, frozen); err != nil {
		return nil, failed(ctx, export.CodeDatabase, err, directoryFailed)
	}
	var err error
	if t.encoder, err = csv.New(t.options); err != nil {
		return nil, export.Wrap(export.CodeInternal, err, "The columns of the job are not known to this version of Egress.")
	}
	t.meter.kind, t.meter.now, t.meter.packed = kind, r.now, t.compression() != export.CompressionNone
	if !t.meter.packed {
		t.meter.header = int64(len(t.encoder.Header(nil)))
	}
	return t, nil
}

// survey counts the users, sees whether they can be read in order, and takes a sample of them. An attempt that goes on where
// another has stopped needs none of it.
func (t *task) survey(ctx context.Context) error {
	bsonType, err := t.documents.ForeignIDs(ctx, t.tenant)
	if err == nil && bsonType != "" {
		return foreignID(bsonType)
	}
	if err == nil {
		t.meter.total, err = t.documents.Count(ctx, t.tenant, t.match)
	}
	if err != nil {
		return failed(ctx, export.CodeDatabase, err, directoryFailed)
	}
	if t.sample, err = t.take(ctx); err != nil {
		return err
	}
	t.meter.sample, err = t.stored(t.sample)
	return err
}

// compression is the one that the definition asks for. A definition that was not decoded may have none.
func (t *task) compression() export.Compression {
	return cmp.Or(t.options.Definition.File.Compression, export.CompressionNone)
}

func (t *task) gather(ctx context.Context, def export.Definition, frozen []export.Column) error {
	r := t.runner
	var err error
	if t.match, err = r.Users.Match(ctx, t.tenant, def); err != nil {
		return err
	}
	schema, err := r.Directory.Schema(ctx, t.tenant)
	if err != nil {
		return err
	}
	t.columns = frozen
	if len(frozen) == 0 {
		registry, err := r.Directory.Registry(ctx, t.tenant)
		if err != nil {
			return err
		}
		t.columns = csv.Columns(def, schema, registry)
	}
	t.projection = csv.Projection(def, t.columns)
	t.options = csv.Options{Definition: def, Columns: t.columns, Passwords: csv.Passwords(schema)}
	t.options.Labels, err = r.labels(ctx, t.tenant, def)
	return err
}

// gatherEvents is gather for state events.
func (t *task) gatherEvents(ctx context.Context, def export.Definition, frozen []export.Column) error {
	r := t.runner
	var err error
	if t.match, err = r.Events.Match(ctx, t.tenant, def); err != nil {
		return err
	}
	if t.users, err = r.Users.Match(ctx, t.tenant, def); err != nil {
		return err
	}
	t.columns = frozen
	if len(frozen) == 0 {
		t.columns = csv.EventColumns()
	}
	t.projection = csv.EventProjection()
	t.options = csv.Options{Definition: export.Definition{File: def.File}, Columns: t.columns}
	t.options.Labels.Products, err = r.products(ctx, t.tenant)
	return err
}

// labels returns the names that stand for ids in a users file.
func (r *Runner) labels(ctx context.Context, tenant string, def export.Definition) (csv.Labels, error) {
	l := csv.Labels{Stores: map[string]string{}}
	stores, err := r.Directory.Stores(ctx, tenant)
	if err != nil {
		return l, err
	}
	for _, s := range stores {
		if s.Title != "" {
			l.Stores[s.ID] = s.Title
		}
	}
	if def.Include.Grants {
		l.Products, err = r.products(ctx, tenant)
	}
	return l, err
}

// products returns the labels of products by their ids.
func (r *Runner) products(ctx context.Context, tenant string) (map[string]string, error) {
	products, err := r.Directory.Products(ctx, tenant)
	if err != nil {
		return nil, err
	}
	labels := make(map[string]string, len(products))
	for _, p := range products {
		labels[p.ID] = p.Label
	}
	return labels, nil
}

// warnings tells what a reader of the file should know.
func warnings(kind export.FileKind, at export.Checkpoint) []export.Warning {
	all := csv.Warnings(at.Missed)
	if kind == export.StateEventsFile {
		for i := range all {
			all[i].File = kind
		}
		return all // events are only ever added: those that came during the run are nothing to warn of
	}
	if start, end := at.Matched, at.Users; start != end {
		n := max(start-end, end-start)
		all = append(all, export.Warning{
			Code: "users_changed", Count: n,
			Message: fmt.Sprintf("%s changed during the run. %s matched at the start, %s at the end. Each is in the file once.",
				export.Counted(n, "user", "users"), export.Thousands(start), export.Thousands(end)),
		})
	}
	return all
}
