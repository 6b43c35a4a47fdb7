package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/egress-io/egress/internal/auth"
)

// BackupOptions configure Backup and Restore.
type BackupOptions struct {
	Dir string // the directory of the database
	// SecretFiles are the paths of small files that belong to the database. Files that do not exist
	// are left out. An archive contains them under their base names.
	SecretFiles []string
	Version     string                  // of Egress, for the manifest
	Progress    func(done, total int64) // in bytes; nil: none
}

func (o BackupOptions) report(done, total int64) {
	if o.Progress != nil {
		o.Progress(done, total)
	}
}

// ErrNoDatabase means that a directory has no database to back up.
var ErrNoDatabase = errors.New("sqlite: the directory has no database")

// backupPages is how many pages are copied between two looks at the context.
const backupPages = 1000

// Backup writes an archive of a database to a new file, which only its owner may read. Another
// process may use the database meanwhile. The error wraps fs.ErrExist if the file exists.
//
// Each database file is copied as of one moment, which the manifest states and which is later than
// the call of Backup: every write that was acknowledged before is in the archive. The control file
// comes last. So it has the record of every tenant in the archive, and the audit log has the records
// of all changes to users that were recorded when the change was made. It may also have records of
// later changes, and tenants that were created during the backup and whose users are not in it.
func Backup(ctx context.Context, path string, o BackupOptions) (manifest BackupManifest, err error) {
	files, err := listDatabase(o.Dir)
	if err != nil {
		return manifest, err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return manifest, fmt.Errorf("%s: %w", path, errors.Join(err, fs.ErrExist))
	}
	// In the directory of the archive, which has to have enough space anyway.
	scratch, err := os.MkdirTemp(filepath.Dir(path), ".egress-backup-*") // mode 0700
	if err != nil {
		return manifest, fmt.Errorf("create the archive: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	partial := filepath.Join(scratch, "archive")
	w, err := newArchiveWriter(partial, o.Version)
	if err != nil {
		return manifest, err
	}
	manifest, err = w.addAll(ctx, scratch, files, o)
	if err = errors.Join(err, w.close()); err != nil {
		return manifest, err
	}
	if err := os.Rename(partial, path); err != nil {
		return manifest, fmt.Errorf("rename the archive: %w", err)
	}
	return manifest, syncPath(filepath.Dir(path))
}

// databaseFile is a file of a database, with its name in archives.
type databaseFile struct {
	name   string // control.db, or tenants/<tenant>.db
	owner  string // the tenant, "" for the control file
	schema []string
}

const controlName = "control.db"

// newDatabaseFile returns the file with a name, and false if no file of a database has that name.
func newDatabaseFile(name string) (databaseFile, bool) {
	if name == controlName {
		return databaseFile{name, "", controlSchema}, true
	}
	dir, base := filepath.Split(filepath.FromSlash(name))
	tenant, isDatabase := strings.CutSuffix(base, ".db")
	if filepath.Clean(dir) != "tenants" || !isDatabase || auth.CheckTenantID(tenant) != nil {
		return databaseFile{}, false
	}
	return databaseFile{"tenants/" + base, tenant, tenantSchema}, true
}

// listDatabase returns the files of a database, the control file last.
func listDatabase(dir string) ([]databaseFile, error) {
	if _, err := os.Stat(filepath.Join(dir, controlName)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = ErrNoDatabase
		}
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "tenants"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the files of tenants: %w", err)
	}
	var files []databaseFile
	for _, e := range entries {
		if f, ok := newDatabaseFile("tenants/" + e.Name()); ok {
			files = append(files, f)
		}
	}
	control, _ := newDatabaseFile(controlName)
	return append(files, control), nil
}

// addAll adds the secret files, the database files and the manifest to the archive.
func (w *archiveWriter) addAll(ctx context.Context, scratch string, files []databaseFile, o BackupOptions) (BackupManifest, error) {
	for _, path := range o.SecretFiles {
		if err := w.add(ctx, BackupFile{Name: filepath.Base(path)}, path, nil); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return w.manifest, err
		}
	}
	var done, total int64
	for _, f := range files {
		if info, err := os.Stat(filepath.Join(o.Dir, f.name)); err == nil {
			total += info.Size()
		}
	}
	for _, f := range files {
		path := filepath.Join(scratch, "copy.db")
		schema, at, err := f.copyTo(ctx, filepath.Join(o.Dir, f.name), path)
		switch {
		case err != nil:
			return w.manifest, fileError(f.name, err)
		case schema == 0 && f.owner == "":
			return w.manifest, ErrNoDatabase
		case schema == 0: // a file without tables: another process creates it now
			continue
		}
		before := done
		add := func(n int64) { done = before + n; o.report(done, max(total, done)) }
		if err := w.add(ctx, BackupFile{Name: f.name, Schema: schema, ReadAsOf: &at}, path, add); err != nil {
			return w.manifest, err
		}
		if err := os.Remove(path); err != nil {
			return w.manifest, fmt.Errorf("remove a copy: %w", err)
		}
	}
	return w.manifest, w.addManifest()
}

// copyTo copies a file to path as of the moment at, checks the copy, and returns the version of its
// schema. The version is 0, and nothing is copied, if the file has no tables yet.
func (f databaseFile) copyTo(ctx context.Context, from, path string) (schema int, at time.Time, err error) {
	// Read only: after a crash of the other process, its next start has to find the log.
	source, err := connect(from, sqlite.OpenReadOnly)
	if err != nil {
		return 0, at, err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	source.raw.SetBusyTimeout(busyTimeout)
	if err := source.exec("BEGIN"); err != nil {
		return 0, at, err
	}
	if schema, err = f.checkIdentity(source); err != nil || schema == 0 { // the first read fixes the state
		return schema, at, err
	}
	at = time.Now().UTC().Truncate(time.Millisecond)
	target, err := connect(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return 0, at, err
	}
	defer func() { err = errors.Join(err, target.close()) }()
	for _, pragma := range []string{"journal_mode = off", "synchronous = off"} { // a crash leaves nothing of value
		if err := target.exec("PRAGMA " + pragma); err != nil {
			return 0, at, err
		}
	}
	if err := copyPages(ctx, target, source); err != nil {
		return 0, at, err
	}
	if err := source.rollback(); err != nil { // the log may become shorter from now on
		return 0, at, err
	}
	return schema, at, checkIntegrity(ctx, target)
}

func copyPages(ctx context.Context, target, source *conn) error {
	b, err := sqlite.NewBackup(target.raw, "main", source.raw, "main")
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }() // returns no error
	for more := true; more; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if more, err = b.Step(backupPages); err != nil {
			return err
		}
	}
	return nil
}

// checkIdentity returns the version of the file's schema, 0 for a file without tables. It fails if
// the file is not of Egress, of a newer version, or of another tenant.
func (f databaseFile) checkIdentity(c *conn) (schema int, err error) {
	version, err := c.integer("PRAGMA user_version")
	if err != nil || version == 0 {
		return 0, err
	}
	return int(version), migrate(c, f.schema[:min(int(version), len(f.schema))], f.owner)
}
