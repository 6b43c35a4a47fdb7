package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/sqlite/sqlitetest"
)

// The commands print where the data is and what else to keep, and refuse to replace data.
func TestBackupAndRestoreCommands(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	db := sqlitetest.OpenDir(t, filepath.Join(from, "data/sqlite")) // stays open, as in a server
	if err := db.EnsureTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(from, "data/secret-key")
	if err := os.WriteFile(key, []byte("key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(from, "backup.tar.zst")
	run := func(dir string, exit int, want, command string, env ...string) {
		t.Helper()
		stdout, stderr, got := runCommand(t, dir, env, command, archive)
		if got != exit || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%s: status %d\n%s%s", command, got, stdout, stderr)
		}
	}
	run(from, 2, "EGRESS_MONGODB_URI", "backup", "EGRESS_MONGODB_URI=mongodb://localhost", "EGRESS_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	run(to, 2, "has no database", "backup")
	run(from, 0, "backup.tar.zst: the database of 1 tenant, as of 20", "backup")
	run(from, 2, "exists already", "backup")
	run(from, 2, "contains data", "restore")

	stack, err := embedded.Start(t.Context(), embedded.Options{Dir: filepath.Join(to, "data")})
	if err != nil {
		t.Fatal(err)
	}
	run(to, 2, "Egress is running", "restore")
	if err := stack.Close(); err != nil {
		t.Fatal(err)
	}
	run(to, 0, "restored the database of 1 tenant", "restore")
	if text, err := os.ReadFile(filepath.Join(to, "data/secret-key")); err != nil || string(text) != "key\n" {
		t.Errorf("secret key %q, %v", text, err)
	}
	restored, err := sqlite.Open(t.Context(), sqlite.Options{Dir: filepath.Join(to, "data/sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	if err := restored.Close(); err != nil {
		t.Error(err)
	}

	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(archive, 3000); err != nil {
		t.Fatal(err)
	}
	to = t.TempDir()
	run(to, 1, "nothing was restored: the archive is damaged, incomplete, or not a backup of Egress", "restore")
	archive = filepath.Join(from, "second.tar.zst")
	run(from, 0, "It does not contain the secret key: keep EGRESS_SECRET_KEY too.", "backup")
	run(to, 0, "set EGRESS_SECRET_KEY to the key that was set before", "restore")
}
