package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
)

const (
	usersTable  = "users"
	eventsTable = "state_events"

	// fewDocuments is the number of documents that are rather found by another index and sorted by
	// id than sought among all in the order of their ids.
	fewDocuments = 20_000
)

// documents reads one table of a tenant, ordered by id. It implements pipeline.Documents.
type documents struct {
	conns connections
	table string
	noun  string // names the documents in errors, in the plural
}

// connections give connections with an open read transaction.
type connections interface {
	// acquire returns a connection that sees the state of a tenant's file. Statements end when ctx
	// ends. The caller calls release once.
	acquire(ctx context.Context, tenant string) (*lease, error)
}

// lease is a connection with an open read transaction.
type lease struct {
	*conn
	file    *file
	release func()

	snapshot   *snapshot // nil: the transaction is the lease's own
	generation int       // of the snapshot
}

// acquire implements connections with the last commit.
func (db *DB) acquire(ctx context.Context, tenant string) (*lease, error) {
	f, err := db.tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return f.acquire(ctx)
}

// read calls do with a connection. Errors of the file get a sentence for the operator.
func (d documents) read(ctx context.Context, tenant string, do func(c *lease) error) error {
	l, err := d.conns.acquire(ctx, tenant)
	if err != nil {
		return err
	}
	defer l.release()
	if err := l.lock(); err != nil {
		return readError(ctx, l.file, d.noun, err)
	}
	defer l.unlock()
	return readError(ctx, l.file, d.noun, do(l))
}

func readError(ctx context.Context, f *file, noun string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("read %s: %w", noun, fileError(f.path, err))
}

// plan plans a selection for the state that a connection sees.
func (d documents) plan(l *lease, s filter.Selection) (plan, error) {
	odd := int64(0)
	if d.table == usersTable {
		var err error
		if odd, err = l.integer("SELECT 1 FROM users WHERE odd LIMIT 1"); err != nil {
			return plan{}, err
		}
	}
	p := newPlan(d.table, s, odd == 1)
	if p.look != "" || p.span == "" {
		return p, nil
	}
	n, err := l.integer(fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM users WHERE %s LIMIT %d)", p.span, fewDocuments+1), p.spanArgs...)
	if n <= fewDocuments {
		p.look = p.span
	}
	return p, err
}

// Count implements pipeline.Documents.
func (d documents) Count(ctx context.Context, tenant string, s filter.Selection) (n int64, err error) {
	err = d.read(ctx, tenant, func(l *lease) error {
		p, err := d.plan(l, s)
		if err != nil {
			return err
		}
		if p.exact() {
			n, err = l.integer(p.count(), p.args...)
			return err
		}
		return l.documents(ctx, p.scan(), func(doc bson.Raw) error {
			if p.selected(doc) {
				n++
			}
			return nil
		}, p.args...)
	})
	return n, err
}

// NonStringIDType implements pipeline.Documents. A file holds only documents with string ids.
func (d documents) NonStringIDType(context.Context, string) (string, error) { return "", nil }

// SegmentEnd implements pipeline.Documents. Documents that another index finds are one segment.
func (d documents) SegmentEnd(ctx context.Context, tenant string, s filter.Selection, after string, n int) (id string, err error) {
	err = d.read(ctx, tenant, func(l *lease) error {
		p, err := d.plan(l, s)
		if err != nil || p.look != "" {
			return err
		}
		scanned := newPlan(d.table, filter.Selection{Store: s.Store, IDs: s.IDs}, p.odd)
		conditions, args := spanConditions(pipeline.IDRange{After: after})
		args = append(append(scanned.args, args...), n-1)
		id, err = l.text(scanned.ordered("id", "", conditions...)+" LIMIT 1 OFFSET ?", args...)
		return err
	})
	return id, err
}

// spanConditions returns the conditions of a range of ids.
func spanConditions(span pipeline.IDRange) (conditions []string, args []any) {
	if span.After != "" {
		conditions, args = append(conditions, "id > ?"), append(args, span.After)
	}
	if span.Until != "" {
		conditions, args = append(conditions, "id <= ?"), append(args, span.Until)
	}
	return conditions, args
}

// Read implements pipeline.Documents. It reads whole documents, whatever the projection: a document
// is one value.
func (d documents) Read(ctx context.Context, tenant string, s filter.Selection, _ bson.D, span pipeline.IDRange) (pipeline.Cursor, error) {
	l, err := d.conns.acquire(ctx, tenant)
	if err != nil {
		return nil, err
	}
	c, err := d.open(l, s, span)
	if err != nil {
		l.release()
		return nil, readError(ctx, l.file, d.noun, err)
	}
	return c, nil
}

func (d documents) open(l *lease, s filter.Selection, span pipeline.IDRange) (*cursor, error) {
	if err := l.lock(); err != nil {
		return nil, err
	}
	defer l.unlock()
	p, err := d.plan(l, s)
	if err != nil {
		return nil, err
	}
	conditions, args := spanConditions(span)
	statement, err := l.prepare(p.ordered("doc", "", conditions...), append(p.args, args...)...)
	if err != nil {
		return nil, err
	}
	return &cursor{lease: l, noun: d.noun, rows: statement, plan: p}, nil
}

func jsonList(values []string) string {
	text, err := json.Marshal(values)
	if err != nil { // strings can always be encoded
		panic(err)
	}
	return string(text)
}
