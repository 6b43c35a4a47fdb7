package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
)

const (
	// pageSize is in bytes. Eight rows of 1 kB fit into a page, and the index of ids stays shallow.
	pageSize = 8192
	// cacheSize is the memory of a connection for pages, in KiB. Our build of SQLite has one cache for all
	// connections of the process (SQLITE_ENABLE_MEMORY_MANAGEMENT): it limits the sum, and a connection
	// that reads a large file fills what the others leave. Files are not mapped into memory: mapped
	// pages would count as memory of the process, as much as the file is large.
	cacheSize = 2 << 10
	// importCache is that of the connection that writes, during an import. An import changes pages of
	// every index, which should not leave the cache before the commit.
	importCache = 64 << 10
	// walLimit is the size in bytes above which a checkpoint shortens the write-ahead log.
	walLimit = 64 << 20
	// snapshotLogLimit is the size in bytes of the write-ahead log above which snapshots are moved on.
	snapshotLogLimit = 256 << 20

	// busyTimeout is how long a write waits for the lock of another program, such as a backup tool.
	busyTimeout = 10 * time.Second
)

// file is one database file. One connection writes, one call at a time; others read.
type file struct {
	path   string
	logger *slog.Logger
	writer chan *conn // holds the connection that writes while nobody uses it
	pool   *pool
	limits logLimits
	// nextMove is the size in bytes of the write-ahead log above which snapshots are moved on. It
	// belongs to the holder of the connection that writes.
	nextMove int64

	mu        sync.Mutex
	snapshots []*snapshot
}

// openFile opens a file, creates it if it is missing, and brings its schema up to date. The owner is
// the tenant whose data it holds, "" for the control file.
func openFile(ctx context.Context, path string, schema []string, owner string, logger *slog.Logger) (_ *file, err error) {
	crashed, err := logRemains(path)
	if err != nil {
		return nil, err
	}
	if err := createPrivate(path); err != nil {
		return nil, err
	}
	c, err := connect(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fileError(path, err), c.close())
		}
	}()
	c.raw.SetBusyTimeout(busyTimeout)
	for _, pragma := range []string{
		fmt.Sprintf("page_size = %d", pageSize), // of a new file
		"journal_mode = wal",
		"synchronous = full",
		"foreign_keys = off",
		"temp_store = memory", // to build indexes also where no directory for temporary files is writable
		fmt.Sprintf("journal_size_limit = %d", walLimit),
	} {
		if err := c.exec("PRAGMA " + pragma); err != nil {
			return nil, err
		}
	}
	if err := c.setCache(cacheSize); err != nil {
		return nil, err
	}
	if crashed {
		started := time.Now()
		if err := checkIntegrity(ctx, c); err != nil {
			return nil, err
		}
		logger.InfoContext(ctx, "the last process did not close this file; its integrity was checked",
			"file", filepath.Base(path), "took", time.Since(started))
	}
	if err := migrate(c, schema, owner); err != nil {
		return nil, err
	}
	f := &file{path: path, logger: logger, writer: make(chan *conn, 1), pool: newPool(path), limits: logLimits{walLimit, snapshotLogLimit}, nextMove: snapshotLogLimit}
	f.writer <- c
	return f, nil
}

// createPrivate creates an empty file that only the user of this process may read, unless it exists.
// SQLite gives its other files the same permissions.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("create a database file: %w", err)
	}
	return f.Close()
}

// logRemains reports whether a write-ahead log exists. SQLite deletes it when the last connection
// closes, so it means that the process ended before it could.
func logRemains(path string) (bool, error) {
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a write-ahead log: %w", err)
	}
	return info.Size() > 0, nil
}

// write calls do in a transaction, while no other write of this file runs. It commits if do returns
// nil, and rolls back otherwise. When write returns nil, the change is on the disk.
func (f *file) write(ctx context.Context, do func(c *conn) error) (err error) {
	c, err := f.takeWriter(ctx)
	if err != nil {
		return err
	}
	defer func() { f.writer <- c }()
	stop := c.interruptWith(ctx)
	committed := false
	defer func() { // also if do panics
		stop() // an interrupted connection would not roll back
		if committed {
			f.limitLog(ctx, c)
			return
		}
		if rollback := c.rollback(); rollback != nil {
			err = errors.Join(err, rollback)
		}
	}()
	if err = c.exec("BEGIN IMMEDIATE"); err == nil {
		if err = do(c); err == nil {
			err = c.exec("COMMIT")
		}
	}
	committed = err == nil
	return fileError(f.path, causeOf(ctx, err))
}

func (f *file) takeWriter(ctx context.Context) (*conn, error) {
	select {
	case c := <-f.writer:
		if c == nil {
			return nil, errClosed
		}
		return c, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// read calls do with a connection that sees one state of the file, the last commit. Rows that do
// keeps must be copied.
func (f *file) read(ctx context.Context, do func(c *conn) error) error {
	l, err := f.acquire(ctx)
	if err != nil {
		return err
	}
	defer l.release()
	return fileError(f.path, causeOf(ctx, do(l.conn)))
}

// acquire returns a connection with an open read transaction, which sees the last commit.
func (f *file) acquire(ctx context.Context) (*lease, error) {
	c, err := f.pool.take(ctx)
	if err != nil {
		return nil, fileError(f.path, err)
	}
	stop := c.interruptWith(ctx)
	release := func() {
		stop()
		if c.rollback() != nil { // cannot be used again
			f.pool.discard(c)
			return
		}
		f.pool.put(c)
	}
	if err := c.exec("BEGIN"); err != nil {
		release()
		return nil, fileError(f.path, causeOf(ctx, err))
	}
	return &lease{conn: c, file: f, release: release}, nil
}

// setWriterCache sets the memory for pages of the connection that writes, in KiB.
func (f *file) setWriterCache(ctx context.Context, kib int) error {
	c, err := f.takeWriter(ctx)
	if err != nil {
		return err
	}
	defer func() { f.writer <- c }()
	return fileError(f.path, c.setCache(kib))
}

// causeOf returns the cause of ctx if ctx has ended, which is then why the statement was
// interrupted.
func causeOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && sqlite.ErrCode(err).ToPrimary() == sqlite.ResultInterrupt {
		return context.Cause(ctx)
	}
	return err
}

// close closes the connections. It waits for the write in progress.
func (f *file) close() error {
	c := <-f.writer
	close(f.writer)
	err := f.pool.close()
	if c == nil {
		return err
	}
	// The planner's statistics. Cheap: SQLite looks only at tables that have changed a lot.
	_ = c.exec("PRAGMA optimize") // best effort: it changes no result
	return errors.Join(err, c.close())
}
