package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

func open(t *testing.T, dir string) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}

func insertTenant(c *conn, id string) error {
	return c.exec("INSERT INTO tenants (id, doc) VALUES (?, x'00')", id)
}

func countTenants(t *testing.T, db *DB) (n int64) {
	t.Helper()
	err := db.control.read(t.Context(), func(c *conn) (err error) {
		n, err = c.integer("SELECT count(*) FROM tenants")
		return err
	})
	if err != nil {
		t.Fatalf("count: %v", err)
	}
	return n
}

func TestWriteIsAllOrNothing(t *testing.T) {
	db := open(t, t.TempDir())
	refused := errors.New("refused")
	err := db.control.write(t.Context(), func(c *conn) error { return errors.Join(insertTenant(c, "a"), refused) })
	if !errors.Is(err, refused) {
		t.Errorf("write returns %v", err)
	}
	if n := countTenants(t, db); n != 0 {
		t.Errorf("%d rows after a refused write", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = db.control.write(ctx, func(c *conn) error {
		defer cancel()
		return insertTenant(c, "b")
	})
	if n := countTenants(t, db); (err == nil) != (n == 1) {
		t.Errorf("a cancelled write returns %v and leaves %d rows", err, n)
	}
	if err := db.control.write(t.Context(), func(c *conn) error { return insertTenant(c, "c") }); err != nil {
		t.Errorf("write after a cancelled one: %v", err)
	}
}

func TestPanicRollsBack(t *testing.T) {
	db := open(t, t.TempDir())
	func() {
		defer func() { _ = recover() }()
		_ = db.control.write(t.Context(), func(c *conn) error {
			if err := insertTenant(c, "a"); err != nil {
				t.Error(err)
			}
			panic("a fault")
		})
	}()
	if n := countTenants(t, db); n != 0 {
		t.Errorf("%d rows after a panic", n)
	}
}

// TestRefusedFiles opens files that Egress must not use, and wants a sentence that names the file.
func TestRefusedFiles(t *testing.T) {
	for name, test := range map[string]struct {
		spoil   func(t *testing.T, dir string)
		message string
	}{
		"newer": {func(t *testing.T, dir string) {
			execute(t, filepath.Join(dir, "control.db"), "PRAGMA user_version = 99")
		}, "control.db was written by a newer version"},
		"of another program": {func(t *testing.T, dir string) {
			execute(t, filepath.Join(dir, "control.db"), "PRAGMA application_id = 7")
		}, "control.db is an SQLite database of another program"},
		"no database": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "control.db"), []byte(strings.Repeat("no database ", 1000)))
		}, "control.db is not a database"},
		"damaged": {func(t *testing.T, dir string) {
			path := filepath.Join(dir, "control.db")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := pageSize; i < len(data); i++ {
				data[i] = 0xa5
			}
			write(t, path, data)
			write(t, path+"-wal", []byte("what a crash leaves"))
		}, "control.db is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := Open(t.Context(), Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, dir)
			_, err = Open(t.Context(), Options{Dir: dir})
			outage, ok := errors.AsType[*errs.OutageError](err)
			if !ok || !strings.Contains(outage.Message, test.message) || outage.Advice == "" {
				t.Errorf("Open returns %v", err)
			}
		})
	}
}

func TestTenantFileOfAnotherTenantIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.EnsureTenant(t.Context(), "acme"), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "tenants", "acme.db"), filepath.Join(dir, "tenants", "globex.db")); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).EnsureTenant(t.Context(), "globex"); err == nil || !strings.Contains(err.Error(), "belongs to another tenant") {
		t.Errorf("EnsureTenant returns %v", err)
	}
}

func TestFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	if err := db.EnsureTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		info, err := e.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil || files < 4 {
		t.Errorf("%d files, %v", files, err)
	}
}

func TestTenantIDsThatAreNoFileNames(t *testing.T) {
	db := open(t, t.TempDir())
	for _, id := range []string{"", "..", "../control", "a/b", "A", "a.db", "a\x00", strings.Repeat("a", 40)} {
		if err := db.EnsureTenant(t.Context(), id); err == nil {
			t.Errorf("EnsureTenant accepts %q", id)
		}
	}
	if err := db.EnsureTenant(t.Context(), strings.Repeat("a", 39)); err != nil {
		t.Errorf("the longest id that auth.CheckTenantID accepts: %v", err)
	}
}

func execute(t *testing.T, path, statement string) {
	t.Helper()
	c, err := connect(path, 2) // SQLITE_OPEN_READWRITE
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.exec(statement), c.close()); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
