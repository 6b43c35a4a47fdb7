package fromzephr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

const testKey, testSecret = "AKTEST", "secret of the tests"

// zephrServer answers signed requests from recorded responses. Its requests are counted by target.
type zephrServer struct {
	*httptest.Server

	t    *testing.T
	mu   sync.Mutex
	body map[string]string // by target
	seen map[string]int
	// retries are those that the client reported.
	retries []string
	// before may answer a request itself.
	before func(w http.ResponseWriter, r *http.Request) (answered bool)
}

func newZephrServer(t *testing.T) *zephrServer {
	t.Helper()
	s := &zephrServer{t: t, body: map[string]string{}, seen: map[string]int{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// recorded returns a server with the responses of testdata/documented.
func recorded(t *testing.T) *zephrServer {
	t.Helper()
	s := newZephrServer(t)
	for target, name := range map[string]string{
		"/v3/schema/users": "schema", "/v3/products": "products", "/v3/accounts?page=1&rpp=2": "accounts-1", "/v3/accounts?page=2&rpp=2": "accounts-2",
		"/v3/accounts/acc-1/users": "account-users-acc-1",
		"/v3/user-export?appIds=all&attributes=true&grants=true&page=1&rpp=2": "users-1",
		"/v3/user-export?appIds=all&attributes=true&grants=true&page=2&rpp=2": "users-2",
	} {
		b, err := os.ReadFile(filepath.Join("testdata", "documented", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		s.body[target] = string(b)
	}
	return s
}

func (s *zephrServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[r.RequestURI]++
	got, err := auth.ParseSignature(r.Header.Get("Authorization"))
	path, query, _ := strings.Cut(r.RequestURI, "?")
	if err != nil || got.AccessKey != testKey || !got.Matches(testSecret, auth.Target{Method: r.Method, Path: path, Query: query}) || time.Since(got.Time()).Abs() > auth.MaxSkew {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if s.before != nil && s.before(w, r) {
		return
	}
	body, ok := s.body[r.RequestURI]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"message":"Not found"}`))
		return
	}
	_, _ = w.Write([]byte(body))
}

func (s *zephrServer) requests() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, times := range s.seen {
		n += times
	}
	return n
}

// client returns a client that does not pause, and the pauses that it would have made.
func (s *zephrServer) client() (*Client, *[]time.Duration) {
	s.t.Helper()
	pauses := &[]time.Duration{}
	c, err := NewClient(Options{URL: s.URL, AccessKey: testKey, SecretKey: testSecret, Pause: func(ctx context.Context, d time.Duration) error {
		*pauses = append(*pauses, d)
		return ctx.Err()
	}, Retrying: func(err error, d time.Duration) { s.retries = append(s.retries, fmt.Sprintf("%v, %v", err, d)) }})
	if err != nil {
		s.t.Fatal(err)
	}
	return c, pauses
}

// open opens a folder for pages of two users.
func (s *zephrServer) open(dir string) *Folder {
	s.t.Helper()
	f, err := OpenFolder(dir, Source{URL: s.URL, Tenant: "t", AppIDs: "all", PageSize: 2}, false)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = f.Close() })
	return f
}

// downloaded returns a folder with all pages of the server.
func (s *zephrServer) downloaded() *Folder {
	s.t.Helper()
	f := s.open(s.t.TempDir())
	c, _ := s.client()
	if err := Download(s.t.Context(), c, f, false, noProgress); err != nil {
		s.t.Fatal(err)
	}
	return f
}

func noProgress(string, int64, int64) {}

func newReport(t *testing.T) *Report {
	t.Helper()
	r, err := NewReport(filepath.Join(t.TempDir(), "report"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// texts returns the differences of a report as text.
func texts(r *Report) (list []string) {
	for _, g := range r.Groups() {
		for _, d := range g.First {
			list = append(list, strings.TrimSpace(d.Kind+" "+d.ID+" "+string(d.Problem)+" "+strings.Join(d.Members, ",")))
		}
	}
	return list
}

func wantStatus(t *testing.T, err error, status int, says string) {
	t.Helper()
	e, ok := errors.AsType[*StatusError](err)
	if !ok || e.Status != status || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v, want status %d that says %q", err, status, says)
	}
}
