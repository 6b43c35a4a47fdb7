package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

var (
	storeTable   = titledTable[users.Store]{table[users.Store]{name: "stores", id: func(s *users.Store) string { return s.ID }}, "title", nil}
	productTable = titledTable[users.Product]{table[users.Product]{name: "products", id: func(p *users.Product) string { return p.ID }}, "label", nil}
	accountTable = titledTable[stored.Account]{
		table[stored.Account]{name: "accounts", id: func(a *stored.Account) string { return a.ID }}, "name", users.FoldedAccount,
	}
)

// titledTable is a table of documents that have a title.
type titledTable[T any] struct {
	table[T]

	title  string                // the member with the title
	folded func(bson.Raw) bson.D // returns the value of users.FoldedKey; nil: the documents have no folded text
}

// AddStores adds the user stores that are missing, and returns their number. If an existing store
// has only its id as title, AddStores sets the given title; it keeps any other title.
func (w *UserWriter) AddStores(ctx context.Context, tenant string, stores []users.Store) (added int, err error) {
	return addTitled(ctx, w.db, tenant, storeTable, users.StoresMadeAt(stores, time.Now()))
}

// AddProducts does for products what AddStores does for user stores.
func (w *UserWriter) AddProducts(ctx context.Context, tenant string, products []users.Product) (added int, err error) {
	return addTitled(ctx, w.db, tenant, productTable, products)
}

// AddAccounts does for accounts what AddStores does for user stores. It also stores the folded
// names.
func (w *UserWriter) AddAccounts(ctx context.Context, tenant string, accounts []users.Account) (added int, err error) {
	docs := make([]stored.Account, len(accounts))
	for i, a := range accounts {
		docs[i] = stored.NewAccount(a)
	}
	return addTitled(ctx, w.db, tenant, accountTable, docs)
}

func addTitled[T any](ctx context.Context, db *DB, tenant string, t titledTable[T], list []T) (added int, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	err = db.writeTenant(ctx, tenant, func(c *conn) error {
		for i := range list {
			isNew, err := t.add(c, &list[i])
			if err != nil {
				return err
			}
			if isNew {
				added++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", t.name, err)
	}
	return added, nil
}

// add inserts a document if it is missing, and else sets the title of a document whose title is its
// id. It reports whether the document is new.
func (t titledTable[T]) add(c *conn, d *T) (isNew bool, err error) {
	if err := t.insert(c, d); !errors.Is(err, errDuplicate) {
		return err == nil, err
	}
	given, err := bson.Marshal(d)
	if err != nil {
		return false, fmt.Errorf("encode a document of %s: %w", t.name, err)
	}
	id := t.id(d)
	title := bson.Raw(given).Lookup(t.title).StringValue()
	if title == id {
		return false, nil
	}
	var raw bson.Raw
	if err := c.query(fmt.Sprintf("SELECT doc FROM %s WHERE id = ?", t.name), func(r *row) error { raw = r.bytes(0); return nil }, id); err != nil {
		return false, err
	}
	if old, ok := raw.Lookup(t.title).StringValueOK(); !ok || old != id {
		return false, nil
	}
	stored, err := decodeDocument(raw)
	if err != nil {
		return false, err
	}
	folded := t.folded
	if folded == nil {
		folded = func(bson.Raw) bson.D { return nil }
	}
	if raw, err = encodeFolded(withMember(stored, t.title, title), folded); err != nil {
		return false, err
	}
	return false, c.exec(fmt.Sprintf("UPDATE %s SET doc = ? WHERE id = ?", t.name), raw, id)
}
