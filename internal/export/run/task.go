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
	job        *export.Job // nil for a preview
	obs        Observer    // nil for a preview
	settings   Settings
	tenant     string
	columns    []export.Column
	match      bson.D
	projection bson.D
	options    csv.Options
	encoder    *csv.Encoder // for the header
	meter      meter
	sample     sample
}

const directoryFailed = "The user database failed while the export was prepared."

// prepare asks for everything that a file is made from. Columns are made where none are frozen.
func (r *Runner) prepare(ctx context.Context, tenant string, def export.Definition, frozen []export.Column) (*task, error) {
	t := &task{runner: r, settings: r.Settings.withDefaults(), tenant: tenant}
	if err := t.gather(ctx, def, frozen); err != nil {
		return nil, failed(ctx, export.CodeDatabase, err, directoryFailed)
	}
	var err error
	if t.encoder, err = csv.New(t.options); err != nil {
		return nil, export.Wrap(export.CodeInternal, err, "The columns of the job are not known to this version of Egress.")
	}
	t.meter.now, t.meter.packed = r.now, t.compression() != export.CompressionNone
	if !t.meter.packed {
		t.meter.header = int64(len(t.encoder.Header(nil)))
	}
	return t, nil
}

// survey counts the users, sees whether they can be read in order, and takes a sample of them. An attempt that goes on where
// another has stopped needs none of it.
func (t *task) survey(ctx context.Context) error {
	bsonType, err := t.runner.Users.ForeignIDs(ctx, t.tenant)
	if err == nil && bsonType != "" {
		return foreignID(bsonType)
	}
	if err == nil {
		t.meter.total, err = t.runner.Users.Count(ctx, t.tenant, t.match)
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

// labels returns the names that stand for ids in the file.
func (r *Runner) labels(ctx context.Context, tenant string, def export.Definition) (csv.Labels, error) {
	l := csv.Labels{Stores: map[string]string{}, Products: map[string]string{}}
	stores, err := r.Directory.Stores(ctx, tenant)
	if err != nil {
		return l, err
	}
	for _, s := range stores {
		if s.Title != "" {
			l.Stores[s.ID] = s.Title
		}
	}
	if !def.Include.Grants {
		return l, nil
	}
	products, err := r.Directory.Products(ctx, tenant)
	if err != nil {
		return l, err
	}
	for _, p := range products {
		l.Products[p.ID] = p.Label
	}
	return l, nil
}

// warnings tells what a reader of the file should know.
func warnings(at export.Checkpoint) []export.Warning {
	all := csv.Warnings(at.Missed)
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
