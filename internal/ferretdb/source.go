package ferretdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"zombiezen.com/go/sqlite"

	"github.com/egress-io/egress/internal/transfer"
)

const extension = ".sqlite"

// Source reads the files of FerretDB and does not change them. One goroutine may use it at a time.
type Source struct {
	files map[string]*file // by tenant; "" is the control database
}

var _ transfer.Source = (*Source)(nil)

// file is the file of a database.
type file struct {
	conn   *sqlite.Conn
	tables map[string]string // their names, by collection
}

// Open opens the control database, which has the given name, and its tenants' databases in a
// directory. The error wraps fs.ErrNotExist if the control database does not exist. The caller closes
// the source.
func Open(ctx context.Context, dir, database string) (_ *Source, err error) {
	s := &Source{files: map[string]*file{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.open(ctx, "", filepath.Join(dir, database+extension)); err != nil {
		return nil, err
	}
	tenants, err := s.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	for _, tenant := range tenants {
		// A tenant has no file if nothing was stored for it, or if its users are in another MongoDB.
		err := s.open(ctx, tenant, filepath.Join(dir, database+"_t_"+tenant+extension))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return s, nil
}

func (s *Source) open(ctx context.Context, tenant, path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	f := &file{conn: conn, tables: map[string]string{}}
	s.files[tenant] = f
	err = f.query(ctx, "SELECT name, table_name FROM _ferretdb_collections", func(row *sqlite.Stmt) error {
		f.tables[row.ColumnText(0)] = row.ColumnText(1)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list the collections of %s: %w", path, err)
	}
	return nil
}

// Close closes the files.
func (s *Source) Close() error {
	var failures []error
	for _, f := range s.files {
		failures = append(failures, f.conn.Close())
	}
	clear(s.files)
	return errors.Join(failures...)
}

// Tenants implements transfer.Source.
func (s *Source) Tenants(ctx context.Context) (ids []string, err error) {
	err = s.Each(ctx, "", "tenants", "", func(id string, _ bson.Raw) error {
		ids = append(ids, id)
		return nil
	})
	return ids, err
}

// Collections implements transfer.Reader.
func (s *Source) Collections(tenant string) []string {
	if f := s.files[tenant]; f != nil {
		return slices.Sorted(maps.Keys(f.tables))
	}
	return nil
}

// table returns the file with a collection and its table, quoted; ok is false if it does not exist.
func (s *Source) table(tenant, collection string) (f *file, table string, ok bool) {
	if f = s.files[tenant]; f == nil {
		return nil, "", false
	}
	table, ok = f.tables[collection]
	return f, `"` + strings.ReplaceAll(table, `"`, `""`) + `"`, ok
}

// Count implements transfer.Reader.
func (s *Source) Count(ctx context.Context, tenant, collection string) (n int64, err error) {
	f, table, ok := s.table(tenant, collection)
	if !ok {
		return 0, nil
	}
	err = f.query(ctx, "SELECT count(*) FROM "+table, func(row *sqlite.Stmt) error { n = row.ColumnInt64(0); return nil })
	return n, err
}

// Each implements transfer.Reader. No index of FerretDB has the ids in the order of bytes, so SQLite
// sorts them first, without the documents.
func (s *Source) Each(ctx context.Context, tenant, collection, after string, f func(id string, doc bson.Raw) error) error {
	file, table, ok := s.table(tenant, collection)
	if !ok {
		return nil
	}
	ids := "SELECT rowid FROM " + table + " WHERE ?1 = '' OR _ferretdb_sjson->>'$._id' > ?1 ORDER BY _ferretdb_sjson->>'$._id'"
	document := "SELECT _ferretdb_sjson FROM " + table + " WHERE rowid = ?1"
	return file.query(ctx, ids, func(row *sqlite.Stmt) error {
		return file.query(ctx, document, func(row *sqlite.Stmt) error {
			text := make([]byte, row.ColumnLen(0))
			row.ColumnBytes(0, text)
			doc, err := decode(text)
			if err != nil {
				return fmt.Errorf("decode a document of %s: %w", collection, err)
			}
			id := doc.Lookup("_id")
			if id.Type != bson.TypeString {
				return fmt.Errorf("a document of %s has an id of type %s, not string", collection, id.Type)
			}
			return f(id.StringValue(), doc)
		}, row.ColumnInt64(0))
	}, after)
}

// query runs a statement with arguments (text or int64) and calls each for every row, until ctx ends.
func (f *file) query(ctx context.Context, statement string, each func(row *sqlite.Stmt) error, args ...any) (err error) {
	s, err := f.conn.Prepare(statement)
	if err != nil {
		return err
	}
	defer func() {
		if reset := s.Reset(); err == nil {
			err = reset
		}
	}()
	for i, arg := range args {
		switch a := arg.(type) {
		case string:
			s.BindText(i+1, a)
		case int64:
			s.BindInt64(i+1, a)
		}
	}
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		found, err := s.Step()
		if err != nil || !found {
			return err
		}
		if err := each(s); err != nil {
			return err
		}
	}
}
