package importer

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Writer is where an import goes. Its calls come from one goroutine at a time.
type Writer interface {
	// Schema returns the tenant's schema in its order.
	Schema(ctx context.Context, tenant string) (users.Schema, error)
	// PutSchema writes the fields given and leaves the others.
	PutSchema(ctx context.Context, tenant string, fields users.Schema) error
	// AddStores, AddProducts and AddAccounts make those that are missing and tell how many that were. One whose title is
	// only its id takes the title that is given; any other title stays.
	AddStores(ctx context.Context, tenant string, stores []users.Store) (added int, err error)
	AddProducts(ctx context.Context, tenant string, products []users.Product) (added int, err error)
	AddAccounts(ctx context.Context, tenant string, accounts []users.Account) (added int, err error)
	// AddRegistry makes the entries that are missing.
	AddRegistry(ctx context.Context, tenant string, r users.Registry) error
	// WriteUsers makes or replaces users, each id once among docs, and tells how many are new.
	WriteUsers(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error)
}

// Options say how to import.
type Options struct {
	// ExtendSchema adds fields for attributes that the tenant's schema does not have, their types inferred from the
	// file. A tenant without a schema gets one in any case.
	ExtendSchema bool
	// DefaultStore is the store of users that name none; empty: "default".
	DefaultStore string
	// Refused hears of every record that is refused; nil: only counted.
	Refused func(Refusal)
	// Progress hears how far it is, after every thousand records; nil: nobody does.
	Progress func(Progress)
}

// Refusal is a record that was not imported, and why.
type Refusal struct {
	Line   int64  `json:"line"`    // on which the record starts, from 1
	UserID string `json:"user_id"` // empty where the record has none
	Field  string `json:"field"`   // the path of what is wrong; empty: the record itself
	Reason string `json:"reason"`  // to be read behind the field
}

// Progress is how far an import is. The file is read twice: first checked, then written.
type Progress struct {
	Writing    bool  // the second reading
	BytesRead  int64 // of this reading, as stored
	BytesTotal int64 // 0 if not known
	Records    int64 // of this reading
}

// Report is what an import did. Read = Created + Updated + Refused once it has ended without an error.
type Report struct {
	Read           int64            `json:"read"`
	Created        int64            `json:"created"`
	Updated        int64            `json:"updated"` // replaced; a user who is in the file again counts again
	Refused        int64            `json:"refused"`
	Stores         int              `json:"stores"` // made, since users named them
	Products       int              `json:"products"`
	Accounts       int              `json:"accounts"`
	Fields         users.Schema     `json:"fields"`         // added to the schema
	SecretsDropped int64            `json:"secretsDropped"` // values of password fields, which are never stored
	Ignored        map[string]int64 `json:"ignored"`        // members that nothing was made of, by path
}

const defaultStore = "default"

// Run imports the source into the tenant. The file is read whole first, so that one that is broken, or cut off, is
// refused before anything is written: an export.CodeInvalid that names the line. A record that is wrong in itself is
// refused whole and the others go on. Where a user is in the file more than once the last one stays. The report says
// what was done also when there is an error.
func Run(ctx context.Context, w Writer, tenant string, src Source, o Options) (Report, error) {
	im := &run{w: w, tenant: tenant, passes: passes{src, "users", o}, report: Report{Ignored: map[string]int64{}}}
	if im.o.DefaultStore == "" {
		im.o.DefaultStore = defaultStore
	}
	if !users.ValidID(im.o.DefaultStore) {
		return im.report, export.Invalid("store", "is not an id")
	}
	schema, err := w.Schema(ctx, tenant)
	if err != nil {
		return im.report, fmt.Errorf("read schema: %w", err)
	}
	found, err := im.check(ctx, schema)
	if err != nil {
		return im.report, err
	}
	if len(found) > 0 {
		if err := w.PutSchema(ctx, tenant, found); err != nil {
			return im.report, fmt.Errorf("write schema: %w", err)
		}
		im.report.Fields = found
	}
	err = im.write(ctx, slices.Concat(schema, found))
	return im.report, err
}

type run struct {
	passes
	w      Writer
	tenant string
	report Report
}

// check reads the file once, and returns the fields that have to be added to the schema.
func (im *run) check(ctx context.Context, schema users.Schema) (users.Schema, error) {
	infer := len(schema) == 0 || im.o.ExtendSchema
	in := newInference(schema)
	err := im.read(ctx, false, func(it item) error {
		if !infer || it.raw == nil {
			return nil
		}
		return in.look(it.raw)
	})
	if err != nil {
		return nil, err
	}
	return in.fields(schema), nil
}

// write reads the file again and writes its users.
func (im *run) write(ctx context.Context, schema users.Schema) error {
	out := &writer{w: im.w, tenant: im.tenant, report: &im.report}
	p := newParser(schema, im.o.DefaultStore)
	b := newBatch()
	var read, refused, secrets int64
	left := ignored{}
	err := beside(ctx, out.write, func(ctx context.Context, send func(*batch) error) error {
		err := im.read(ctx, true, func(it item) error {
			read++
			rec, doc, err := p.encode(it)
			if err != nil {
				refused++
				im.refuse(it, rec.user.ID, err)
				return nil
			}
			secrets += int64(rec.secrets)
			left.add(rec.ignored)
			b.add(rec, doc)
			if !b.full() {
				return nil
			}
			ready := b
			b = newBatch()
			return send(ready)
		})
		if err == nil && len(b.docs) > 0 {
			err = send(b)
		}
		return err
	})
	im.report.Read, im.report.Refused, im.report.SecretsDropped, im.report.Ignored = read, refused, secrets, left
	return err
}

// encode makes a document of an item.
func (p parser) encode(it item) (record, bson.Raw, error) {
	if it.raw == nil {
		return record{}, nil, export.Invalid("", "%s", it.reason)
	}
	rec, err := p.parse(it.raw)
	if err != nil {
		return rec, nil, err
	}
	doc, err := users.Encode(rec.user)
	return rec, doc, err
}
