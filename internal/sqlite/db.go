package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/egress-io/egress/internal/auth"
)

// Options configure Open.
type Options struct {
	Dir    string       // holds the files; created if missing. One process may use it at a time
	Logger *slog.Logger // nil: none
}

// DB is the control file and the tenants' files. It is safe for concurrent use.
type DB struct {
	dir     string
	logger  *slog.Logger
	control *file

	mu      sync.Mutex
	closed  bool
	tenants map[string]*file // by tenant id; opened by the first use
	writes  map[string]uint64
}

// errClosed is the error of a use after Close.
var errClosed = errors.New("sqlite: the database is closed")

// Open opens the control file, and creates it if it is missing. After a crash it checks the
// integrity of each file that it opens. Errors that the operator can mend wrap an errs.OutageError.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(o.Dir) // the embedded S3 changes the working directory
	if err != nil {
		return nil, fmt.Errorf("resolve the path of the database: %w", err)
	}
	db := &DB{dir: dir, logger: o.Logger.With("component", "sqlite"), tenants: map[string]*file{}, writes: map[string]uint64{}}
	if err := os.MkdirAll(filepath.Join(dir, "tenants"), 0o700); err != nil {
		return nil, fmt.Errorf("create the directory of the database: %w", err)
	}
	if db.control, err = openFile(ctx, filepath.Join(dir, "control.db"), controlSchema, "", db.logger); err != nil {
		return nil, err
	}
	return db, nil
}

// Close closes the files. Cursors that are still open fail.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	errs := []error{db.control.close()}
	for _, f := range db.tenants {
		errs = append(errs, f.close())
	}
	return errors.Join(errs...)
}

// Ping reads from the control file.
func (db *DB) Ping(ctx context.Context) error {
	return db.control.read(ctx, func(c *conn) error {
		return c.query("SELECT count(*) FROM tenants", func(*row) error { return nil })
	})
}

// EnsureTenant creates the file of a tenant if it is missing.
func (db *DB) EnsureTenant(ctx context.Context, tenant string) error {
	_, err := db.tenant(ctx, tenant)
	return err
}

// tenant returns the file of a tenant, and creates it if it is missing.
func (db *DB) tenant(ctx context.Context, tenant string) (*file, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, errClosed
	}
	if f := db.tenants[tenant]; f != nil {
		return f, nil
	}
	if auth.CheckTenantID(tenant) != nil {
		return nil, fmt.Errorf("sqlite: %q cannot be a tenant id", tenant)
	}
	f, err := openFile(ctx, filepath.Join(db.dir, "tenants", tenant+".db"), tenantSchema, tenant, db.logger)
	if err != nil {
		return nil, err
	}
	// An import that a crash ended may have left some to build.
	if err := f.write(ctx, buildUserIndexes); err != nil {
		return nil, errors.Join(err, f.close())
	}
	db.tenants[tenant] = f
	return f, nil
}

// readTenant calls read with a connection to the file of a tenant.
func (db *DB) readTenant(ctx context.Context, tenant string, read func(c *conn) error) error {
	f, err := db.tenant(ctx, tenant)
	if err != nil {
		return err
	}
	return f.read(ctx, read)
}

// writeTenant calls write in a transaction on the file of a tenant.
func (db *DB) writeTenant(ctx context.Context, tenant string, write func(c *conn) error) error {
	f, err := db.tenant(ctx, tenant)
	if err != nil {
		return err
	}
	return f.write(ctx, write)
}

// addUserWrite counts a write of users, which makes cached results of the tenant stale.
func (db *DB) addUserWrite(tenant string) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.writes[tenant]++
}

// userWriteCount returns the number of this process's writes of users of a tenant.
func (db *DB) userWriteCount(tenant string) uint64 {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.writes[tenant]
}
