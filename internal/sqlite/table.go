package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// table is a table of documents of type T: the column id, columns for indexes, and the column doc
// with the document as BSON.
type table[T any] struct {
	name    string
	id      func(*T) string
	columns []string       // the columns for indexes
	values  func(*T) []any // their values for a document
}

// insert adds a document, or returns errDuplicate if its id or another unique key exists.
func (t table[T]) insert(c *conn, d *T) error { return t.store(c, "INSERT", d) }

// put adds a document, or replaces the one with the same id.
func (t table[T]) put(c *conn, d *T) error {
	sets := make([]string, 0, len(t.columns)+1)
	for _, column := range append([]string{"doc"}, t.columns...) {
		sets = append(sets, fmt.Sprintf("%s = excluded.%s", column, column))
	}
	return t.store(c, "INSERT", d, " ON CONFLICT (id) DO UPDATE SET "+strings.Join(sets, ", "))
}

func (t table[T]) store(c *conn, verb string, d *T, suffix ...string) error {
	doc, err := bson.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode a document of %s: %w", t.name, err)
	}
	args := []any{t.id(d), doc}
	if t.values != nil {
		args = append(args, t.values(d)...)
	}
	statement := fmt.Sprintf("%s INTO %s (%s) VALUES (%s)%s", verb, t.name,
		strings.Join(append([]string{"id", "doc"}, t.columns...), ", "),
		strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", "), strings.Join(suffix, ""))
	return duplicateOr(c.exec(statement, args...))
}

// get returns a document by id, or errNone.
func (t table[T]) get(c *conn, id string) (*T, error) { return t.first(c, "WHERE id = ?", id) }

// first returns the first document that the clauses (WHERE, ORDER BY) select, or errNone.
func (t table[T]) first(c *conn, clauses string, args ...any) (*T, error) {
	found, err := t.find(c, clauses+" LIMIT 1", args...)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errNone
	}
	return &found[0], nil
}

// find returns the documents that the clauses (WHERE, ORDER BY, LIMIT) select.
func (t table[T]) find(c *conn, clauses string, args ...any) ([]T, error) {
	list := []T{}
	err := c.query(fmt.Sprintf("SELECT doc FROM %s %s", t.name, clauses), func(r *row) error {
		var d T
		if err := bson.Unmarshal(r.bytes(0), &d); err != nil {
			return fmt.Errorf("decode a document of %s: %w", t.name, err)
		}
		list = append(list, d)
		return nil
	}, args...)
	return list, err
}

// update changes the document with an id and reports whether it exists and change accepted it.
// Change returns false to leave the document as it is.
func (t table[T]) update(c *conn, id string, change func(*T) bool) (bool, error) {
	d, err := t.get(c, id)
	if errors.Is(err, errNone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !change(d) {
		return false, nil
	}
	return true, t.put(c, d)
}

// remove deletes the documents that the clauses (WHERE) select, and returns their number.
func (t table[T]) remove(c *conn, clauses string, args ...any) (int, error) {
	return c.change(fmt.Sprintf("DELETE FROM %s %s", t.name, clauses), args...)
}
