package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/config"
)

// openData opens the embedded database of a stopped Egress.
func openData(t *testing.T, dir string) *system {
	t.Helper()
	cfg := &config.Config{DataDir: filepath.Join(dir, "data"), MongoDBDatabase: "egress", LogLevel: "warn", LogFormat: "text"}
	sys, err := openDatabase(t.Context(), cfg, newLogger(cfg, t.Output()))
	if err != nil {
		t.Fatal(err)
	}
	return sys
}

var headLine = regexp.MustCompile(`(?m)^main: good\. Head ([0-9]+:[0-9a-f]{64})$`)

// The audit log records commands, refused requests and accesses of admins. Verify checks its
// chains, a SIEM can follow them, and a changed record is found.
func TestAuditLogRecordsAndVerifies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if stdout, _, exit := runCommand(t, dir, nil, "audit", "verify"); exit != 2 || stdout != "" {
		t.Errorf("with nothing to check: status %d\n%s", exit, stdout)
	}
	file := filepath.Join(dir, "users.ndjson")
	if err := os.WriteFile(file, []byte(`{"user_id": "a", "identifiers": {"email_address": "private@example.com"}}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, exit := runCommand(t, dir, nil, "import", file, "--tenant", "main", "--create-tenant", "--extend-schema"); exit != 0 {
		t.Fatal(stderr)
	}

	p := start(t, dir, []string{"EGRESS_WORKERS=0"})
	c := p.logIn()
	if status, body := c.raw(http.MethodGet, "/v4/users?search=private", nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	for range 3 {
		if status, body := send(t, p.url, http.MethodGet, "/v4/users", "", signature(keyPair{"NOSUCHPAIR", "x"}, http.MethodGet, "/v4/users", "", zephr)); status != http.StatusUnauthorized {
			t.Errorf("%d %s", status, body)
		}
	}
	var lines []audit.Record
	status, body := c.raw(http.MethodGet, "/v4/audit-log?after=", nil)
	for line := range strings.Lines(string(body)) {
		var r struct {
			ID, Kind, Prev, Hash string
			Words                *string
			Seq                  int64
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%d %s: %v", status, line, err)
		}
		lines = append(lines, audit.Record{ID: r.ID, Kind: audit.Kind(r.Kind), Seq: r.Seq, Prev: r.Prev, Hash: r.Hash, Words: deref(r.Words)})
	}
	kinds, prev := "", audit.Genesis
	for i, r := range lines {
		kinds += string(r.Kind) + " "
		if r.Seq != int64(i+1) || r.Prev != prev {
			t.Errorf("line %d: %+v", i, r)
		}
		prev = r.Hash
	}
	if kinds != "command_run signed_in users_listed audit_log_exported " {
		t.Fatalf("%s", body)
	}
	if w := lines[0].Words; !strings.HasPrefix(w, "egress import users.ndjson --tenant main --create-tenant --extend-schema: 1 read, 1 new, 0 updated, 0 refused (") || strings.Contains(w, "private@") {
		t.Errorf("%q", w)
	}
	if w := lines[2].Words; w != "Search “private”: 1 user shown" {
		t.Errorf("%q", w)
	}
	if status, body := c.raw(http.MethodGet, "/v4/audit-log?after="+lines[3].ID, nil); status != http.StatusOK || len(body) != 0 {
		t.Errorf("nothing new: %d %s", status, body)
	}
	if _, stderr, exit := runCommand(t, dir, nil, "audit", "verify"); exit != 2 || !strings.Contains(stderr, "Egress is running") {
		t.Errorf("while it runs: status %d\n%s", exit, stderr)
	}
	p.stop()

	stdout, stderr, exit := runCommand(t, dir, nil, "audit", "verify")
	head := headLine.FindStringSubmatch(stdout)
	if exit != 0 || head == nil || head[1] != fmt.Sprintf("4:%s", prev) || !strings.Contains(stdout, "(no tenant): good. Head ") {
		t.Fatalf("status %d\n%s%s", exit, stdout, stderr)
	}
	tamperWithLog(t, dir)
	stdout, stderr, exit = runCommand(t, dir, nil, "audit", "verify", "--tenant", "main", "--expect", head[1])
	if exit != 1 || !strings.Contains(stdout, "main: BROKEN at record 3 (changed): ") || !strings.Contains(stderr, errBrokenChain.Error()) {
		t.Errorf("after a change: status %d\n%s%s", exit, stdout, stderr)
	}
	if stdout, stderr, exit := runCommand(t, dir, nil, "audit", "verify", "--no-tenant"); exit != 0 {
		t.Errorf("the other chain: status %d\n%s%s", exit, stdout, stderr)
	}
}

// tamperWithLog changes a record of a stopped Egress. The stop has stored the refused requests.
func tamperWithLog(t *testing.T, dir string) {
	t.Helper()
	sys := openData(t, dir)
	defer func() {
		if err := sys.close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := context.WithoutCancel(t.Context())
	refused, err := sys.audit.Records(ctx, "", audit.Query{Kinds: []audit.Kind{audit.SignatureRefused}, Limit: 9})
	if err != nil || len(refused) == 0 || !strings.Contains(refused[0].Words, "there is no such key pair") {
		t.Errorf("%+v, %v", refused, err)
	}
	changeRecord(t, filepath.Join(dir, "data", "sqlite", "control.db"), 3, "words", "Nobody: 0 users shown")
}

// changeRecord changes a field of a record in the chain of the tenant main.
func changeRecord(t *testing.T, file string, seq int, field, value string) {
	t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var doc bson.D
	if err := sqlitex.Execute(conn, "SELECT doc FROM audit WHERE tenant = 'main' AND seq = ?", &sqlitex.ExecOptions{
		Args: []any{seq},
		ResultFunc: func(s *sqlite.Stmt) error {
			raw := make([]byte, s.ColumnLen(0))
			s.ColumnBytes(0, raw)
			return bson.Unmarshal(raw, &doc)
		},
	}); err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == field })
	if at < 0 {
		t.Fatalf("record %d has no %s: %v", seq, field, doc)
	}
	doc[at].Value = value
	raw, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlitex.Execute(conn, "UPDATE audit SET doc = ? WHERE tenant = 'main' AND seq = ?", &sqlitex.ExecOptions{Args: []any{raw, seq}}); err != nil {
		t.Fatal(err)
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
