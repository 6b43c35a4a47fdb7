package apiclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/egress-io/egress/internal/export"
)

// fakeServer serves one file of a job. It handles the first requests with answers.
type fakeServer struct {
	file    []byte
	sha256  string
	url     string
	ranges  []string
	answers []func(w http.ResponseWriter, r *http.Request) // handle the first requests; nil for the file
	links   atomic.Int32
	outcome export.Status
}

func newFakeServer(t *testing.T, answers ...func(http.ResponseWriter, *http.Request)) *fakeServer {
	t.Helper()
	s := &fakeServer{file: make([]byte, 1_000_000), answers: answers, outcome: export.Completed}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range s.file {
		s.file[i] = byte(random.Uint32())
	}
	sum := sha256.Sum256(s.file)
	s.sha256 = hex.EncodeToString(sum[:])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ranges = append(s.ranges, r.Header.Get("Range"))
		if n := len(s.ranges); n <= len(s.answers) && s.answers[n-1] != nil {
			s.answers[n-1](w, r)
			return
		}
		http.ServeContent(w, r, "", export.Time{}.Time, strings.NewReader(string(s.file)))
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// Job implements Source.
func (s *fakeServer) Job(context.Context, string) (*Job, error) {
	return &Job{ID: "01J", Status: s.outcome, Outcome: s.outcome, Files: []File{
		{Kind: export.UsersFile, Name: "users.csv", Bytes: int64(len(s.file)), SHA256: s.sha256},
	}}, nil
}

// Link implements Source.
func (s *fakeServer) Link(context.Context, string, export.FileKind) (string, error) {
	return s.url + "/" + strconv.Itoa(int(s.links.Add(1))), nil
}

// abortAfter returns a handler that sends n bytes and closes the connection.
func (s *fakeServer) abortAfter(n int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		from := 0
		if text, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
			from, _ = strconv.Atoi(strings.TrimSuffix(text, "-"))
			w.Header().Set("Content-Range", "bytes "+strconv.Itoa(from)+"-"+strconv.Itoa(len(s.file)-1)+"/"+strconv.Itoa(len(s.file)))
			w.Header().Set("Content-Length", strconv.Itoa(len(s.file)-from))
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = w.Write(s.file[from:min(from+n, len(s.file))])
		panic(http.ErrAbortHandler)
	}
}

func (s *fakeServer) download(t *testing.T, path string) error {
	t.Helper()
	reported := int64(0)
	_, err := Download(t.Context(), s, "01J", export.UsersFile, path, func(n int64) { reported = n })
	if err == nil && reported != int64(len(s.file)) && reported != 0 {
		t.Errorf("reported %d bytes", reported)
	}
	return err
}

func wantFile(t *testing.T, s *fakeServer, path string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != string(s.file) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if rest, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".egress-*")); len(rest) != 0 {
		t.Errorf("partial files remain: %v", rest)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()

	t.Run("resumes after an interruption with the same link", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t)
		s.answers = []func(http.ResponseWriter, *http.Request){s.abortAfter(300_000), s.abortAfter(300_000)}
		path := filepath.Join(t.TempDir(), "users.csv")
		if err := s.download(t, path); err != nil {
			t.Fatal(err)
		}
		wantFile(t, s, path)
		if len(s.ranges) != 3 || s.ranges[0] != "" || !strings.HasPrefix(s.ranges[1], "bytes=") || s.links.Load() != 1 {
			t.Errorf("requested the ranges %q with %d links", s.ranges, s.links.Load())
		}
	})

	t.Run("resumes the partial file of an earlier call", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".egress-01J-users.part"), s.file[:400_000], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.download(t, filepath.Join(dir, "users.csv")); err != nil {
			t.Fatal(err)
		}
		wantFile(t, s, filepath.Join(dir, "users.csv"))
		if !slices.Equal(s.ranges, []string{"bytes=400000-"}) {
			t.Errorf("requested the ranges %q", s.ranges)
		}
	})

	t.Run("starts again if the storage ignores ranges", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, nil)
		s.answers[0] = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(s.file) }
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".egress-01J-users.part"), s.file[:1000], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.download(t, filepath.Join(dir, "users.csv")); err != nil {
			t.Fatal(err)
		}
		wantFile(t, s, filepath.Join(dir, "users.csv"))
	})

	t.Run("gets a new link after one expired", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "expired", http.StatusForbidden) })
		path := filepath.Join(t.TempDir(), "users.csv")
		if err := s.download(t, path); err != nil {
			t.Fatal(err)
		}
		wantFile(t, s, path)
		if s.links.Load() != 2 {
			t.Errorf("%d links", s.links.Load())
		}
	})

	t.Run("deletes a file that does not match", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t)
		s.sha256 = strings.Repeat("0", 64)
		dir := t.TempDir()
		err := s.download(t, filepath.Join(dir, "users.csv"))
		if err == nil || !strings.Contains(err.Error(), "does not match the job") {
			t.Errorf("%v", err)
		}
		if rest, _ := os.ReadDir(dir); len(rest) != 0 {
			t.Errorf("files remain: %v", rest)
		}
	})

	t.Run("starts again if the partial file is longer than the file", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".egress-01J-users.part"), make([]byte, len(s.file)+1), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.download(t, filepath.Join(dir, "users.csv")); err != nil {
			t.Fatal(err)
		}
		wantFile(t, s, filepath.Join(dir, "users.csv"))
	})

	t.Run("fails for an expired job", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t)
		s.outcome = export.Expired
		r, ok := errors.AsType[*RefusalError](s.download(t, filepath.Join(t.TempDir(), "users.csv")))
		if !ok || !strings.Contains(r.Detail, "have expired and were deleted") {
			t.Errorf("%v", r)
		}
	})
}

// unreachable is a Source that always fails.
type unreachable struct{ calls int }

func (d *unreachable) Job(context.Context, string) (*Job, error) {
	d.calls++
	return nil, errors.New("connection refused")
}

func (*unreachable) Link(context.Context, string, export.FileKind) (string, error) {
	return "", errors.New("connection refused")
}

func TestFollow(t *testing.T) {
	t.Parallel()
	t.Run("fails after too many consecutive failures", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := &unreachable{}
			if _, err := Follow(t.Context(), d, "01J", func(*Job) {}); err == nil || d.calls != maxPollFailures+1 {
				t.Errorf("asked %d times, %v", d.calls, err)
			}
		})
	})
	t.Run("ends with its context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		stopped := errors.New("stopped")
		cancel(stopped)
		if _, err := Follow(ctx, &unreachable{}, "01J", func(*Job) {}); !errors.Is(err, stopped) {
			t.Error(err)
		}
	})
}
