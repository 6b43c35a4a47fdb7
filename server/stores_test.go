package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// readiness returns the checks of /readyz, sorted, as JSON.
func readiness(t *testing.T, c *client) string {
	t.Helper()
	status, body := c.raw(http.MethodGet, "/readyz", nil)
	checks, _, found := strings.Cut(strings.TrimPrefix(string(body), `{"checks":`), "}")
	if status != http.StatusOK || !found {
		t.Errorf("/readyz answers %d %s", status, body)
	}
	return checks + "}"
}

// Without a MongoDB, everything is in SQLite files.
func TestStoresInSQLite(t *testing.T) {
	t.Parallel()
	dir := seeded(t, fewUsers)
	c := start(t, dir, nil).logIn()
	if got, want := readiness(t, c), `{"database":"ok","disk":"ok","redis":"ok","server":"ok","storage":"ok"}`; got != want {
		t.Errorf("/readyz checks %s, want %s", got, want)
	}
	for _, name := range []string{"control.db", filepath.Join("tenants", "meridian.db")} {
		if _, err := os.Stat(filepath.Join(dir, "data", "sqlite", name)); err != nil {
			t.Error(err)
		}
	}
}

// With only EGRESS_USERS_MONGODB_URI, the users are in that MongoDB, and the rest in SQLite.
func TestUsersInMongoDB(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{
		"EGRESS_USERS_MONGODB_URI=" + embeddedtest.Shared(t, embeddedtest.MongoDB).MongoDBURI(),
		"EGRESS_MONGODB_DATABASE=" + embeddedtest.Database(t),
	}
	if _, stderr, exit := runCommand(t, dir, env, "seed", "--users", strconv.Itoa(fewUsers)); exit != 0 {
		t.Fatalf("seed: status %d\n%s", exit, stderr)
	}
	c := start(t, dir, env).logIn()
	if got, want := readiness(t, c), `{"database":"ok","disk":"ok","mongodb":"ok","redis":"ok","server":"ok","storage":"ok"}`; got != want {
		t.Errorf("/readyz checks %s, want %s", got, want)
	}
	if j, _ := c.completed(c.export(everything()).JobID, time.Minute); j.Files[0].Rows < fewUsers {
		t.Errorf("the file has %d rows of %d users", j.Files[0].Rows, fewUsers)
	}
	files, err := filepath.Glob(filepath.Join(dir, "data", "sqlite", "tenants", "*"))
	if err != nil || len(files) != 0 {
		t.Errorf("SQLite has files of tenants: %v, %v", files, err)
	}
}

// A database file that cannot be opened ends the start with one line that names the variable.
func TestStartWithDamagedDatabase(t *testing.T) {
	t.Parallel()
	dir := seeded(t, fewUsers)
	for _, name := range []string{filepath.Join("tenants", "meridian.db"), "control.db"} {
		overwriteFile(t, filepath.Join(dir, "data", "sqlite", name))
		stdout, stderr, exit := runCommand(t, dir, []string{"EGRESS_LOG_LEVEL=error"}, "serve", "--addr", "127.0.0.1:0")
		want := "egress: EGRESS_DATA_DIR: The file " + filepath.Base(name) + " is not a database."
		if exit != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, want) {
			t.Errorf("%s: status %d\n%s%s", name, exit, stdout, stderr)
		}
	}
}

// overwriteFile replaces a database file by text.
func overwriteFile(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
}
