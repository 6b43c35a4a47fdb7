package importer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// Writer stores what an import reads. Run calls its methods from one goroutine at a time.
type Writer interface {
	// Schema returns the tenant's fields, sorted by Order.
	Schema(ctx context.Context, tenant string) (users.Schema, error)
	// PutSchema creates or replaces the given fields and keeps all others.
	PutSchema(ctx context.Context, tenant string, fields users.Schema) error
	// AddStores, AddProducts and AddAccounts create the missing entries and return how many they
	// created. An existing entry whose title equals its id takes the given title; any other title
	// stays.
	AddStores(ctx context.Context, tenant string, stores []users.Store) (added int, err error)
	AddProducts(ctx context.Context, tenant string, products []users.Product) (added int, err error)
	AddAccounts(ctx context.Context, tenant string, accounts []users.Account) (added int, err error)
	// AddRegistry adds the missing foreign systems and app ids.
	AddRegistry(ctx context.Context, tenant string, r users.Registry) error
	// ConvertField converts each stored non-text value of the field to the text that an export
	// shows for it. It returns the number of users that it changed. Nothing else about them
	// changes.
	ConvertField(ctx context.Context, tenant string, field users.Field) (converted int64, err error)
	// WriteUsers creates or replaces users and returns how many are new. Each id occurs once in
	// docs.
	WriteUsers(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error)
}

// BatchSizer is a Writer or an EventWriter that wants batches of another size than 1000 documents or
// 8 MiB.
type BatchSizer interface {
	// BatchSize returns the number of documents, and the number of their bytes, that make a batch
	// full. The first batches of users are smaller.
	BatchSize() (docs, bytes int)
}

// BulkWriter is a Writer that can write many users faster if it knows when they begin and end.
type BulkWriter interface {
	// WriteManyUsers calls write, which writes users and what they refer to, and returns its error.
	WriteManyUsers(ctx context.Context, tenant string, write func() error) error
}

// Options configures an import. The zero value is valid.
type Options struct {
	// ExtendSchema adds a field, with a type inferred from the file, for each attribute that the
	// tenant's schema lacks. It also widens the type of any field that does not fit the file's
	// values. Without it, an import widens only fields that an import created. A tenant without a
	// schema always gets one from the file.
	ExtendSchema bool
	// OnError selects what an invalid value skips. Empty means SkipValue.
	OnError OnError
	// DefaultStore is the store id of users who have none. Empty means "default".
	DefaultStore string
	// CreateTenant creates the tenant, if it does not exist. It is called after the whole file was
	// checked and before anything is written, so that an invalid file creates no tenant. Nil means
	// that the tenant exists.
	CreateTenant func(context.Context) error
	// OnRefusal is called for each skipped value and record, and with Stop for each that would be
	// skipped. May be nil.
	OnRefusal func(Refusal)
	// Progress is called after every thousand records and at the end of each pass. May be nil.
	Progress func(Progress)
}

// Progress reports how far an import is. An import reads the file in passes: the first one checks
// the file and infers types, with Stop a second one validates the values, and the last one writes.
type Progress struct {
	Pass       int   // the current pass, from 1
	Passes     int   // the number of passes
	Writing    bool  // reports whether this is the last pass, which writes
	BytesRead  int64 // in this pass, before decompression
	BytesTotal int64 // the size of the file before decompression; 0 if unknown
	Records    int64 // in this pass
}

const defaultStore = "default"

// Run imports the users of the source into the tenant. It reads the whole file before it writes
// anything: a malformed or truncated file is an errs.CodeInvalidRequest that names the line.
// Options.OnError selects what an invalid value skips. If the file contains a user id several
// times, the last record wins. The report is valid even with an error: it contains what Run did
// before the error.
func Run(ctx context.Context, w Writer, tenant string, src Source, o Options) (Report, error) {
	im, err := newUserImport(w, tenant, src, o)
	if err != nil {
		return im.report, err
	}
	var schema users.Schema // of a new tenant: none
	if o.CreateTenant == nil {
		if schema, err = im.readSchema(ctx); err != nil {
			return im.report, err
		}
	}
	in, err := im.inferTypes(ctx, schema)
	if err != nil {
		return im.report, err
	}
	added := in.newFields(schema)
	widened, changes := in.widenedFields(schema)
	newSchema := mergeFields(schema, slices.Concat(widened, added))
	if err := im.validate(ctx, newSchema); err != nil {
		return im.report, err
	}
	if err := im.createTenant(ctx); err != nil {
		return im.report, err
	}
	if err := im.widenFields(ctx, widened, changes); err != nil {
		return im.report, err
	}
	if len(added) > 0 {
		if err := w.PutSchema(ctx, tenant, added); err != nil {
			return im.report, fmt.Errorf("write schema: %w", err)
		}
		im.report.Fields = added
	}
	write := func() error { return im.writeUsers(ctx, newSchema) }
	if bulk, ok := w.(BulkWriter); ok {
		err = bulk.WriteManyUsers(ctx, tenant, write)
	} else {
		err = write()
	}
	return im.report, err
}

// userImport is the state of one Run.
type userImport struct {
	passes

	dest   Writer
	tenant string
	report Report
}

func newUserImport(w Writer, tenant string, src Source, o Options) (*userImport, error) {
	o.DefaultStore, o.OnError = cmp.Or(o.DefaultStore, defaultStore), cmp.Or(o.OnError, SkipValue)
	im := &userImport{dest: w, tenant: tenant, passes: newPasses(src, "users", o), report: Report{Ignored: map[string]int64{}}}
	if !users.ValidID(o.DefaultStore) {
		return im, errs.Invalid("store", "is not an id")
	}
	return im, nil
}

func (im *userImport) readSchema(ctx context.Context) (users.Schema, error) {
	schema, err := im.dest.Schema(ctx, im.tenant)
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return schema, nil
}

// createTenant calls Options.CreateTenant. The types were inferred for a tenant without a schema, so
// a tenant that another process created and gave a schema meanwhile is an errs.CodeExists.
func (im *userImport) createTenant(ctx context.Context) error {
	if im.o.CreateTenant == nil {
		return nil
	}
	if err := im.o.CreateTenant(ctx); err != nil {
		return err
	}
	schema, err := im.readSchema(ctx)
	if err == nil && len(schema) > 0 {
		err = errs.Errorf(errs.CodeExists, "the tenant was created while the file was checked; run the import again")
	}
	return err
}

// inferTypes reads the file once and returns the types that its attributes need. One goroutine reads
// while another one infers.
func (im *userImport) inferTypes(ctx context.Context, schema users.Schema) (*inference, error) {
	in := newInference(schema, len(schema) == 0 || im.o.ExtendSchema)
	add := func(_ context.Context, c itemChunk) error { return c.each(in.addItem) }
	return in, pipeBatches(ctx, add, func(ctx context.Context, send func(itemChunk) error) error {
		var c itemChunk
		err := im.read(ctx, false, func(it item) error {
			if it.raw == nil || !c.add(it.raw) {
				return nil
			}
			full := c
			c = itemChunk{}
			return send(full)
		})
		if len(c.ends) > 0 { // also before a faulty item: a fault of an earlier one is the result
			err = cmp.Or(send(c), err)
		}
		return err
	})
}

// validate reports every invalid value and record and returns an error if it finds any. It does
// nothing unless Options.OnError is Stop.
func (im *userImport) validate(ctx context.Context, schema users.Schema) error {
	if im.o.OnError != Stop {
		return nil
	}
	p := newParser(schema, im.o.DefaultStore)
	var invalid int64
	err := im.read(ctx, false, func(it item) error {
		rec, _, err := p.encodeItem(it)
		problems := rec.problems
		if err != nil {
			problems = []problem{problemFrom(err)}
		}
		for _, problem := range problems {
			invalid++
			im.reportRefusal(it, rec.user.ID, "", problem)
		}
		return nil
	})
	if err == nil && invalid > 0 {
		err = stopError(invalid)
	}
	return err
}

// widenFields changes the types of fields. It converts the stored values before and after the
// change. An interrupted conversion is repeated by the next import of the file, and the second run
// converts the values that other programs wrote in between.
func (im *userImport) widenFields(ctx context.Context, widened users.Schema, changes []Widening) error {
	if len(widened) == 0 {
		return nil
	}
	convert := func() error {
		for i, f := range widened {
			if f.Kind() != users.TextKind {
				continue
			}
			f.Type = changes[i].From // the type that formats the stored values as text
			n, err := im.dest.ConvertField(ctx, im.tenant, f)
			if err != nil {
				return fmt.Errorf("convert the values of %s: %w", f.Slug, err)
			}
			changes[i].Converted += n
		}
		return nil
	}
	if err := convert(); err != nil {
		return err
	}
	if err := im.dest.PutSchema(ctx, im.tenant, widened); err != nil {
		return fmt.Errorf("write schema: %w", err)
	}
	im.report.Widened = changes
	return convert()
}

// writeUsers reads the file again and writes its users in batches.
func (im *userImport) writeUsers(ctx context.Context, schema users.Schema) error {
	out := &userWriter{dest: im.dest, tenant: im.tenant, report: &im.report}
	c := tally{im: im, ignored: ignoredCounts{}}
	p := newParser(schema, im.o.DefaultStore)
	limit := sizeFor(im.dest)
	b := newUserBatch(limit.first())
	err := pipeBatches(ctx, out.writeBatch, func(ctx context.Context, send func(*userBatch) error) error {
		err := im.read(ctx, true, func(it item) error {
			rec, doc, err := p.encodeItem(it)
			if !c.add(it, rec, err) {
				return nil
			}
			b.add(rec, doc)
			if !b.full() {
				return nil
			}
			ready := b
			b = newUserBatch(b.size.next(limit))
			return send(ready)
		})
		if err == nil && len(b.docs) > 0 {
			err = send(b)
		}
		return err
	})
	c.addTo(&im.report)
	return err
}

// encodeItem parses an item and encodes its user as a document.
func (p parser) encodeItem(it item) (record, bson.Raw, error) {
	if it.raw == nil {
		return record{}, nil, errs.Invalid("", "%s", it.reason)
	}
	rec, err := p.parse(it.raw)
	if err != nil {
		return rec, nil, err
	}
	doc, err := users.Encode(rec.user)
	return rec, doc, err
}

// tally counts what the reading goroutine sees. The report itself belongs to the writing goroutine
// until both end.
type tally struct {
	im                                           *userImport
	read, refused, skippedValues, secretsDropped int64
	ignored                                      ignoredCounts
	warnings                                     warningList
	renamings                                    renamingList
}

// add counts an item and reports whether its user is imported. err is why the whole item is
// invalid, or nil.
func (c *tally) add(it item, rec record, err error) bool {
	c.read++
	problems, skipped := rec.problems, SkippedValue
	switch {
	case err != nil:
		problems, skipped = []problem{problemFrom(err)}, SkippedUser
	case c.im.o.OnError != SkipValue && len(problems) > 0:
		skipped = SkippedUser
	}
	for _, p := range problems {
		c.im.reportRefusal(it, rec.user.ID, skipped, p)
	}
	if skipped == SkippedUser {
		c.refused++
		return false
	}
	c.skippedValues += int64(len(problems))
	c.secretsDropped += int64(rec.secretsDropped)
	c.ignored.add(rec.ignored)
	c.warnings.add(it.line, rec.warnings)
	c.renamings.add(rec.renamings)
	return true
}

func (c *tally) addTo(r *Report) {
	r.Read, r.Refused, r.SkippedValues, r.SecretsDropped = c.read, c.refused, c.skippedValues, c.secretsDropped
	r.Ignored, r.Warnings, r.Renamed = c.ignored, c.warnings.list, c.renamings.list
}
