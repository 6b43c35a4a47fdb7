package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// databaseFiles returns the paths of the embedded database's files in a directory of Egress.
func databaseFiles(t testing.TB, dir string) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"control.db", filepath.Join("tenants", "*.db")} {
		found, err := filepath.Glob(filepath.Join(dir, "data", "sqlite", pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	return paths
}

// checkRunningDatabase checks the integrity of each file, which a process uses meanwhile.
func checkRunningDatabase(t testing.TB, dir string) {
	t.Helper()
	for _, path := range databaseFiles(t, dir) {
		readFile(t, path, checkIntegrity)
	}
}

// checkKilledDatabase checks the integrity of each file that a killed process left. It opens copies:
// the next start has to find the write-ahead logs.
func checkKilledDatabase(t testing.TB, dir string) {
	t.Helper()
	for _, path := range databaseFiles(t, dir) {
		readFile(t, copyDatabase(t, path), checkIntegrity)
	}
}

// copyDatabase copies a file with its write-ahead log, and returns the path of the copy.
func copyDatabase(t testing.TB, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(path))
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if errors.Is(err, fs.ErrNotExist) && suffix != "" {
			continue
		}
		if err == nil {
			err = os.WriteFile(to+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// readFile calls read with a connection to a file.
func readFile(t testing.TB, path string, read func(t testing.TB, conn *sqlite.Conn)) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	defer func() {
		if err := conn.Close(); err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}()
	read(t, conn)
}

func checkIntegrity(t testing.TB, conn *sqlite.Conn) {
	t.Helper()
	selectRows(t, conn, "PRAGMA integrity_check", func(s *sqlite.Stmt) {
		if text := s.ColumnText(0); text != "ok" {
			t.Errorf("integrity check: %s", text)
		}
	})
}

func selectRows(t testing.TB, conn *sqlite.Conn, statement string, each func(s *sqlite.Stmt)) {
	t.Helper()
	err := sqlitex.ExecuteTransient(conn, statement, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error { each(s); return nil }})
	if err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}
