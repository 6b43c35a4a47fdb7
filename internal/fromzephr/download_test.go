package fromzephr

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

func TestDownloadReadsEveryPageOnce(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	f := s.downloaded()
	for target, n := range s.seen {
		if n != 1 {
			t.Errorf("%s was requested %d times", target, n)
		}
	}
	if n := len(s.seen); n != 8 { // with the 404 for the users of the second account
		t.Errorf("%d requests: %v", n, slices.Sorted(maps.Keys(s.seen)))
	}
	if n := f.Pages(); n != 8 || !f.Served(Memberships) || !f.Served(Products) {
		t.Errorf("%d pages", n)
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
}

// A download that stops at any request resumes after the pages that it has, and the pages are then
// the same as without an interruption.
func TestInterruptedDownloadResumes(t *testing.T) {
	t.Parallel()
	undisturbed := recorded(t).downloaded()
	for at := 1; at <= 8; at++ {
		s := recorded(t)
		s.before = func(w http.ResponseWriter, _ *http.Request) bool {
			if len(s.seen) != at {
				return false
			}
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		dir := t.TempDir()
		f := s.open(dir)
		c, _ := s.client()
		wantStatus(t, Download(t.Context(), c, f, false, noProgress), http.StatusForbidden, "")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		s.before = nil
		f = s.open(dir)
		if n := f.Pages(); n != at-1 {
			t.Errorf("stopped at request %d: %d pages are kept", at, n)
		}
		if err := Download(t.Context(), c, f, false, noProgress); err != nil {
			t.Fatal(err)
		}
		if n := s.requests(); n != 9 {
			t.Errorf("stopped at request %d: %d requests in all", at, n)
		}
		if !slices.Equal(f.pages, undisturbed.pages) {
			t.Errorf("stopped at request %d: pages %+v, want %+v", at, f.pages, undisturbed.pages)
		}
	}
}

// What is damaged on disk is downloaded again, with everything after it.
func TestDamagedFolderIsRepaired(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		damage func(dir string) error
		keeps  int
	}{
		"nothing": {func(string) error { return nil }, 8},
		"a changed page": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "accounts-000002.json"), []byte("{}"), 0o600)
		}, 3},
		"a missing page":    {func(dir string) error { return os.Remove(filepath.Join(dir, "users-000001.json")) }, 6},
		"a torn last line":  {func(dir string) error { return truncateBy(filepath.Join(dir, listName), 5) }, 7},
		"a torn first line": {func(dir string) error { return os.Truncate(filepath.Join(dir, listName), 9) }, 0},
		"an empty list":     {func(dir string) error { return os.Truncate(filepath.Join(dir, listName), 0) }, 0},
		"a foreign line":    {func(dir string) error { return os.WriteFile(filepath.Join(dir, listName), []byte("hello\n"), 0o600) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := recorded(t)
			f := s.downloaded()
			want, dir := slices.Clone(f.pages), f.dir
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if err := tt.damage(dir); err != nil {
				t.Fatal(err)
			}
			f = s.open(dir)
			if n := f.Pages(); n != tt.keeps {
				t.Errorf("%d pages are kept, want %d", n, tt.keeps)
			}
			c, _ := s.client()
			if err := Download(t.Context(), c, f, false, noProgress); err != nil || !slices.Equal(f.pages, want) {
				t.Errorf("%v, pages %+v", err, f.pages)
			}
		})
	}
}

func truncateBy(path string, bytes int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, info.Size()-bytes)
}

func TestFolderOfAnotherMigration(t *testing.T) {
	t.Parallel()
	f := recorded(t).downloaded()
	if _, err := OpenFolder(f.dir, f.source, false); errs.CodeOf(err) != errs.CodeInvalidRequest || !strings.Contains(err.Error(), "another migration uses") {
		t.Errorf("an open folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(f.dir, "users-notes.json"), nil, 0o600); err != nil { // the operator's own file
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	other := f.source
	other.AppIDs = "quiz"
	if _, err := OpenFolder(f.dir, other, false); errs.CodeOf(err) != errs.CodeInvalidRequest || !strings.Contains(err.Error(), "--restart") {
		t.Errorf("other options: %v", err)
	}
	g, err := OpenFolder(f.dir, other, true)
	if err != nil || g.Pages() != 0 {
		t.Fatalf("restart: %v", err)
	}
	if err := g.Clear(); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(f.dir, "*"))
	if err != nil || len(left) != 2 { // the lock, and the operator's file
		t.Errorf("left: %v, %v", left, err)
	}
}

// The last page is recognized in every form of the documents, and a server that ignores the page
// number does not make the download endless.
func TestLastPage(t *testing.T) {
	t.Parallel()
	numbered := func(from, to int) string {
		var items []string
		for i := from; i <= to; i++ {
			items = append(items, fmt.Sprintf(`{"account_id":"a%d"}`, i))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	for name, tt := range map[string]struct {
		pages    []string // the last one is the answer to every further page
		items    int64
		requests int
		fails    string
	}{
		"total":                        {[]string{`{"results":` + numbered(1, 2) + `,"total":3}`, `{"results":` + numbered(3, 3) + `,"total":3}`}, 3, 2, ""},
		"total, fewer rows per page":   {[]string{`{"results":` + numbered(1, 1) + `,"total":2}`, `{"results":` + numbered(2, 2) + `,"total":"2"}`}, 2, 2, ""},
		"no total":                     {[]string{`{"results":` + numbered(1, 2) + `}`, `{"results":` + numbered(3, 3) + `}`, `{"results":[]}`}, 3, 3, ""},
		"nested":                       {[]string{`{"results":[` + numbered(1, 2) + `],"meta":{"count":2}}`}, 2, 1, ""},
		"next page":                    {[]string{`{"results":` + numbered(1, 2) + `,"meta":{"count":2},"links":{"next":{"page":2}}}`, `{"results":[[]],"links":{"next":null}}`}, 2, 2, ""},
		"links that repeat page 1":     {[]string{`{"results":` + numbered(1, 2) + `,"meta":{"count":2},"links":{"next":{"page":1}}}`}, 2, 1, ""},
		"no accounts":                  {[]string{`{"results":[],"total":0}`}, 0, 1, ""},
		"an array without pages":       {[]string{numbered(1, 5)}, 5, 2, ""},
		"ignored page number":          {[]string{`{"results":` + numbered(1, 2) + `,"total":6}`}, 0, 2, "ignores the parameter page"},
		"not JSON":                     {[]string{"<html>"}, 0, 1, "check the URL"},
		"not a list":                   {[]string{`{"message":"hello"}`}, 0, 1, "check the URL"},
		"fewer accounts than promised": {[]string{`{"results":` + numbered(1, 2) + `,"total":3}`, `{"results":[],"total":2}`}, 2, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newZephrServer(t)
			s.body["/v3/schema/users"], s.body["/v3/user-export?appIds=all&attributes=true&grants=true&page=1&rpp=2"] = "[]", `{"results":[[]]}`
			requests := 0
			s.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/v3/accounts" {
					return false
				}
				requests++
				_, _ = w.Write([]byte(tt.pages[min(requests, len(tt.pages))-1]))
				return true
			}
			f := s.open(t.TempDir())
			c, _ := s.client()
			err := Download(t.Context(), c, f, false, noProgress)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("error %v", err)
				}
				return
			}
			items := int64(0)
			for _, p := range f.of(Accounts) {
				items += p.Items
			}
			if err != nil || items != tt.items || requests != tt.requests {
				t.Errorf("%v, %d items, %d requests", err, items, requests)
			}
		})
	}
}

// A server that does not serve the users of accounts is asked once.
func TestMembershipsThatAreNotServed(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/users") || r.URL.Path == "/v3/schema/users" {
			return false
		}
		w.WriteHeader(http.StatusNotImplemented)
		return true
	}
	f := s.downloaded()
	if len(f.of(Memberships)) != 1 || f.Served(Memberships) {
		t.Errorf("pages %+v", f.of(Memberships))
	}
	c, _ := s.client()
	before := s.requests()
	if err := Download(t.Context(), c, f, false, noProgress); err != nil || s.requests() != before {
		t.Errorf("%v, %d more requests", err, s.requests()-before)
	}
}

// A wrong URL leaves a folder without pages. The corrected command uses it.
func TestFolderWithoutPagesOfAnotherMigration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wrong, right := Source{URL: "https://exmaple.com", Tenant: "t", AppIDs: "all", PageSize: 2}, Source{URL: "https://example.com", Tenant: "t", AppIDs: "all", PageSize: 2}
	for _, s := range []Source{wrong, right, right} {
		f, err := OpenFolder(dir, s, false)
		if err != nil {
			t.Fatalf("%s: %v", s.URL, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := os.ReadFile(filepath.Join(dir, listName)); err != nil || !strings.Contains(string(list), right.URL) {
		t.Errorf("the list is %s, %v", list, err)
	}
}
