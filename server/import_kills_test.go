package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
)

// The number of users of an import that is killed, more than a batch; `make soak` sets
// EGRESS_TEST_IMPORTED.
const killedGuestsAtLeast = 20_000

// importedUser is a user in a tenant's file. The digest is that of its document, its columns, and
// its rows of other tables.
type importedUser struct {
	id     string
	digest [sha256.Size]byte
}

// importedUsers returns the users of the tenant in the order in which they were stored, from a copy
// of the tenant's file. It checks the file, and that everything that users refer to exists. Without a
// file there are no users.
func importedUsers(t *testing.T, dir string) (list []importedUser) {
	t.Helper()
	path := filepath.Join(dir, "data", "sqlite", "tenants", "guests.db")
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	readFile(t, copyDatabase(t, path), func(t testing.TB, conn *sqlite.Conn) {
		checkIntegrity(t, conn)
		tables := int64(0)
		selectRows(t, conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'users'", func(s *sqlite.Stmt) { tables = s.ColumnInt64(0) })
		if tables == 0 { // killed before the first commit
			return
		}
		selectRows(t, conn, `SELECT id, hex(doc), json_array(store, email, username, registered, last_login, updated, odd,
			(SELECT json_group_array(system || ' ' || key) FROM (SELECT * FROM foreign_keys WHERE user = u.seq ORDER BY system, key)),
			(SELECT json_group_array(account) FROM (SELECT * FROM account_users WHERE user = u.seq ORDER BY account)))
			FROM users u ORDER BY seq`, func(s *sqlite.Stmt) {
			list = append(list, importedUser{s.ColumnText(0), sha256.Sum256([]byte(s.ColumnText(1) + s.ColumnText(2)))})
		})
		for what, statement := range map[string]string{
			"foreign keys of no user":        "SELECT count(*) FROM foreign_keys WHERE user NOT IN (SELECT seq FROM users)",
			"accounts of no user":            "SELECT count(*) FROM account_users WHERE user NOT IN (SELECT seq FROM users)",
			"users with an unknown store":    "SELECT count(*) FROM users WHERE store NOT IN (SELECT id FROM stores)",
			"users with an unknown account":  "SELECT count(*) FROM account_users WHERE account NOT IN (SELECT id FROM accounts)",
			"foreign systems without a name": "SELECT count(*) FROM foreign_keys WHERE NOT EXISTS (SELECT 1 FROM registry)",
		} {
			selectRows(t, conn, statement, func(s *sqlite.Stmt) {
				if n := s.ColumnInt64(0); n > 0 {
					t.Errorf("%d %s", n, what)
				}
			})
		}
	})
	return list
}

// An import is killed at random moments and repeated. A killed import leaves the first users of the
// file, each of them whole. After the last import, the tenant is as after an undisturbed one.
func TestKilledImports(t *testing.T) {
	t.Parallel()
	kills, seed, random := killSettings(t)
	killedGuests := setting(t, "EGRESS_TEST_IMPORTED", killedGuestsAtLeast)
	file := filepath.Join(t.TempDir(), "guests.ndjson")
	writeGuests(t, file, killedGuests)
	args := []string{"import", file, "--tenant", "guests", "--create-tenant"}

	dir := t.TempDir()
	began := time.Now()
	if stdout, stderr, exit := runCommand(t, dir, nil, args...); exit != 0 {
		t.Fatalf("import: status %d\n%s%s", exit, stdout, stderr)
	}
	takes, size := time.Since(began), databaseSize(t, dir)
	undisturbed := importedUsers(t, dir)
	if len(undisturbed) != killedGuests {
		t.Fatalf("%d users, want %d", len(undisturbed), killedGuests)
	}

	moments := map[int]int{} // how many kills left so many users
	for done := 0; done < kills; {
		dir := t.TempDir()
		present := 0
		for range 1 + random.IntN(3) {
			if !killImport(t, dir, args, random, takes, size) {
				continue // it had ended
			}
			done++
			checkKilledDatabase(t, dir)
			list := importedUsers(t, dir)
			if len(list) < present || len(list) > killedGuests || !slices.Equal(list, undisturbed[:len(list)]) {
				t.Fatalf("kill %d, seed %d: %d users, earlier %d; they are not the first users of the file", done, seed, len(list), present)
			}
			present = len(list)
			moments[present]++
		}
		present = len(importedUsers(t, dir))
		stdout, stderr, exit := runCommand(t, dir, nil, args...)
		want := fmt.Sprintf("%d read: %d new, %d updated, 0 refused.", killedGuests, killedGuests-present, present)
		if exit != 0 || !strings.Contains(stdout, want) {
			t.Fatalf("after %d kills, seed %d: status %d, want %q\n%s%s", done, seed, exit, want, stdout, stderr)
		}
		if !slices.Equal(importedUsers(t, dir), undisturbed) {
			t.Fatalf("after %d kills, seed %d: the users differ from those of an undisturbed import", done, seed)
		}
		if _, stderr, exit := runCommand(t, dir, nil, "audit", "verify"); exit != 0 {
			t.Errorf("audit verify: status %d\n%s", exit, stderr)
		}
	}
	t.Logf("%d kills, seed %d; an undisturbed import takes %s; kills by the number of users that they left: %v", kills, seed, takes.Round(time.Millisecond), moments)
}

// killImport runs an import and kills it: after a random part of the time of an undisturbed import,
// or when the files have grown to a random part of their size. It returns false if the import ended
// first.
func killImport(t *testing.T, dir string, args []string, random *rand.Rand, takes time.Duration, size int64) bool {
	t.Helper()
	after, until := time.Duration(random.Int64N(int64(takes))), int64(-1)
	if random.IntN(2) == 0 {
		until = databaseSize(t, dir) + random.Int64N(size)
	}
	cmd := command(dir, nil, args...)
	out := &buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	began, look := time.Now(), time.NewTicker(time.Millisecond)
	defer look.Stop()
	for killed := false; !killed; {
		select {
		case <-ended:
			if exit := cmd.ProcessState.ExitCode(); exit != 0 {
				t.Fatalf("import: status %d\n%s", exit, out)
			}
			return false
		case <-look.C:
			killed = until < 0 && time.Since(began) >= after || until >= 0 && databaseSize(t, dir) >= until
		}
	}
	_ = cmd.Process.Kill()
	<-ended
	return !cmd.ProcessState.Success()
}

// databaseSize returns the size of the tenants' files with their write-ahead logs, in bytes.
func databaseSize(t *testing.T, dir string) (size int64) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "data", "sqlite", "tenants", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil { // SQLite may have deleted it
			size += info.Size()
		}
	}
	return size
}
