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
func (t table[T]) insert(c *conn, d *T) error { return t.store(c, d, "") }

// put adds a document, or replaces the one with the same id.
func (t table[T]) put(c *conn, d *T) error { return t.store(c, d, t.replaceClause()) }

func (t table[T]) store(c *conn, d *T, clause string) error {
	doc, err := bson.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode a document of %s: %w", t.name, err)
	}
	return t.storeRaw(c, t.id(d), doc, d, clause)
}

// putRaw is put for an encoded document, which may have members that T lacks. They are kept.
func (t table[T]) putRaw(c *conn, id string, doc bson.Raw) error {
	var d T
	if t.values != nil {
		if err := bson.Unmarshal(doc, &d); err != nil {
			return fmt.Errorf("decode document %q of %s: %w", id, t.name, err)
		}
	}
	return t.storeRaw(c, id, doc, &d, t.replaceClause())
}

// storeRaw inserts a document with the values of d. Clause is the end of the statement.
func (t table[T]) storeRaw(c *conn, id string, doc bson.Raw, d *T, clause string) error {
	args := []any{id, doc}
	if t.values != nil {
		args = append(args, t.values(d)...)
	}
	statement := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)%s", t.name,
		strings.Join(append([]string{"id", "doc"}, t.columns...), ", "),
		strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", "), clause)
	return duplicateOr(c.exec(statement, args...))
}

// replaceClause makes an insert replace the document with the same id.
func (t table[T]) replaceClause() string {
	sets := make([]string, 0, len(t.columns)+1)
	for _, column := range append([]string{"doc"}, t.columns...) {
		sets = append(sets, fmt.Sprintf("%s = excluded.%s", column, column))
	}
	return " ON CONFLICT (id) DO UPDATE SET " + strings.Join(sets, ", ")
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
