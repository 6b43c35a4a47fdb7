package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Servers with the embedded database are killed at random moments while they export, change users
// and settings, and while they start. After each start the files are good, every acknowledged write
// and its audit record exist, and the job is completed with a correct file.
func TestKilledServers(t *testing.T) {
	t.Parallel()
	kills, seed, random := killSettings(t)
	dir := t.TempDir()
	if _, stderr, exit := runCommand(t, dir, nil, "import", heavyUsers(t, dir, killedUsers, 22_000), "--create-tenant", "--tenant", "acme"); exit != 0 {
		t.Fatalf("import: status %d\n%s", exit, stderr)
	}
	env := []string{"EGRESS_READERS=1", "EGRESS_LOG_LEVEL=warn"}
	p := start(t, dir, env)
	w := &acknowledgedWrites{t: t, client: p.logIn(), users: map[string]string{}, records: map[string]bool{}}
	w.client.tenant = "acme"
	began := time.Now()
	_, file := w.client.completed(w.client.export(everything()).JobID, 5*time.Minute)
	takes := time.Since(began)
	undisturbed, header := rowsOf(t, file)
	if len(undisturbed) != killedUsers {
		t.Fatalf("the file has %d users", len(undisturbed))
	}

	id, of, attempt, completed, resumes := "", 0, int64(0), 0, 0
	for done := 0; done < kills; {
		if id == "" {
			id, of, attempt = w.client.export(everything()).JobID, 0, 0
			w.records["export_started "+id] = true
			w.beforeJob = maps.Clone(w.users)
		}
		writes, after := 1+random.IntN(100), time.Duration(0)
		if random.IntN(2) == 0 {
			writes, after = 1, time.Duration(random.Int64N(int64(takes)))
			// The lease of the killed attempt has to end first.
			until(t, "another attempt", 5*time.Minute, func() bool { j := w.client.job(id); return j.final() || j.Attempt > attempt })
		}
		w.writeUntilKilled(p, writes, after)
		done++
		of++
		checkKilledDatabase(t, dir)
		for random.IntN(4) == 0 && done < kills {
			killStarting(t, dir, env, 1+random.IntN(8))
			done++
			of++
			checkKilledDatabase(t, dir)
		}
		p = start(t, dir, append(env, "EGRESS_LOG_LEVEL=info"))
		checkRunningDatabase(t, dir)
		w.client.url = p.url
		w.check()
		j := w.client.job(id)
		if attempt = j.Attempt; !j.final() && of < sparedAfter && done < kills {
			continue
		}
		j, file = w.client.completed(id, 5*time.Minute)
		w.checkFile(file, header, undisturbed)
		resumes += j.Resumes
		completed++
		id = ""
		if t.Failed() {
			t.Fatalf("kill %d, seed %d", done, seed)
		}
	}
	_, file = w.client.completed(w.client.export(everything()).JobID, 5*time.Minute)
	w.beforeJob = w.users
	w.checkFile(file, header, undisturbed)
	p.stop()
	if stdout, stderr, exit := runCommand(t, dir, nil, "audit", "verify"); exit != 0 {
		t.Errorf("audit verify: status %d\n%s%s", exit, stdout, stderr)
	}
	t.Logf("%d kills, seed %d; %d jobs, %d resumes; %d users created, %d records of the audit log checked",
		kills, seed, completed, resumes, len(w.users), w.checked)
}

// acknowledgedWrites are the writes that servers have acknowledged.
type acknowledgedWrites struct {
	t      *testing.T
	client *client

	mu        sync.Mutex
	users     map[string]string // the name of each created user; "" for a user that may not exist
	beforeJob map[string]string // users when the job began
	records   map[string]bool   // kind and subject of audit records not yet found
	retention int               // the last one that was acknowledged
	attempted int               // the last one that was sent
	next      int               // the number of the next user
	left      int               // writes until the kill
	moment    time.Time         // no kill before it

	cursor  string // the last audit record that was read
	checked int
	fresh   []string // users of the last server
}

// writeUntilKilled changes users and settings, and kills the server with the acknowledgement of the
// n-th write, or of the first one after some time, while others are under way.
func (w *acknowledgedWrites) writeUntilKilled(p *process, n int, after time.Duration) {
	w.t.Helper()
	w.left, w.moment, w.fresh = n, time.Now().Add(after), nil
	var writers sync.WaitGroup
	for range 3 {
		writers.Go(func() {
			for w.createUser(p) == nil {
			}
		})
	}
	writers.Go(func() {
		for w.changeSettings(p) == nil {
		}
	})
	writers.Wait()
	p.kill()
}

// createUser creates a user and changes its name.
func (w *acknowledgedWrites) createUser(p *process) error {
	w.mu.Lock()
	w.next++
	id := fmt.Sprintf("w%06d", w.next)
	w.users[id] = ""
	w.fresh = append(w.fresh, id)
	w.mu.Unlock()
	user := map[string]any{"user_id": id, "identifiers": map[string]string{"email_address": id + "@example.com"}, "attributes": map[string]string{"name": "first"}}
	err := w.send(p, http.MethodPost, "/v3/users", user, http.StatusCreated, func() {
		w.users[id] = "first"
		w.records["user_created "+id] = true
	})
	if err != nil {
		return err
	}
	return w.send(p, http.MethodPatch, "/v3/users/"+id+"/attributes", map[string]string{"name": "second"}, http.StatusOK, func() {
		w.users[id] = "second"
		w.records["user_changed "+id] = true
	})
}

// changeSettings changes how long files are kept.
func (w *acknowledgedWrites) changeSettings(p *process) error {
	w.mu.Lock()
	w.attempted = max(w.attempted, 7200) + 1
	n := w.attempted
	w.mu.Unlock()
	return w.send(p, http.MethodPut, "/v4/settings", map[string]int{"retentionSeconds": n}, http.StatusOK, func() {
		w.retention = n
		w.records[fmt.Sprintf("settings_changed %d", n)] = true
	})
}

// send sends a write, and calls acknowledged if the server has answered with the status. The error
// means that the server was killed.
func (w *acknowledgedWrites) send(p *process, method, path string, in any, status int, acknowledged func()) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, p.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Egress-Tenant", w.client.tenant)
	res, err := w.client.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case res.StatusCode == status:
		acknowledged()
		if w.left--; w.left <= 0 && !time.Now().Before(w.moment) {
			_ = p.cmd.Process.Kill()
		}
		return nil
	case err == nil:
		w.t.Errorf("%s %s answers %d %s", method, path, res.StatusCode, text)
		_ = p.cmd.Process.Kill()
		return errors.New("refused")
	}
	return err
}

// check reads back what the killed server had acknowledged.
func (w *acknowledgedWrites) check() {
	w.t.Helper()
	c := w.client
	for _, id := range w.fresh {
		var u struct {
			Attributes map[string]string `json:"attributes"`
		}
		status := c.call(http.MethodGet, "/v3/users/"+id, nil, &u)
		name, allowed := u.Attributes["name"], map[string][]string{"": {"", "first"}, "first": {"first", "second"}, "second": {"second"}}[w.users[id]]
		if status != http.StatusOK {
			name = ""
		}
		if !slices.Contains(allowed, name) {
			w.t.Errorf("user %s: status %d, name %q; acknowledged %q", id, status, name, w.users[id])
		}
		if w.users[id] = name; name == "" {
			delete(w.users, id)
		}
	}
	var settings struct{ RetentionSeconds int }
	if c.call(http.MethodGet, "/v4/settings", nil, &settings); settings.RetentionSeconds < w.retention || w.retention > 0 && settings.RetentionSeconds > w.attempted {
		w.t.Errorf("files are kept for %d s; acknowledged %d, attempted %d", settings.RetentionSeconds, w.retention, w.attempted)
	}
	w.checkAuditLog()
}

// checkAuditLog follows the audit log. Each acknowledged write must have one record.
func (w *acknowledgedWrites) checkAuditLog() {
	w.t.Helper()
	seen := map[string]int{}
	for more := true; more; {
		status, body := w.client.raw(http.MethodGet, "/v4/audit-log?limit=1000&after="+w.cursor, nil)
		if status != http.StatusOK {
			w.t.Fatalf("GET /v4/audit-log answers %d %s", status, body)
		}
		more = false
		for line := range strings.Lines(string(body)) {
			var r struct{ ID, Kind, Subject, Words string }
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				w.t.Fatal(err)
			}
			more, w.cursor = true, r.ID
			if r.Kind == "settings_changed" {
				_, r.Subject, _ = strings.Cut(r.Words, "files are kept for ")
				r.Subject, _, _ = strings.Cut(r.Subject, " ")
			}
			seen[r.Kind+" "+r.Subject]++
		}
	}
	for record := range w.records {
		if seen[record] != 1 {
			w.t.Errorf("the audit log has %q %d times", record, seen[record])
		}
		w.checked++
	}
	clear(w.records)
}

// checkFile compares the file of a job with the users: each undisturbed user once and unchanged, and
// each user that was created before the job.
func (w *acknowledgedWrites) checkFile(file []byte, header string, undisturbed map[string][sha256.Size]byte) {
	w.t.Helper()
	rows, got := rowsOf(w.t, file)
	if got != header {
		w.t.Errorf("the header is %s, want %s", got, header)
	}
	for id, row := range undisturbed {
		if rows[id] != row {
			w.t.Errorf("the file lacks user %s, or has another row", id)
		}
	}
	for id := range rows {
		_, known := w.users[id]
		if _, base := undisturbed[id]; !base && !known {
			w.t.Errorf("the file has user %s, which does not exist", id)
		}
	}
	for id, name := range w.beforeJob {
		if _, exists := rows[id]; !exists && name != "" {
			w.t.Errorf("the file lacks user %s, who was created before", id)
		}
	}
}

// rowsOf returns the digests of the rows of a file by user id, and the header. Each user must have
// one row.
func rowsOf(t *testing.T, file []byte) (rows map[string][sha256.Size]byte, header string) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(file))
	r.ReuseRecord = true
	rows = map[string][sha256.Size]byte{}
	column := -1
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, header
		}
		if err != nil {
			t.Fatal(err)
		}
		if column < 0 {
			if column, header = slices.Index(row, "user_id"), strings.Join(row, ","); column < 0 {
				t.Fatalf("the header is %s", header)
			}
			continue
		}
		id := strings.Clone(row[column])
		if _, exists := rows[id]; exists {
			t.Errorf("the file has user %s twice", id)
		}
		rows[id] = sha256.Sum256([]byte(strings.Join(row, "\x00")))
	}
}

// killStarting starts a server and kills it when it has printed a number of lines.
func killStarting(t *testing.T, dir string, env []string, lines int) {
	t.Helper()
	cmd := command(dir, append(env, "EGRESS_LOG_LEVEL=info"), "serve", "--addr", "127.0.0.1:0")
	out := &killingWriter{left: lines, kill: func() { _ = cmd.Process.Kill() }}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(2*time.Minute, out.kill)
	defer limit.Stop()
	_ = cmd.Wait()
	if out.left > 0 {
		t.Errorf("the server ended before it was killed:\n%s", out.text.String())
	}
}

// killingWriter calls kill after a number of lines.
type killingWriter struct {
	text bytes.Buffer
	left int
	kill func()
}

func (w *killingWriter) Write(p []byte) (int, error) {
	if w.left -= bytes.Count(p, []byte("\n")); w.left <= 0 {
		w.kill()
	}
	return w.text.Write(p)
}
