package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with a command is said in one line, with exit status 2, and nothing is made.
func TestBadCommands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		env  []string
		want string
	}{
		"an unknown command":          {args: []string{"exprot"}, want: "exprot"},
		"an unknown flag":             {args: []string{"serve", "--dmeo"}, want: "--dmeo"},
		"a file that is not there":    {args: []string{"import", "nowhere.json", "--tenant", "acme"}, want: "nowhere.json"},
		"no tenant":                   {args: []string{"scan"}, want: "--tenant"},
		"a tenant that is not there":  {args: []string{"scan", "--tenant", "acme"}, want: `no tenant "acme"`},
		"a wrong variable":            {args: []string{"serve"}, env: []string{"EGRESS_LOG_LEVEL=loud"}, want: "EGRESS_LOG_LEVEL"},
		"an address that is not one":  {args: []string{"serve", "--addr", "here"}, want: "EGRESS_ADDR"},
		"a worker without its parts":  {args: []string{"worker"}, want: "EGRESS_MONGODB_URI"},
		"a secret key that is short":  {args: []string{"serve"}, env: []string{"EGRESS_SECRET_KEY=c2hvcnQ="}, want: "EGRESS_SECRET_KEY"},
		"a negative number of users":  {args: []string{"seed", "--users=-1"}, want: "--users"},
		"a Redis URL of another kind": {args: []string{"serve"}, env: []string{"EGRESS_REDIS_URL=http://secret@localhost"}, want: "EGRESS_REDIS_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, stderr, exit := runCommand(t, t.TempDir(), c.env, c.args...)
			if exit != 2 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) || strings.Contains(stderr, "secret@") {
				t.Errorf("status %d, standard error:\n%s", exit, stderr)
			}
		})
	}
}

// The embedded data folder has one owner, and a second process says who.
func TestDataFolderHasOneOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir, []string{"EGRESS_WORKERS=0"})
	want := fmt.Sprintf("egress: Egress is running (pid %d); stop it first\n", p.cmd.Process.Pid)
	if _, stderr, exit := runCommand(t, dir, nil, "seed", "--users", "1"); exit != 2 || stderr != want {
		t.Errorf("status %d, standard error:\n%swant:\n%s", exit, stderr, want)
	}
	p.stop()
	if _, stderr, exit := runCommand(t, dir, nil, "seed", "--users", "1"); exit != 0 {
		t.Errorf("after the server has ended: status %d\n%s", exit, stderr)
	}
}

// An import tells what it refused and why, takes the rest, and may be repeated.
func TestImportTellsWhatItRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "users.json")
	content := `[
  {"seq-no": 1, "user": {"user_id": "a", "identifiers": {"email_address": "a@example.com"}, "attributes": {"age": 41}}, "grants": {"results": []}},
  {"seq-no": 2, "user": {"identifiers": {"email_address": "b@example.com"}}},
  {"seq-no": 3, "user": {"user_id": "c", "attributes": {"age": 17}}}
]`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		stdout, stderr, exit := runCommand(t, dir, nil, "import", file, "--tenant", "acme")
		if exit != 1 || !strings.Contains(stdout, "3 read: ") || !strings.Contains(stdout, "1 refused") || !strings.Contains(stderr, "line 3: user_id is missing") {
			t.Errorf("status %d\n%s%s", exit, stdout, stderr)
		}
	}
}
