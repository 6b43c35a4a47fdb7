package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func shaOf(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// The command writes the same file as the API: in its own process and on a server, stored and
// streamed.
func TestExportCommand(t *testing.T) {
	t.Parallel()
	dir := seeded(t, someUsers)
	exportArgs := []string{"export", "--attributes", "--grants", "--attr", "country.notEquals.XX"}
	stdout, stderr, exit := runCommand(t, dir, nil, append(exportArgs, "--tenant", "meridian", "-o", "here.csv")...)
	if exit != 0 || !strings.Contains(stdout, "here.csv: ") || !strings.Contains(stderr, "Job ") || !strings.Contains(stderr, "country") && !strings.Contains(stderr, "Country") {
		t.Fatalf("status %d\n%s%s", exit, stdout, stderr)
	}
	scanLog(t, stderr)

	p := start(t, dir, []string{"EGRESS_LOG_LEVEL=warn"})
	owner := p.logIn()
	owner.tenant = "meridian"
	definition := map[string]any{
		"include": map[string]any{"attributes": true, "grants": true},
		"users":   map[string]any{"filter": map[string]any{"field": "attributes.country", "operator": "is_not", "value": "XX"}},
	}
	j, _ := owner.completed(owner.export(definition).JobID, time.Minute)
	if got := shaOf(t, filepath.Join(dir, "here.csv")); got != j.Files[0].SHA256 {
		t.Errorf("here: %s, by the API %s", got, j.Files[0].SHA256)
	}

	k := owner.issue("command")
	env := []string{"EGRESS_SERVER=" + p.url, "EGRESS_ACCESS_KEY=" + k.AccessKey, "EGRESS_ACCESS_SECRET=" + k.SecretKey}
	clientDir := t.TempDir() // the client has no data of its own
	want := func(status int, says string, args ...string) string {
		t.Helper()
		stdout, stderr, exit := runCommand(t, clientDir, env, args...)
		if exit != status || !strings.Contains(stdout+stderr, says) || strings.Contains(stdout+stderr, k.SecretKey) {
			t.Fatalf("%q: status %d, want %d\n%s%s", args, exit, status, stdout, stderr)
		}
		return stderr
	}
	output := want(0, "there.csv: ", append(exportArgs, "-o", "there.csv")...)
	if got := shaOf(t, filepath.Join(clientDir, "there.csv")); got != j.Files[0].SHA256 {
		t.Errorf("there: %s, by the API %s", got, j.Files[0].SHA256)
	}
	if _, err := os.Stat(filepath.Join(clientDir, "data")); !os.IsNotExist(err) {
		t.Errorf("a client made a data folder: %v", err)
	}
	want(2, "exists already", append(exportArgs, "-o", "there.csv")...)
	want(0, "there.csv: ", append(exportArgs, "-f", "-o", "there.csv")...)
	_, id, _ := strings.Cut(output, "Job ")
	id, _, _ = strings.Cut(id, ":")
	want(0, "again.csv: ", "export", "--job", id, "-o", "again.csv")
	if got := shaOf(t, filepath.Join(clientDir, "again.csv")); got != j.Files[0].SHA256 {
		t.Errorf("fetched later: %s", got)
	}
	if downloads := auditedBy(t, owner, "file_downloaded"); len(downloads) != 4 { // here, there twice, and again
		t.Errorf("recorded downloads: %v", downloads)
	}
	email, _ := p.login()
	if links := auditedBy(t, owner, "link_given"); slices.ContainsFunc(links, func(by string) bool { return by != email }) {
		t.Errorf("links were given to %v", links) // the command asks for none but those that it downloads with
	}
	want(2, "--attr", "export", "--attr", "nothing.like")
	want(2, "There is no field of this name", "export", "--attr", "nothing.checked")
	want(2, "This export job does not exist", "export", "--job", "01JDB7V2M9QKX3W8ZP5T6R4NHE")
	want(2, "omit it", "export", "--tenant", "meridian")

	owner.features(false, false)
	want(0, "streamed.csv: ", append(exportArgs, "-o", "streamed.csv")...)
	if got := shaOf(t, filepath.Join(clientDir, "streamed.csv")); got != j.Files[0].SHA256 {
		t.Errorf("streamed: %s, by the API %s", got, j.Files[0].SHA256)
	}
	owner.features(false, true)
	want(0, "events.csv: ", append(exportArgs, "--state-events", "-o", "both.csv", "--events-output", "events.csv")...)
	if shaOf(t, filepath.Join(clientDir, "both.csv")) != j.Files[0].SHA256 {
		t.Error("the users file differs when state events are exported as well")
	}

	if status := owner.call(http.MethodDelete, "/v3/schema/users/country", nil, nil); status != http.StatusOK {
		t.Fatalf("DELETE country answers %d", status)
	}
	want(0, "Note: ", "export", "-o", "noted.csv") // values have no column now
	env[2] = "EGRESS_ACCESS_SECRET=wrong"
	want(1, "The signature of this request or its key pair is not valid", "export")
	p.kill()
	leftovers, err := filepath.Glob(filepath.Join(clientDir, ".egress-*"))
	if err != nil || len(leftovers) != 0 {
		t.Errorf("leftover files: %v, %v", leftovers, err)
	}
}

// auditedBy returns who caused the records of a kind in the audit log of the client's tenant.
func auditedBy(t *testing.T, c *client, kind string) []string {
	t.Helper()
	status, body := c.raw(http.MethodGet, "/v4/audit-log?after=", nil)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	var who []string
	for line := range strings.Lines(string(body)) {
		var r struct{ Kind, Email string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Kind == kind {
			who = append(who, r.Email)
		}
	}
	return who
}

// After a command was killed, the next command resumes its export, even if workers are disabled.
func TestKilledExportCommand(t *testing.T) {
	t.Parallel()
	storage := newHeldStorage(t)
	dir := twoParts(t)
	exportArgs := []string{"export", "--tenant", "acme", "--attributes", "--app-ids", "all", "--grants"}
	if stdout, stderr, exit := runCommand(t, dir, storage.env, append(exportArgs, "-o", "undisturbed.csv")...); exit != 0 {
		t.Fatalf("export: status %d\n%s%s", exit, stdout, stderr)
	}
	output := &buffer{}
	cmd := command(dir, storage.env, append(exportArgs, "-o", "killed.csv")...)
	cmd.Stderr = output
	storage.holdAt(2)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer end(cmd)
	storage.held()
	until(t, "the export to run", time.Minute, func() bool { return strings.Contains(output.String(), "Downloading: ") })
	_, id, _ := strings.Cut(output.String(), "Job ")
	id, _, _ = strings.Cut(id, ":")
	storage.runningAtPart2(dir, id)
	end(cmd)
	storage.release()
	if _, err := os.Stat(filepath.Join(dir, "killed.csv")); !os.IsNotExist(err) {
		t.Fatalf("the command was not killed in time: %v", err)
	}
	stdout, stderr, exit := runCommand(t, dir, append(storage.env, "EGRESS_WORKERS=0"), "export", "--tenant", "acme", "--job", id, "-o", "killed.csv")
	if exit != 0 || shaOf(t, filepath.Join(dir, "killed.csv")) != shaOf(t, filepath.Join(dir, "undisturbed.csv")) {
		t.Errorf("status %d\n%s%s", exit, stdout, stderr)
	}
	storage.uploadedOnce(id)
	if stdout, stderr, exit := runCommand(t, dir, storage.env, append(exportArgs, "-o", "next.csv")...); exit != 0 {
		t.Errorf("the next export: status %d\n%s%s", exit, stdout, stderr)
	}
}

// Without a server, the command has the rules of the API: it refuses state events where the tenant's
// feature is off, and stores no file where the tenant's exports are streamed.
func TestLocalExportCommandFollowsFeatures(t *testing.T) {
	t.Parallel()
	dir := seeded(t, someUsers)
	set := func(async, events bool) {
		p := start(t, dir, nil)
		owner := p.logIn()
		owner.tenant = "meridian"
		owner.features(async, events)
		p.kill()
	}
	asked := []string{"export", "--tenant", "meridian", "--attributes", "-o", "users.csv"}
	set(true, false)
	if stdout, stderr, exit := runCommand(t, dir, nil, append(asked, "--state-events")...); exit != 2 || !strings.Contains(stderr, "feature.stateEventsExport.enabled") {
		t.Errorf("state events that are off: status %d\n%s%s", exit, stdout, stderr)
	}
	set(false, true)
	stdout, stderr, exit := runCommand(t, dir, nil, append(asked, "--state-events", "--events-output", "events.csv")...)
	if exit != 0 || !strings.Contains(stdout, fmt.Sprintf("users.csv: %d rows", someUsers)) || !strings.Contains(stdout, "events.csv: ") {
		t.Fatalf("a streamed export: status %d\n%s%s", exit, stdout, stderr)
	}
	_, id, _ := strings.Cut(stderr, "Job ")
	id, _, _ = strings.Cut(id, ":")
	p := start(t, dir, nil)
	owner := p.logIn()
	owner.tenant = "meridian"
	j := owner.job(id)
	if len(j.Files) != 2 || j.Mode != "sync" || j.Status != "completed" {
		t.Fatalf("%+v", j)
	}
	for i, name := range []string{"users.csv", "events.csv"} {
		if got := shaOf(t, filepath.Join(dir, name)); got != j.Files[i].SHA256 {
			t.Errorf("%s has SHA-256 %s, the job says %s", name, got, j.Files[i].SHA256)
		}
	}
	status, log := owner.raw(http.MethodGet, "/v4/audit-log?after=", nil)
	if n := strings.Count(string(log), `"export_started"`); status != http.StatusOK || n != 1 {
		t.Errorf("status %d, %d records of a started export, want 1", status, n)
	}
}
