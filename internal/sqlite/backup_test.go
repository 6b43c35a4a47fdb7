package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// backupOptions returns the options for a data directory.
func backupOptions(data string) BackupOptions {
	return BackupOptions{
		Dir: filepath.Join(data, "sqlite"), SecretFiles: []string{filepath.Join(data, "secret-key"), filepath.Join(data, "first-admin")},
		Version: "v4.test",
	}
}

// newData returns a data directory with a secret key and a database with two tenants.
func newData(t *testing.T) (data string, db *DB) {
	t.Helper()
	data = t.TempDir()
	db = open(t, backupOptions(data).Dir)
	writeText(t, filepath.Join(data, "secret-key"), "the key\n")
	for _, tenant := range []string{"a", "b"} {
		if err := db.EnsureTenant(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
		putNumber(t, db, tenant, 0)
	}
	putNumber(t, db, "", 0)
	return data, db
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// putNumber adds a row to a tenant's file, or to the control file if the tenant is "".
func putNumber(t *testing.T, db *DB, tenant string, n int) {
	t.Helper()
	write, table := db.control.write, "tenants"
	if tenant != "" {
		table = "stores"
		write = func(ctx context.Context, do func(c *conn) error) error { return db.writeTenant(ctx, tenant, do) }
	}
	err := write(t.Context(), func(c *conn) error {
		return c.exec("INSERT OR IGNORE INTO "+table+" (id, doc) VALUES (?, zeroblob(2000))", fmt.Sprintf("%06d", n))
	})
	if err != nil {
		t.Errorf("write a row: %v", err)
	}
}

// numbers returns the numbers that putNumber stored.
func numbers(t *testing.T, db *DB, tenant string) (all []int) {
	t.Helper()
	read, table := db.control.read, "tenants"
	if tenant != "" {
		table = "stores"
		read = func(ctx context.Context, do func(c *conn) error) error { return db.readTenant(ctx, tenant, do) }
	}
	err := read(t.Context(), func(c *conn) error {
		return c.query("SELECT CAST(id AS INTEGER) FROM "+table+" ORDER BY id", func(r *row) error {
			all = append(all, r.ColumnInt(0))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// restore restores an archive into a new data directory.
func restore(t *testing.T, archive string) (data string, err error) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	_, err = Restore(t.Context(), archive, backupOptions(data))
	return data, err
}

// Two goroutines write without a pause. Further writes happen between the copies of the files.
func TestBackupWhileWriting(t *testing.T) {
	data, db := newData(t)
	const before = 200
	acknowledged := map[string]*atomic.Int64{"": {}, "a": {}}
	stop, warm, stopped := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for tenant, count := range acknowledged {
		go func() {
			defer func() { stopped <- struct{}{} }()
			for n := 1; ; n++ {
				putNumber(t, db, tenant, n)
				if count.Store(int64(n)); n == before {
					warm <- struct{}{}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
	}
	<-warm
	<-warm
	atStart := map[string]int64{"": acknowledged[""].Load(), "a": acknowledged["a"].Load()}
	o := backupOptions(data)
	reports := 0
	o.Progress = func(done, total int64) {
		if reports++; reports == 1 { // the file of a is copied, those of b and of control are not
			putNumber(t, db, "a", 900_000)
			putNumber(t, db, "b", 900_000)
			putNumber(t, db, "", 900_000)
		}
		if done > total || total == 0 {
			t.Errorf("%d of %d bytes", done, total)
		}
	}
	archive := filepath.Join(t.TempDir(), "backup")
	m, err := Backup(t.Context(), archive, o)
	close(stop)
	<-stopped
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
	}
	if want := []string{"secret-key", "tenants/a.db", "tenants/b.db", "control.db"}; !slices.Equal(names, want) || m.Egress != "v4.test" || m.Databases() != 3 {
		t.Errorf("%q, %+v", names, m)
	}
	if info, err := os.Stat(archive); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	restored, err := restore(t, archive)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(restored, "secret-key")); err != nil || string(text) != "the key\n" {
		t.Errorf("secret key %q, %v", text, err)
	}
	copied := open(t, backupOptions(restored).Dir)
	for tenant, least := range atStart {
		all := numbers(t, copied, tenant)
		if n := len(all); n > 0 && all[n-1] == 900_000 {
			if all = all[:n-1]; tenant == "a" {
				t.Error("a write after the copy is in the copy")
			}
		} else if tenant == "" {
			t.Error("a write before the copy of the control file is not in it")
		}
		for i, n := range all {
			if i != n {
				t.Fatalf("%q: number %d is missing", tenant, i)
			}
		}
		if int64(len(all)) <= least {
			t.Errorf("%q: %d rows, although %d were acknowledged before", tenant, len(all), least)
		}
	}
	if all := numbers(t, copied, "b"); !slices.Equal(all, []int{0, 900_000}) {
		t.Errorf("b has %v", all)
	}
	requireOnly(t, filepath.Dir(archive), "backup")
	requireOnly(t, restored, "secret-key", "sqlite")
}

// requireOnly fails if a directory has other entries, except those that the test may have opened.
func requireOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s has %q, want %q", dir, got, want)
	}
}

const backupEnv = "EGRESS_TEST_BACKUP_DATA"

func TestBackupFromAnotherProcess(t *testing.T) {
	if data := os.Getenv(backupEnv); data != "" {
		if _, err := Backup(t.Context(), filepath.Join(data, "backup"), backupOptions(data)); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, db := newData(t)
	backup := func() {
		t.Helper()
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBackupFromAnotherProcess$")
		child.Env = append(os.Environ(), backupEnv+"="+data)
		if output, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	backup()
	putNumber(t, db, "a", 1) // the other process has not disturbed this one
	restored, err := restore(t, filepath.Join(data, "backup"))
	if err != nil {
		t.Fatal(err)
	}
	if all := numbers(t, open(t, backupOptions(restored).Dir), "a"); !slices.Equal(all, []int{0}) {
		t.Errorf("a has %v", all)
	}

	// A crash leaves the log of writes. The backup has them, and leaves the log to the next start.
	crashed := filepath.Join(t.TempDir(), "crashed")
	if err := os.CopyFS(crashed, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(crashed, "backup")); err != nil {
		t.Fatal(err)
	}
	data = crashed
	backup()
	if found, err := logRemains(filepath.Join(crashed, "sqlite/tenants/a.db")); !found || err != nil {
		t.Errorf("the log of the crash: %v, %v", found, err)
	}
	if restored, err = restore(t, filepath.Join(crashed, "backup")); err != nil {
		t.Fatal(err)
	}
	if all := numbers(t, open(t, backupOptions(restored).Dir), "a"); !slices.Equal(all, []int{0, 1}) {
		t.Errorf("a has %v after the crash", all)
	}
}

func TestBackupOfClosedDatabase(t *testing.T) {
	data, db := newData(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(t.TempDir(), "backup")
	if _, err := Backup(t.Context(), archive, backupOptions(data)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"control.db", "tenants/a.db"} {
		if crashed, err := logRemains(filepath.Join(data, "sqlite", name)); crashed || err != nil {
			t.Errorf("after the backup, %s looks as after a crash: %v", name, err)
		}
	}
	if _, err := restore(t, archive); err != nil {
		t.Error(err)
	}
}

func TestBackupRefuses(t *testing.T) {
	data, db := newData(t)
	o := backupOptions(data)
	dir := t.TempDir()
	writeText(t, filepath.Join(dir, "existing"), "x")
	if _, err := Backup(t.Context(), filepath.Join(dir, "existing"), o); !errors.Is(err, fs.ErrExist) {
		t.Errorf("an existing file: %v", err)
	}
	if _, err := Backup(t.Context(), filepath.Join(dir, "b"), backupOptions(t.TempDir())); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("no database: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := o
	cancelled.Progress = func(int64, int64) { cancel() }
	if _, err := Backup(ctx, filepath.Join(dir, "b"), cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled backup: %v", err)
	}
	for n := range 20 { // so that the last page is one of data
		putNumber(t, db, "a", n)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	damageFile(t, filepath.Join(o.Dir, "tenants/a.db"))
	outage, ok := errors.AsType[*errs.OutageError](func() error { _, err := Backup(t.Context(), filepath.Join(dir, "b"), o); return err }())
	if !ok || outage.Message != "The database file a.db is damaged." {
		t.Errorf("a damaged file: %v", outage)
	}
	requireOnly(t, dir, "existing")
}

// damageFile overwrites the last page of a database file.
func damageFile(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) - pageSize; i < len(b); i++ {
		b[i] = 0xee
	}
	writeText(t, path, string(b))
}
