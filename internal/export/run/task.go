package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/csv"
)

// task is one export, prepared: everything that is asked for once.
type task struct {
	runner     *Runner
	settings   Settings
	tenant     string
	columns    []export.Column
	match      bson.D
	projection bson.D
	options    csv.Options
	encoder    *csv.Encoder
	meter      meter
	sample     sample
}

const directoryFailed = "The user database failed while the export was prepared."

// prepare asks for everything that a file is made from, and takes a sample. Columns are made where none are frozen.
func (r *Runner) prepare(ctx context.Context, tenant string, def export.Definition, frozen []export.Column) (*task, error) {
	t := &task{runner: r, settings: r.Settings.withDefaults(), tenant: tenant}
	if err := t.gather(ctx, def, frozen); err != nil {
		return nil, failed(ctx, export.CodeDatabase, err, directoryFailed)
	}
	var err error
	if t.encoder, err = csv.New(t.options); err != nil {
		return nil, export.Wrap(export.CodeInternal, err, "The columns of the job are not known to this version of Egress.")
	}
	sample, err := t.take(ctx)
	if err != nil {
		return nil, err
	}
	t.sample = sample
	t.meter.now, t.meter.sample = r.now, sample.size
	t.meter.header = int64(len(t.encoder.Header(nil)))
	return t, nil
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
	if t.options.Labels, err = r.labels(ctx, t.tenant, def); err != nil {
		return err
	}
	bsonType, err := r.Users.ForeignIDs(ctx, t.tenant)
	if err != nil {
		return err
	}
	if bsonType != "" {
		return foreignID(bsonType)
	}
	t.meter.total, err = r.Users.Count(ctx, t.tenant, t.match)
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

// source opens nothing yet.
func (t *task) source(reopened func()) *source {
	return &source{
		users: t.runner.Users, tenant: t.tenant, match: t.match, projection: t.projection,
		retries: t.settings.Reopens, delay: t.settings.RetryDelay, reopened: reopened,
	}
}

// maxBlock is the size in bytes at which a block is handed on, however few users it has.
const maxBlock = 1 << 20

// write reads and encodes all users and stores the file in parts. It returns once no part is in flight.
func (t *task) write(ctx context.Context, upload Upload, obs Observer, file *export.File) (etags []string, err error) {
	p := newParts(ctx, upload, t.settings)
	if err := p.wait(t.fill(p, obs)); err != nil {
		return nil, err
	}
	progress := t.meter.progress(true, true)
	obs.Progress(progress)
	file.Bytes, file.Rows, file.Users, file.SHA256 = progress.Users.Bytes, progress.Users.Rows, progress.Users.Users, p.sum()
	if file.Bytes != p.written() {
		return nil, export.Errorf(export.CodeInternal, "The size of the file was miscounted.")
	}
	return p.etags, nil
}

// fill reads and encodes all users into p.
func (t *task) fill(p *parts, obs Observer) error {
	ctx := p.ctx // ends with the run, and when a part fails
	users := t.source(func() {
		obs.Event("resumed", "The database lost the cursor; reading went on after the last user.")
	})
	defer users.close()
	p.buf = t.encoder.Header(p.buf)
	obs.Progress(t.meter.progress(true, false))
	b := block{task: t}
	for {
		doc, err := users.next(ctx)
		if err == io.EOF { //nolint:errorlint // one that is wrapped is a broken connection, not the end
			break
		}
		if err != nil {
			return err
		}
		if err := b.add(ctx, doc); err != nil {
			return err
		}
		if b.full() {
			if err := b.flush(ctx, p, obs); err != nil {
				return err
			}
		}
	}
	if err := b.flush(ctx, p, obs); err != nil {
		return err
	}
	return p.finish()
}

// block is a number of users whose rows are encoded, but for the names of accounts: those are looked up for all of them at once.
type block struct {
	task  *task
	rows  []byte
	users []blockUser
}

type blockUser struct {
	end  int // in block.rows
	rows int
}

func (b *block) add(ctx context.Context, doc bson.Raw) error {
	rows, n, err := b.task.encoder.Append(b.rows, doc)
	switch {
	case errors.Is(err, csv.ErrTooLarge):
		return export.Wrap(export.CodeFileTooLarge, err, "The rows of one user are larger than "+megabytes(csv.MaxUserBytes)+".")
	case err != nil:
		return failed(ctx, export.CodeDatabase, err, "The user database returned a user that cannot be read.")
	}
	b.rows = rows
	b.users = append(b.users, blockUser{len(rows), n})
	return nil
}

func (b *block) full() bool {
	return len(b.users) == b.task.settings.BlockUsers || len(b.rows) >= maxBlock
}

// flush looks up the names that are missing and moves the users on to p.
func (b *block) flush(ctx context.Context, p *parts, obs Observer) error {
	if err := b.name(ctx); err != nil {
		return err
	}
	from := 0
	for _, u := range b.users {
		before := len(p.buf)
		p.buf = b.task.encoder.Fill(p.buf, b.rows, from, u.end)
		b.task.meter.pass(size{1, int64(u.rows), int64(len(p.buf) - before)})
		from = u.end
		if err := p.cut(); err != nil {
			return err
		}
	}
	b.reset()
	obs.Progress(b.task.meter.progress(true, false))
	return nil
}

func (b *block) name(ctx context.Context) error {
	ids := b.task.encoder.Unnamed()
	if len(ids) == 0 {
		return nil
	}
	names, err := b.task.runner.Directory.AccountNames(ctx, b.task.tenant, ids)
	if err != nil {
		return failed(ctx, export.CodeDatabase, err, "The user database failed while the names of accounts were read.")
	}
	b.task.encoder.Name(ids, names)
	return nil
}

func (b *block) reset() {
	if cap(b.rows) > 4*maxBlock {
		b.rows = nil // grown by an uncommonly large user
	}
	b.rows, b.users = b.rows[:0], b.users[:0]
	b.task.encoder.Reset()
}

// warnings tells what a reader of the file should know.
func (t *task) warnings() []export.Warning {
	all := slices.Clone(t.encoder.Warnings())
	if start, end := t.meter.total, t.meter.done.users; start != end {
		n := max(start-end, end-start)
		all = append(all, export.Warning{
			Code: "users_changed", Count: n,
			Message: fmt.Sprintf("%s changed during the run. %s matched at the start, %s at the end. Each is in the file once.",
				export.Counted(n, "user", "users"), export.Thousands(start), export.Thousands(end)),
		})
	}
	return all
}
