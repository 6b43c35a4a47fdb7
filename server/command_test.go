package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users/importer"
)

// An invalid command prints one line, exits with status 2 and changes nothing.
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
		"events in a user store":      {args: []string{"import", os.DevNull, "--tenant", "acme", "--state-events", "--store", "x"}, want: "--store"},
		"events and a schema":         {args: []string{"import", os.DevNull, "--tenant", "acme", "--state-events", "--extend-schema"}, want: "--extend-schema"},
		"products in a user store":    {args: []string{"import", os.DevNull, "--tenant", "acme", "--products", "--store", "x"}, want: "--store"},
		"products and accounts":       {args: []string{"import", os.DevNull, "--tenant", "acme", "--products", "--accounts"}, want: "--accounts"},
		"no tenant":                   {args: []string{"scan"}, want: "--tenant"},
		"a tenant that is not there":  {args: []string{"scan", "--tenant", "acme"}, want: `no tenant "acme"`},
		"a wrong variable":            {args: []string{"serve"}, env: []string{"EGRESS_LOG_LEVEL=loud"}, want: "EGRESS_LOG_LEVEL"},
		"an address that is not one":  {args: []string{"serve", "--addr", "here"}, want: "EGRESS_ADDR"},
		"a worker without its parts":  {args: []string{"worker"}, want: "EGRESS_MONGODB_URI"},
		"a secret key that is short":  {args: []string{"serve"}, env: []string{"EGRESS_SECRET_KEY=c2hvcnQ="}, want: "EGRESS_SECRET_KEY"},
		"an admin without an address": {args: []string{"admin", "nobody"}, want: "email address"},
		"a role that is none":         {args: []string{"admin", "a@example.com", "--role", "king"}, want: "--role"},
		"a negative number of users":  {args: []string{"seed", "--users=-1"}, want: "--users"},
		"an admin's password that is common": {args: []string{"serve"}, want: "EGRESS_ADMIN_PASSWORD: ",
			env: []string{"EGRESS_ADMIN_EMAIL=owner@example.com", "EGRESS_ADMIN_PASSWORD=Passw0rd!Passw0rd!"}},
		"a chain that is not named": {args: []string{"audit", "verify", "--expect", "1:x"}, want: "--expect"},
		"a head that is none":       {args: []string{"audit", "verify", "--tenant", "acme", "--expect", "1:x"}, want: "--expect"},
		"a tenant and none":         {args: []string{"audit", "verify", "--tenant", "acme", "--no-tenant"}, want: "--no-tenant"},
		"a tenant without records":  {args: []string{"audit", "verify", "--tenant", "acme"}, want: "no audit record"},
		"a target of another kind":  {args: []string{"migrate", "--to", "http://secret@localhost"}, want: "--to"},
		"a database that is none":   {args: []string{"migrate", "--to", "mongodb://secret@localhost"}, want: "EGRESS_DATA_DIR"},
		"a source that is MongoDB": {args: []string{"migrate", "--to", "mongodb://localhost"}, want: "EGRESS_MONGODB_URI",
			env: []string{"EGRESS_MONGODB_URI=mongodb://secret@localhost", "EGRESS_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}},
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

// An outage that a command meets is printed with its advice.
func TestOutageIsPrintedWithAdvice(t *testing.T) {
	t.Parallel()
	outage := &errs.OutageError{Message: "The disk is full.", Advice: "Free space.", Err: errors.New("no space left on device")}
	for want, err := range map[string]error{
		"egress: write users: The disk is full: no space left on device\nFree space.\n": fmt.Errorf("write users: %w", outage),
		"egress: refused\n": errors.New("refused"),
	} {
		var out strings.Builder
		if printError(&out, err); out.String() != want {
			t.Errorf("printed %q, want %q", out.String(), want)
		}
	}
}

// One process owns the embedded data directory; a second process names the owner and exits.
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

// An import reports refused records with the reason, imports the rest and may be repeated.
func TestImportReportsRefusals(t *testing.T) {
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
		stdout, stderr, exit := runCommand(t, dir, nil, "import", file, "--create-tenant", "--tenant", "acme")
		if exit != 1 || !strings.Contains(stdout, "3 read: ") || !strings.Contains(stdout, "1 refused") || !strings.Contains(stderr, "line 3: user_id is missing") {
			t.Errorf("status %d\n%s%s", exit, stdout, stderr)
		}
	}
}

// By default an import skips an invalid value and reports it. With --on-error=stop it imports
// nothing and creates no tenant.
func TestImportOnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, report := filepath.Join(dir, "users.ndjson"), filepath.Join(dir, "report.json")
	content := `{"user_id": "a", "last_login": "soon", "attributes": {"first name": "A", "tags": ["x"]}}
{"user_id": "b", "grants": [{"grantId": "g", "expiry_state": "cancelled"}]}
`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	const reason = "line 1: last_login must be a time like 2026-01-31T08:30:00Z"
	stdout, stderr, exit := runCommand(t, dir, nil, "import", file, "--tenant", "acme", "--create-tenant", "--on-error=stop", "--report", report)
	if exit != 2 || !strings.Contains(stderr, reason+"\n") || !strings.Contains(stderr, "Nothing was imported: 1 value or record cannot") || stdout != "" {
		t.Errorf("stop: status %d\n%s%s", exit, stdout, stderr)
	}
	type result struct {
		Skipped []importer.Refusal
		Summary importer.Report
	}
	read := func() (got result) {
		t.Helper()
		b, err := os.ReadFile(report)
		if err == nil {
			err = json.Unmarshal(b, &got)
		}
		if err != nil {
			t.Fatalf("%v in %s", err, b)
		}
		return got
	}
	if got := read(); len(got.Skipped) != 1 || got.Skipped[0].Skipped != "" || got.Summary.Read != 0 {
		t.Errorf("stop: the report has %+v", got)
	}
	stdout, stderr, exit = runCommand(t, dir, nil, "import", file, "--tenant", "acme", "--create-tenant", "--report", report)
	if exit != 1 || !strings.Contains(stderr, reason+" (value skipped)") {
		t.Errorf("skip-value: status %d\n%s%s", exit, stdout, stderr)
	}
	for _, words := range []string{
		`Created the tenant "acme".`, "2 read: 2 new, 0 updated, 0 refused.", "1 value was skipped", `Renamed attributes "first name" to first_name.`,
		`Warning: grants.results.expiry_state "cancelled" is none of pending, active, expired; it was kept (1 time, first on line 2).`,
	} {
		if !strings.Contains(stdout, words) {
			t.Errorf("%q is missing in\n%s", words, stdout)
		}
	}
	got := read()
	want := importer.Refusal{Line: 1, UserID: "a", Field: "last_login", Reason: "must be a time like 2026-01-31T08:30:00Z", Skipped: "value"}
	if s := got.Summary; len(got.Skipped) != 1 || got.Skipped[0] != want || s.Created != 2 || s.SkippedValues != 1 || len(s.Renamed) != 1 || len(s.Warnings) != 1 {
		t.Errorf("skip-value: the report has %+v", got)
	}
}

// An import of state events reports refused events. A second import creates nothing.
func TestImportStateEventsReportsRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "events.ndjson")
	content := `{"time": "2026-01-31T09:30:00+01:00", "user_id": "a", "kind": "granted", "toState": "active", "grantId": "g1", "mood": "good"}
{"time": "yesterday", "user_id": "a", "kind": "renewed"}
{"eventId": "e3", "time": "2026-02-28T08:30:00Z", "userId": "a", "kind": "expired", "from_state": "active", "to_state": "expired"}
`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, done := range []string{"2 new, 0 updated", "0 new, 2 updated"} {
		stdout, stderr, exit := runCommand(t, dir, nil, "import", file, "--create-tenant", "--tenant", "acme", "--state-events")
		if exit != 1 || !strings.Contains(stdout, "3 read: "+done+", 1 refused.") || !strings.Contains(stdout, "mood (1 time)") ||
			!strings.Contains(stderr, "line 2: time must be a time like 2026-01-31T08:30:00Z (event skipped)") {
			t.Errorf("status %d, want %s\n%s%s", exit, done, stdout, stderr)
		}
	}
}

// Imports of products and accounts report what they refuse, and replace members.
func TestImportCatalog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for flag, content := range map[string]string{
		"--products": `[{"id": "gold", "label": "Gold", "entitlement": {"id": "gold-bundle", "type": "bundle"}}, {"label": "without an id"}]`,
		"--accounts": `{"results": [{"account_id": "acc-1", "name": "Library", "number_of_seats": 7}, {"name": "without an id"}], "total": 2}`,
	} {
		file := filepath.Join(dir, flag+".json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, done := range []string{"1 new, 0 updated", "0 new, 1 updated"} {
			stdout, stderr, exit := runCommand(t, dir, nil, "import", file, "--create-tenant", "--tenant", "acme", flag)
			if exit != 1 || !strings.Contains(stdout, "2 read: "+done+", 1 refused.") || !strings.Contains(stderr, "line 1: must have an id") {
				t.Errorf("%s: status %d, want %s\n%s%s", flag, exit, done, stdout, stderr)
			}
		}
	}
}

// Two admins run one job each and do not see each other's links; a viewer may not export.
func TestAdminsExportIndependently(t *testing.T) {
	t.Parallel()
	dir := seeded(t, someUsers)
	passwords := map[string]string{}
	for email, role := range map[string]string{"one@example.com": "exporter", "two@example.com": "exporter", "three@example.com": "viewer"} {
		stdout, stderr, exit := runCommand(t, dir, nil, "admin", email, "--role", role, "--tenant", "meridian")
		_, password, ok := strings.Cut(stdout, "password: ")
		if exit != 0 || !ok {
			t.Fatalf("status %d\n%s%s", exit, stdout, stderr)
		}
		passwords[email] = strings.TrimSpace(password)
	}
	if _, stderr, exit := runCommand(t, dir, nil, "admin", "One@example.com"); exit != 2 || !strings.Contains(stderr, "already") {
		t.Errorf("the same address again: status %d, %s", exit, stderr)
	}
	p := start(t, dir, nil)
	one, two := p.logInAs("one@example.com", passwords["one@example.com"]), p.logInAs("two@example.com", passwords["two@example.com"])
	first, second := one.export(everything()), two.export(everything())
	one.completed(first.JobID, time.Minute)
	two.completed(second.JobID, time.Minute)
	if seen := two.job(first.JobID); seen.Status != "completed" || seen.DownloadURL != "" || seen.Files[0].DownloadURL != "" {
		t.Errorf("another exporter sees %+v", seen)
	}
	viewer := p.logInAs("three@example.com", passwords["three@example.com"])
	if status, body := viewer.raw(http.MethodPost, "/v4/user-export-jobs", everything()); status != http.StatusForbidden {
		t.Errorf("a viewer's export answers %d %s", status, body)
	}
	if status := viewer.call(http.MethodGet, "/v4/me", nil, nil, "Egress-Tenant", "northgate"); status != http.StatusNotFound {
		t.Errorf("a tenant that is not the viewer's answers %d", status)
	}
}

// An import creates a tenant only with --create-tenant, and only if the file is valid.
func TestImportCreatesTenantOnlyOnRequest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, broken := filepath.Join(dir, "good.ndjson"), filepath.Join(dir, "broken.json")
	for path, content := range map[string]string{good: `{"user_id": "a"}` + "\n", broken: `[{"user_id": "a"},`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{`no tenant "acme" exists; --create-tenant creates it`, []string{good}},
		{"line 1", []string{broken, "--create-tenant"}},
		{"line 1", []string{broken, "--create-tenant", "--state-events"}},
		{"store", []string{good, "--create-tenant", "--store", strings.Repeat("x", 2000)}},
	} {
		_, stderr, exit := runCommand(t, dir, nil, append([]string{"import", "--tenant", "acme"}, c.args...)...)
		if exit != 2 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, standard error:\n%s", c.args, exit, stderr)
		}
	}
	if _, stderr, exit := runCommand(t, dir, nil, "scan", "--tenant", "acme"); exit != 2 || !strings.Contains(stderr, `no tenant "acme"`) {
		t.Errorf("there is a tenant: status %d, standard error:\n%s", exit, stderr)
	}
	for _, args := range [][]string{{"--create-tenant"}, {}} {
		stdout, stderr, exit := runCommand(t, dir, nil, append([]string{"import", good, "--tenant", "acme"}, args...)...)
		if exit != 0 || strings.Contains(stdout, "Created the tenant") != (len(args) > 0) {
			t.Errorf("%v: status %d\n%s%s", args, exit, stdout, stderr)
		}
	}
}
