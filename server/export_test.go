package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// With the login that the terminal shows, an admin logs in, starts a filtered export, follows it,
// downloads the file and checks it.
func TestFirstExport(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), nil, "--demo", "--demo-users", "600")
	c := p.logIn()
	var me struct{ Email, Tenant, Role string }
	if c.call(http.MethodGet, "/v4/me", nil, &me); me.Tenant != "meridian" || me.Role != "owner" {
		t.Errorf("who am I: %+v", me)
	}
	definition := map[string]any{
		"include": map[string]any{"attributes": true, "grants": true},
		"users": map[string]any{"userStoreId": "all", "filter": map[string]any{"combinator": "and", "rules": []any{
			map[string]any{"field": "attributes.country", "operator": "is", "value": "GB"},
			map[string]any{"field": "last_login", "operator": "between", "to": "2026-08-31"},
		}}},
	}
	var count struct{ Users int64 }
	if c.call(http.MethodPost, "/v4/user-export-counts", definition, &count); count.Users == 0 {
		t.Fatal("nobody matches: the demo data is too thin for this test")
	}
	socket := c.socket()
	j, file := c.completed(c.export(definition).JobID, time.Minute)

	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != j.Files[0].SHA256 {
		t.Errorf("the receipt's hash is %s, the download's %x", j.Files[0].SHA256, sum)
	}
	records, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header, rows := records[0], records[1:]
	if int64(len(rows)) != j.Files[0].Rows || j.Progress.Users.Users != count.Users || j.Progress.Users.Rows != j.Files[0].Rows {
		t.Errorf("%d rows in the file, receipt %d; %d users, counted %d", len(rows), j.Files[0].Rows, j.Progress.Users.Users, count.Users)
	}
	last := ""
	for _, row := range rows {
		cell := func(name string) string {
			for i, h := range header {
				if h == name {
					return row[i]
				}
			}
			t.Fatalf("no column %s in %v", name, header)
			return ""
		}
		if cell("attributes.country") != "GB" || cell("last_login") > "2026-09" || cell("last_login") == "" {
			t.Errorf("a row does not match the filter: country %q, last login %q", cell("attributes.country"), cell("last_login"))
		}
		if id := cell("user_id"); id < last {
			t.Errorf("%s after %s", id, last)
		} else {
			last = id
		}
	}
	checkNews(t, socket.until(j.JobID), j)
}

// checkNews checks the messages that a tab received about a completed job.
func checkNews(t *testing.T, news []job, end job) {
	t.Helper()
	var version, sent int64
	phases := ""
	for _, n := range news {
		if n.Version < version {
			t.Errorf("version %d after %d", n.Version, version)
		}
		if n.Progress.Users.Bytes < sent {
			t.Errorf("X fell from %d to %d", sent, n.Progress.Users.Bytes)
		}
		if !strings.HasSuffix(phases, n.Status) {
			phases += " " + n.Status
		}
		version, sent = n.Version, n.Progress.Users.Bytes
	}
	if last := news[len(news)-1]; last.Status != "completed" || last.Version>>32 != end.Version>>32 || // an e-mail may follow
		!last.Progress.Users.BytesTotalExact ||
		last.Progress.Users.Bytes != last.Progress.Users.BytesTotal || last.Progress.Users.Bytes != end.Files[0].Bytes {
		t.Errorf("the last news is %+v", last)
	}
	// A tab may miss a short phase, but never sees one out of order.
	if !regexp.MustCompile(`^( queued)?( preparing)?( downloading)? completed$`).MatchString(phases) {
		t.Errorf("the phases were%s", phases)
	}
}

// The commands of the README work as written, in their order.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), nil, "--demo", "--demo-users", "300")
	_, password := p.login()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "## Three minutes to a file")
	text, _, _ = strings.Cut(text, "\n## ")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) != 3 {
		t.Fatalf("the README has %d commands to a file, want 3", len(blocks))
	}
	edit := strings.NewReplacer("http://127.0.0.1:8080", p.url, "THE PASSWORD", password)
	dir := t.TempDir()
	sh := func(script string) string {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s\n%v\n%s", script, err, out)
		}
		return string(out)
	}
	first := edit.Replace(blocks[0][1])
	sh(first)
	address := strings.SplitN(first, "\n", 2)[0] + "\n"
	sh(address + blocks[1][1])
	c := p.logIn()
	id := regexp.MustCompile(`"jobId": ?"([^"]+)"`).FindStringSubmatch(sh("cat job.json"))
	if id == nil {
		t.Fatalf("the job's answer has no jobId: %s", sh("cat job.json"))
	}
	c.wait(id[1], time.Minute)
	sh(address + blocks[2][1])
	file, err := os.ReadFile(filepath.Join(dir, "users.csv"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file)
	if j := c.job(id[1]); hex.EncodeToString(sum[:]) != j.Files[0].SHA256 {
		t.Errorf("users.csv has SHA-256 %x, the job says %s", sum, j.Files[0].SHA256)
	}
}
