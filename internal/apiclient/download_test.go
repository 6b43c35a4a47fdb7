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

// storage serves one file of a job, and does with each request what answers say.
type storage struct {
	file    []byte
	sha     string
	url     string
	ranges  []string
	answers []func(w http.ResponseWriter, r *http.Request) // for the first requests; then the file as it is
	asked   atomic.Int32
	outcome export.Status
}

func setup(t *testing.T, answers ...func(http.ResponseWriter, *http.Request)) *storage {
	t.Helper()
	s := &storage{file: make([]byte, 1_000_000), answers: answers, outcome: export.Completed}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range s.file {
		s.file[i] = byte(random.Uint32())
	}
	sum := sha256.Sum256(s.file)
	s.sha = hex.EncodeToString(sum[:])
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
func (s *storage) Job(context.Context, string) (*Job, error) {
	link := s.url + "/" + strconv.Itoa(int(s.asked.Add(1)))
	return &Job{ID: "01J", Status: s.outcome, Outcome: s.outcome, Files: []File{
		{Kind: export.UsersFile, Name: "users.csv", Bytes: int64(len(s.file)), SHA256: s.sha, DownloadURL: link},
	}}, nil
}

// breaksAfter sends as much, and then ends the connection.
func (s *storage) breaksAfter(n int) func(http.ResponseWriter, *http.Request) {
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

func (s *storage) download(t *testing.T, path string) error {
	t.Helper()
	heard := int64(0)
	_, err := Download(t.Context(), s, "01J", export.UsersFile, path, func(n int64) { heard = n })
	if err == nil && heard != int64(len(s.file)) && heard != 0 {
		t.Errorf("heard of %d bytes", heard)
	}
	return err
}

func whole(t *testing.T, s *storage, path string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != string(s.file) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".egress-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()

	t.Run("goes on where it broke off, by fresh links", func(t *testing.T) {
		t.Parallel()
		s := setup(t)
		s.answers = []func(http.ResponseWriter, *http.Request){s.breaksAfter(300_000), s.breaksAfter(300_000)}
		path := filepath.Join(t.TempDir(), "users.csv")
		if err := s.download(t, path); err != nil {
			t.Fatal(err)
		}
		whole(t, s, path)
		if len(s.ranges) != 3 || s.ranges[0] != "" || !strings.HasPrefix(s.ranges[1], "bytes=") || s.asked.Load() != 3 {
			t.Errorf("asked %q with %d links", s.ranges, s.asked.Load())
		}
	})

	t.Run("goes on with what a call before has kept", func(t *testing.T) {
		t.Parallel()
		s := setup(t)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".egress-01J-users.part"), s.file[:400_000], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.download(t, filepath.Join(dir, "users.csv")); err != nil {
			t.Fatal(err)
		}
		whole(t, s, filepath.Join(dir, "users.csv"))
		if !slices.Equal(s.ranges, []string{"bytes=400000-"}) {
			t.Errorf("asked %q", s.ranges)
		}
	})

	t.Run("takes all of it again where the storage knows no ranges", func(t *testing.T) {
		t.Parallel()
		s := setup(t, nil)
		s.answers[0] = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(s.file) }
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".egress-01J-users.part"), s.file[:1000], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.download(t, filepath.Join(dir, "users.csv")); err != nil {
			t.Fatal(err)
		}
		whole(t, s, filepath.Join(dir, "users.csv"))
	})

	t.Run("asks for another link where one has lost its time", func(t *testing.T) {
		t.Parallel()
		s := setup(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "expired", http.StatusForbidden) })
		path := filepath.Join(t.TempDir(), "users.csv")
		if err := s.download(t, path); err != nil {
			t.Fatal(err)
		}
		whole(t, s, path)
	})

	t.Run("keeps nothing that is not the file", func(t *testing.T) {
		t.Parallel()
		s := setup(t)
		s.sha = strings.Repeat("0", 64)
		dir := t.TempDir()
		err := s.download(t, filepath.Join(dir, "users.csv"))
		if err == nil || !strings.Contains(err.Error(), "is not the file") {
			t.Errorf("%v", err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})

	t.Run("begins again where what was kept is longer than the file", func(t *testing.T) {
		t.Parallel()
		s := setup(t)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".egress-01J-users.part"), make([]byte, len(s.file)+1), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.download(t, filepath.Join(dir, "users.csv")); err != nil {
			t.Fatal(err)
		}
		whole(t, s, filepath.Join(dir, "users.csv"))
	})

	t.Run("fetches nothing of a job that has no files any more", func(t *testing.T) {
		t.Parallel()
		s := setup(t)
		s.outcome = export.Expired
		r, ok := errors.AsType[*RefusalError](s.download(t, filepath.Join(t.TempDir(), "users.csv")))
		if !ok || !strings.Contains(r.Detail, "were deleted after their time") {
			t.Errorf("%v", r)
		}
	})
}

// deaf is a Source that never answers.
type deaf struct{ asked int }

func (d *deaf) Job(context.Context, string) (*Job, error) {
	d.asked++
	return nil, errors.New("connection refused")
}

func TestFollow(t *testing.T) {
	t.Parallel()
	t.Run("gives up where nobody answers for long", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := &deaf{}
			if _, err := Follow(t.Context(), d, "01J", func(*Job) {}); err == nil || d.asked != pollPatience+1 {
				t.Errorf("asked %d times, %v", d.asked, err)
			}
		})
	})
	t.Run("ends with its context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		stopped := errors.New("stopped")
		cancel(stopped)
		if _, err := Follow(ctx, &deaf{}, "01J", func(*Job) {}); !errors.Is(err, stopped) {
			t.Error(err)
		}
	})
}
