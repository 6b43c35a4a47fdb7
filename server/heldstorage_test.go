package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/s3"
	"github.com/egress-io/egress/internal/stored"
)

// heldStorage is a file storage that holds uploads at a part, so that a test finds an export
// running: the S3 of `egress embedded` behind a proxy.
type heldStorage struct {
	t   *testing.T
	dir string   // the working directory of the S3's process
	env []string // of processes that use the storage
	cmd *exec.Cmd

	mu     sync.Mutex
	target *url.URL
	hold   *hold
	begun  map[string]int         // uploads by key
	stored map[string]map[int]int // by key: how often each part was stored
}

// hold is a point at which uploads wait.
type hold struct {
	part     int           // the first part that waits
	reached  chan struct{} // closed when a part waits
	released chan struct{}
}

// newHeldStorage starts a storage that holds nothing yet.
func newHeldStorage(t *testing.T) *heldStorage {
	t.Helper()
	s := &heldStorage{t: t, dir: t.TempDir(), begun: map[string]int{}, stored: map[string]map[int]int{}}
	transport := &http.Transport{}
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			s.mu.Lock()
			defer s.mu.Unlock()
			r.SetURL(s.target)
			r.Out.Host = r.In.Host // it is signed
		},
		ModifyResponse: s.count,
		ErrorLog:       log.New(io.Discard, "", 0), // of clients and storages that were killed
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.wait(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.release()
		front.Close()
		transport.CloseIdleConnections()
	})
	for _, e := range s.start() {
		switch name, _, _ := strings.Cut(e, "="); {
		case name == "EGRESS_S3_ENDPOINT":
			s.env = append(s.env, name+"="+front.URL)
		case name != "EGRESS_REDIS_URL":
			s.env = append(s.env, e)
		}
	}
	return s
}

// start starts the S3 and returns the environment variables that it prints.
func (s *heldStorage) start() (env []string) {
	s.t.Helper()
	s.cmd, env = startParts(s.t, s.dir)
	for _, e := range env {
		if address, found := strings.CutPrefix(e, "EGRESS_S3_ENDPOINT="); found {
			target, err := url.Parse(address)
			if err != nil {
				s.t.Fatal(err)
			}
			s.mu.Lock()
			s.target = target
			s.mu.Unlock()
		}
	}
	return env
}

// restart kills the S3 and starts it again with its files.
func (s *heldStorage) restart() {
	s.t.Helper()
	end(s.cmd)
	s.start()
}

// holdAt holds all parts with this number or a higher one, until release.
func (s *heldStorage) holdAt(part int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = &hold{part: part, reached: make(chan struct{}), released: make(chan struct{})}
}

// held waits until an upload is held.
func (s *heldStorage) held() {
	s.t.Helper()
	s.mu.Lock()
	reached := s.hold.reached
	s.mu.Unlock()
	select {
	case <-reached:
	case <-time.After(time.Minute):
		s.t.Fatal("no upload is held after a minute")
	}
}

// release passes on what arrives from now on. The requests that are held fail, as of clients that
// were killed.
func (s *heldStorage) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hold != nil {
		close(s.hold.released)
		s.hold = nil
	}
}

// wait does not return if a request is held: it aborts the request after the release, or when the
// client has gone.
func (s *heldStorage) wait(r *http.Request) {
	key, part := partOf(r)
	s.mu.Lock()
	h := s.hold
	s.mu.Unlock()
	if h == nil || key == "" || part < h.part {
		return
	}
	_, _ = io.Copy(io.Discard, r.Body) // net/http notices after it that a client has gone
	s.mu.Lock()
	if s.hold == h {
		select {
		case <-h.reached:
		default:
			close(h.reached)
		}
	}
	s.mu.Unlock()
	select {
	case <-h.released:
	case <-r.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

// count counts what the S3 has done.
func (s *heldStorage) count(res *http.Response) error {
	if res.StatusCode != http.StatusOK {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, part := partOf(res.Request)
	switch {
	case key != "":
		if s.stored[key] == nil {
			s.stored[key] = map[int]int{}
		}
		s.stored[key][part]++
	case res.Request.Method == http.MethodPost && res.Request.URL.Query().Has("uploads"):
		s.begun[res.Request.URL.Path]++
	}
	return nil
}

// partOf returns the path and the number of the part that a request uploads, or "" for another
// request and for the check at the start of a process.
func partOf(r *http.Request) (key string, part int) {
	n, err := strconv.Atoi(r.URL.Query().Get("partNumber"))
	if r.Method != http.MethodPut || err != nil || strings.Contains(r.URL.Path, s3.ProbePrefix) {
		return "", 0
	}
	return r.URL.Path, n
}

// uploadedOnce fails the test unless the file of a job was one upload whose first part was stored
// once: the second attempt resumed from the checkpoint of the first one.
func (s *heldStorage) uploadedOnce(jobID string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	begun, first, second := 0, 0, 0
	for key, n := range s.begun {
		if strings.Contains(key, jobID) {
			begun += n
			first += s.stored[key][1]
			second += s.stored[key][2]
		}
	}
	if begun != 1 || first != 1 || second != 1 {
		s.t.Errorf("%d uploads of job %s, part 1 stored %d times and part 2 %d times; want each once", begun, jobID, first, second)
	}
}

// runningAtPart2 waits until the job's upload is held at part 2, and the control database in dir has
// the checkpoint after part 1.
func (s *heldStorage) runningAtPart2(dir, jobID string) {
	s.t.Helper()
	s.held()
	until(s.t, "a stored checkpoint", time.Minute, func() bool {
		cp := storedJob(s.t, dir, jobID).Checkpoint
		return cp != nil && cp.Parts == 1
	})
}

// storedJob reads a job in the control database of a running Egress.
func storedJob(t *testing.T, dir, id string) *export.Job {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, "data", "sqlite", "control.db"), sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var doc stored.Job
	if err := sqlitex.Execute(conn, "SELECT doc FROM jobs WHERE id = ?", &sqlitex.ExecOptions{
		Args: []any{id},
		ResultFunc: func(s *sqlite.Stmt) error {
			raw := make([]byte, s.ColumnLen(0))
			s.ColumnBytes(0, raw)
			return bson.Unmarshal(raw, &doc)
		},
	}); err != nil || doc.ID != id {
		t.Fatalf("job %s: read %q, %v", id, doc.ID, err)
	}
	job, err := doc.Job()
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// twoParts returns a new working directory whose data directory has the tenant acme. An export of
// its users is a file of two parts.
func twoParts(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if _, stderr, exit := runCommand(t, dir, nil, "import", heavyUsers(t, dir, 40, 300_000), "--create-tenant", "--tenant", "acme"); exit != 0 {
		t.Fatalf("import: status %d\n%s", exit, stderr)
	}
	return dir
}
