// Package sqlitetest opens databases for tests.
package sqlitetest

import (
	"testing"

	"github.com/egress-io/egress/internal/sqlite"
)

// Open opens a database with empty files, which are deleted when t ends.
func Open(t testing.TB) *sqlite.DB {
	t.Helper()
	return OpenDir(t, t.TempDir())
}

// OpenDir opens the database in a directory, and closes it when t ends.
func OpenDir(t testing.TB, dir string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
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
