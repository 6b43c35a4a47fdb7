package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/auth"
)

// records are the documents of one table of the control file. Their errors are those of package
// auth: auth.ErrNotFound for a missing document, auth.ErrDuplicate for one that exists.
type records[T any] struct {
	control *file
	table   table[T]
	noun    string // names a document in errors, with its article
}

// one returns the first document that the clauses (WHERE) select.
func (r records[T]) one(ctx context.Context, clauses string, args ...any) (d *T, err error) {
	err = r.control.read(ctx, func(c *conn) error {
		d, err = r.table.first(c, clauses, args...)
		return err
	})
	return d, r.wrapError("find", err)
}

// list returns the documents that the clauses (WHERE, ORDER BY) select.
func (r records[T]) list(ctx context.Context, clauses string, args ...any) (docs []T, err error) {
	err = r.control.read(ctx, func(c *conn) error {
		docs, err = r.table.find(c, clauses, args...)
		return err
	})
	return docs, r.wrapError("list", err)
}

// insert adds a document.
func (r records[T]) insert(ctx context.Context, d *T) error {
	return r.wrapError("insert", r.control.write(ctx, func(c *conn) error { return r.table.insert(c, d) }))
}

// put adds a document, or replaces the one with its id.
func (r records[T]) put(ctx context.Context, d *T) error {
	return r.wrapError("store", r.control.write(ctx, func(c *conn) error { return r.table.put(c, d) }))
}

// change changes the document with an id. It returns auth.ErrNotFound if there is none, or if change
// returns false, which leaves it as it is.
func (r records[T]) change(ctx context.Context, id string, change func(*T) bool) error {
	return r.wrapError("change", r.control.write(ctx, func(c *conn) error {
		changed, err := r.table.update(c, id, change)
		if err == nil && !changed {
			err = errNone
		}
		return err
	}))
}

// changeIfFound changes the document with an id, if it exists.
func (r records[T]) changeIfFound(ctx context.Context, id string, change func(*T)) error {
	err := r.change(ctx, id, func(d *T) bool { change(d); return true })
	if errors.Is(err, auth.ErrNotFound) {
		return nil
	}
	return err
}

// remove deletes the documents that the clauses (WHERE) select, and returns their number.
func (r records[T]) remove(ctx context.Context, clauses string, args ...any) (int64, error) {
	var n int
	err := r.control.write(ctx, func(c *conn) (err error) {
		n, err = r.table.remove(c, clauses, args...)
		return err
	})
	if err != nil {
		return 0, r.wrapError("delete", err)
	}
	return int64(n), nil
}

func (r records[T]) wrapError(verb string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNone):
		return auth.ErrNotFound
	case errors.Is(err, errDuplicate):
		return auth.ErrDuplicate
	default:
		return fmt.Errorf("%s %s: %w", verb, r.noun, err)
	}
}

// convertAll converts the documents of a list.
func convertAll[D, T any](docs []D, convert func(*D) T) []T {
	list := make([]T, len(docs))
	for i := range docs {
		list[i] = convert(&docs[i])
	}
	return list
}
