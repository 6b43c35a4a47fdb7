package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/transfer"
)

// Transfer reads and writes whole tables. It implements transfer.Source and transfer.Target.
type Transfer struct{ db *DB }

var (
	_ transfer.Source = Transfer{}
	_ transfer.Target = Transfer{}
)

// NewTransfer returns the documents in db.
func NewTransfer(db *DB) Transfer { return Transfer{db} }

// rawTable stores encoded documents. The columns for indexes are derived from them.
type rawTable interface {
	tableName() string
	putRaw(c *conn, id string, doc bson.Raw) error
}

// controlTables are the tables of the control file except that of transfer.MarkerCollection.
var controlTables = []rawTable{
	adminsTable, auditTable, auditHeadTable, challengesTable, claimTable, factorClaimsTable, factorsTable, invitationsTable,
	jobTable, keyPairsTable, messageTable, preferencesTable, resetsTable, savedFilterTable, sessionsTable, tenantsTable, turnTable,
}

// tenantTables are the tables of documents of a tenant's file.
var tenantTables = []rawTable{
	accountTable.table, plainTable(eventsTable), productTable.table, storeTable.table,
	fieldTable, registryTable, upgradeTable, userDocuments{},
}

func (t table[T]) tableName() string { return t.name }

// plainTable is a table without columns for indexes.
func plainTable(name string) rawTable { return table[bson.Raw]{name: name} }

// userDocuments is the table of users.
type userDocuments struct{}

func (userDocuments) tableName() string { return usersTable }

func (userDocuments) putRaw(c *conn, _ string, doc bson.Raw) error {
	_, err := putUser(c, doc)
	return err
}

func tablesOf(tenant string) []rawTable {
	if tenant == "" {
		return controlTables
	}
	return tenantTables
}

// tableOf returns the table of a collection.
func tableOf(tenant, collection string) (rawTable, error) {
	if tenant == "" && collection == transfer.MarkerCollection {
		return plainTable(transfer.MarkerCollection), nil
	}
	for _, t := range tablesOf(tenant) {
		if t.tableName() == collection {
			return t, nil
		}
	}
	return nil, fmt.Errorf("sqlite: no table for the collection %q", collection)
}

// Collections implements transfer.Reader.
func (Transfer) Collections(tenant string) (names []string) {
	for _, t := range tablesOf(tenant) {
		names = append(names, t.tableName())
	}
	slices.Sort(names)
	return names
}

// Tenants implements transfer.Source.
func (t Transfer) Tenants(ctx context.Context) (ids []string, err error) {
	err = t.Each(ctx, "", "tenants", "", func(id string, _ bson.Raw) error {
		ids = append(ids, id)
		return nil
	})
	return ids, err
}

// read calls do with a connection and the name of the table of a collection. It does not call do if
// the tenant has no file, and creates none.
func (t Transfer) read(ctx context.Context, tenant, collection string, do func(c *conn, table string) error) error {
	table, err := tableOf(tenant, collection)
	if err != nil {
		return err
	}
	f := t.db.control
	if tenant != "" {
		_, err := os.Stat(filepath.Join(t.db.dir, "tenants", tenant+".db"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if f, err = t.db.tenant(ctx, tenant); err != nil {
			return err
		}
	}
	return f.read(ctx, func(c *conn) error { return do(c, table.tableName()) })
}

// Count implements transfer.Reader.
func (t Transfer) Count(ctx context.Context, tenant, collection string) (n int64, err error) {
	err = t.read(ctx, tenant, collection, func(c *conn, table string) (err error) {
		n, err = c.integer("SELECT count(*) FROM " + table)
		return err
	})
	return n, err
}

// Each implements transfer.Reader.
func (t Transfer) Each(ctx context.Context, tenant, collection, after string, f func(id string, doc bson.Raw) error) error {
	return t.read(ctx, tenant, collection, func(c *conn, table string) error {
		each := func(r *row) error { return f(r.ColumnText(0), r.bytes(1)) }
		if after == "" {
			return c.query("SELECT id, doc FROM "+table+" ORDER BY id", each)
		}
		return c.query("SELECT id, doc FROM "+table+" WHERE id > ? ORDER BY id", each, after)
	})
}

// Put implements transfer.Target. It stores all documents or none.
func (t Transfer) Put(ctx context.Context, tenant, collection string, docs []bson.Raw) error {
	table, err := tableOf(tenant, collection)
	if err != nil {
		return err
	}
	put := func(c *conn) error {
		for _, doc := range docs {
			id := doc.Lookup("_id")
			if id.Type != bson.TypeString {
				return fmt.Errorf("a document of %s has an id of type %s, not string", collection, id.Type)
			}
			if err := table.putRaw(c, id.StringValue(), doc); err != nil {
				return fmt.Errorf("store a document of %s: %w", collection, err)
			}
		}
		return nil
	}
	if tenant == "" {
		return t.db.control.write(ctx, put)
	}
	if collection == usersTable {
		defer t.db.addUserWrite(tenant)
	}
	return t.db.writeTenant(ctx, tenant, put)
}
