package mongo

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/browse/browsetest"
	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

const testTenant = browsetest.Tenant

// fakeDirectory serves a tenant's schema and user stores from memory.
type fakeDirectory struct {
	schema users.Schema
	stores []users.Store
}

func (d fakeDirectory) Schema(context.Context, string) (users.Schema, error)  { return d.schema, nil }
func (d fakeDirectory) Stores(context.Context, string) ([]users.Store, error) { return d.stores, nil }

// onEngines runs a test on FerretDB, and on the MongoDB that the environment may name.
func onEngines(t *testing.T, test func(t *testing.T, db *DB)) {
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// testStores runs a suite, which opens databases, on the embedded engine and on the MongoDB that the
// environment may name.
func testStores(t *testing.T, suite func(t *testing.T, open func(t testing.TB) *DB)) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite(t, func(t testing.TB) *DB { return withControlIndexes(t, open(t)) })
		})
	}
}

func withControlIndexes(t testing.TB, db *DB) *DB {
	t.Helper()
	if err := db.EnsureControlIndexes(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// engines returns a function for each engine that opens an empty database. It creates the tenant's
// indexes on MongoDB, because MongoDB rejects a hint that names no index; FerretDB 1 ignores hints.
func engines() map[string]func(t testing.TB) *DB {
	e := map[string]func(t testing.TB) *DB{"embedded": func(t testing.TB) *DB { db, _ := connect(t); return db }}
	uri := embeddedtest.MongoDBServer()
	if uri == "" {
		return e
	}
	e["mongodb"] = func(t testing.TB) *DB {
		db, err := Connect(t.Context(), Options{URI: uri, Database: embeddedtest.Database(t), Logger: testLogger(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		if err := db.EnsureTenantIndexes(t.Context(), testTenant); err != nil {
			t.Fatal(err)
		}
		return db
	}
	return e
}

// insert inserts documents into a collection of the test tenant.
func insert(t *testing.T, db *DB, collection string, documents ...bson.D) {
	t.Helper()
	insertAt(t, db, testTenant, collection, documents...)
}

func insertAt(t *testing.T, db *DB, tenant, collection string, documents ...bson.D) {
	t.Helper()
	if _, err := db.Tenant(tenant).Collection(collection).InsertMany(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
}

// testLogger returns a logger that writes to the test's log.
func testLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// consoleUsers is browse.Users under another name, for the field of testReader.
type consoleUsers = browse.Users

// testReader reads users as the server does: for exports, and for requests.
type testReader struct {
	*Users
	*consoleUsers
	directory testDirectory
}

// testDirectory reads a tenant's schema and user stores.
type testDirectory interface {
	browse.SchemaReader
	Stores(ctx context.Context, tenant string) ([]users.Store, error)
}

func newReader(db *DB, d testDirectory) testReader {
	u := NewUsers(db)
	return testReader{u, browse.New(browse.Options{Source: u, Events: NewEvents(db), Schemas: d}), d}
}

// compileUsers compiles which users a definition selects, as the exporter does.
func compileUsers(ctx context.Context, u testReader, tenant string, def export.Definition) (filter.Selection, error) {
	schema, err := u.directory.Schema(ctx, tenant)
	if err != nil {
		return filter.Selection{}, err
	}
	stores, err := u.directory.Stores(ctx, tenant)
	if err != nil {
		return filter.Selection{}, err
	}
	return filter.Users(ctx, def, schema, stores, u.Catalog(tenant))
}

// walkUsers is browse.Users.WalkUsers for a definition.
func walkUsers(ctx context.Context, u testReader, tenant string, def export.Definition) (
	next func(ctx context.Context, after string, skip, limit int64) ([]users.User, error), err error,
) {
	s, err := compileUsers(ctx, u, tenant, def)
	if err != nil {
		return nil, err
	}
	schema, err := u.directory.Schema(ctx, tenant)
	return u.WalkUsers(tenant, s, schema), err
}

// matchedIDs reads the ids of the users that a rule matches, as an export does.
func matchedIDs(ctx context.Context, u testReader, tenant string, rule *export.Rule) ([]string, error) {
	match, err := compileUsers(ctx, u, tenant, export.Definition{Users: export.Selection{UserStoreID: export.All, Filter: rule}})
	if err != nil {
		return nil, err
	}
	c, err := u.Read(ctx, tenant, match, bson.D{{Key: "_id", Value: 1}}, pipeline.IDRange{})
	if err != nil {
		return nil, err
	}
	ids, err := readAllIDs(ctx, c)
	return ids, errors.Join(err, c.Close())
}

func readAllIDs(ctx context.Context, c pipeline.Cursor) (ids []string, err error) {
	for {
		raw, err := c.Next(ctx)
		if errors.Is(err, io.EOF) {
			return ids, nil
		}
		if err != nil {
			return ids, err
		}
		ids = append(ids, raw.Lookup("_id").StringValue())
	}
}
