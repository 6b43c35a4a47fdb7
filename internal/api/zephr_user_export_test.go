package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// fakePageEnds implements PageEnds with a map.
type fakePageEnds struct {
	mu       sync.Mutex
	pageEnds map[string]string
	down     bool
}

func (f *fakePageEnds) LastID(_ context.Context, walk string, page int64) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return "", errors.New("redis is down")
	}
	return f.pageEnds[fmt.Sprint(walk, page)], nil
}

func (f *fakePageEnds) Remember(_ context.Context, walk string, page int64, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errors.New("redis is down")
	}
	f.pageEnds[fmt.Sprint(walk, page)] = id
	return nil
}

// setupUsers returns an app with n users, u0000 and so on, and stores how they were read.
func setupUsers(t *testing.T, n int, change ...func(*Options)) (b *testServer, pageEnds *fakePageEnds, asked *[]string) {
	t.Helper()
	pageEnds, asked = &fakePageEnds{pageEnds: map[string]string{}}, &[]string{}
	b = setup(t, append(change, func(o *Options) { o.PageEnds = pageEnds })...)
	all := make([]users.User, n)
	for i := range all {
		all[i] = users.User{
			ID: fmt.Sprintf("u%04d", i), Attributes: map[string]any{"country": "GB"}, Grants: []users.Grant{{ID: "g"}},
			ExtendedProfiles: map[string]json.RawMessage{"app.one": json.RawMessage(`{"a":1}`), "app.two": json.RawMessage(`2`)},
		}
	}
	var mu sync.Mutex
	b.users.walk = func(after string, skip, limit int64) ([]users.User, error) {
		mu.Lock()
		defer mu.Unlock()
		*asked = append(*asked, fmt.Sprintf("%s+%d:%d", after, skip, limit))
		list := []users.User{}
		for _, u := range all {
			if u.ID > after {
				list = append(list, u)
			}
		}
		list = list[min(skip, int64(len(list))):]
		return list[:min(limit, int64(len(list)))], nil
	}
	b.defs.count = func(string, export.Definition) (int64, error) { return int64(n), nil }
	return b, pageEnds, asked
}

func TestUserExportPages(t *testing.T) {
	t.Parallel()

	t.Run("begin where the previous one ended", func(t *testing.T) {
		t.Parallel()
		b, pageEnds, asked := setupUsers(t, 5)
		next, seen, pages := any("/v3/user-export?rpp=2&attributes=true"), "", 0
		for next != nil {
			a := b.call("exporter", "GET", next.(string), "")
			a.expect(200, "", "")
			for _, item := range a.json("results").([]any)[0].([]any) {
				seen += fmt.Sprint(item.(map[string]any)["seq-no"], item.(map[string]any)["user"].(map[string]any)["user_id"], " ")
			}
			pages++
			link, _ := a.json("links", "next").(map[string]any)
			next = nil
			if link != nil {
				next = relativeURL(t, link["url"])
			}
			if a.json("meta", "count") != 5.0 || a.json("meta", "paginated") != true || a.json("links", "last", "page") != 3.0 {
				t.Errorf("%s", a.body)
			}
		}
		if seen != "1u0000 2u0001 3u0002 4u0003 5u0004 " || pages != 3 || fmt.Sprint(*asked) != "[+0:3 u0001+0:3 u0003+0:3]" {
			t.Errorf("%s on %d pages, asked %v", seen, pages, *asked)
		}
		pageEnds.down = true // pages are then found by skipping users
		a := b.call("exporter", "GET", "/v3/user-export?rpp=2&attributes=true&page=3", "")
		a.expect(200, "", "")
		if (*asked)[3] != "+4:3" || !strings.Contains(string(a.body), `"seq-no":5`) || a.json("links", "previous", "url") != "http://example.com/v3/user-export?attributes=true&page=2&rpp=2" {
			t.Errorf("asked %v: %s", *asked, a.body)
		}
		if r := b.audit.ofKind(audit.UsersExported); len(r) == 0 || r[0].Words != "Everyone: page 1, 2 users" {
			t.Errorf("%+v", r)
		}
	})

	t.Run("end with a page without next", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct{ users, rpp, pages int }{{9, 3, 3}, {8, 3, 3}, {10, 3, 4}, {3, 3, 1}, {1, 1, 1}, {0, 3, 1}} {
			b, _, _ := setupUsers(t, c.users)
			for page := 1; page <= c.pages; page++ {
				a := b.call("exporter", "GET", fmt.Sprintf("/v3/user-export?rpp=%d&page=%d", c.rpp, page), "")
				a.expect(200, "", "")
				links := a.json("links").(map[string]any)
				_, next := links["next"]
				_, previous := links["previous"]
				if a.json("links", "last", "page") != float64(c.pages) || next != (page < c.pages) || previous != (page > 1) {
					t.Errorf("page %d of %+v: %s", page, c, a.body)
				}
			}
			a := b.call("exporter", "GET", fmt.Sprintf("/v3/user-export?rpp=%d&page=%d", c.rpp, c.pages+2), "")
			a.expect(200, "", "")
			if _, next := a.json("links").(map[string]any)["next"]; next || a.json("links", "last", "page") != float64(c.pages) {
				t.Errorf("after the last page of %+v: %s", c, a.body)
			}
		}
	})

	t.Run("miss nobody and end, while users are added and removed", func(t *testing.T) {
		t.Parallel()
		b, _, _ := setupUsers(t, 9)
		all := b.users.walk
		existing := map[string]bool{}
		for i := range 9 {
			existing[fmt.Sprintf("u%04d", i)] = true
		}
		b.users.walk = func(after string, skip, limit int64) ([]users.User, error) {
			list, err := all("", 0, 100)
			list = append(list, users.User{ID: "a"}, users.User{ID: "u0001a"}, users.User{ID: "u0008a"})
			list = slices.DeleteFunc(list, func(u users.User) bool { return u.ID <= after || !existing[u.ID] })
			slices.SortFunc(list, func(a, b users.User) int { return strings.Compare(a.ID, b.ID) })
			list = list[min(skip, int64(len(list))):]
			return list[:min(limit, int64(len(list)))], err
		}
		b.defs.count = func(string, export.Definition) (int64, error) { return int64(len(existing)), nil }
		changes := []func(){
			func() { delete(existing, "u0000"); delete(existing, "u0002") }, // read before
			func() { existing["a"], existing["u0001a"] = true, true },       // before the page's end
			func() { existing["u0008a"] = true },                            // after the last page was read
		}
		seen, next := []string{}, "/v3/user-export?rpp=3"
		for page := 0; next != ""; page++ {
			if page == len(changes) {
				t.Fatalf("page %d after %v", page+1, seen)
			}
			a := b.call("exporter", "GET", next, "")
			a.expect(200, "", "")
			for _, item := range a.json("results").([]any)[0].([]any) {
				seen = append(seen, item.(map[string]any)["user"].(map[string]any)["user_id"].(string))
			}
			changes[page]()
			next = ""
			if link, ok := a.json("links").(map[string]any)["next"].(map[string]any); ok {
				next = relativeURL(t, link["url"])
			}
		}
		if want := "[u0000 u0001 u0002 u0003 u0004 u0005 u0006 u0007 u0008]"; fmt.Sprint(seen) != want {
			t.Errorf("%v, want %s", seen, want)
		}
	})

	t.Run("have the requested groups", func(t *testing.T) {
		t.Parallel()
		b, _, _ := setupUsers(t, 1)
		for query, want := range map[string]string{
			"":                          `"attributes":{"country":"GB"}`,
			"grants=true":               `"grants":{"results":[{`,
			"appIds=app.one":            `"extended_profiles":{"app.one":{"a":1}}`,
			"appIds=all&attributes=yes": "",
		} {
			a := b.call("exporter", "GET", "/v3/user-export?page=1&"+query, "")
			if want == "" {
				a.expect(400, errs.CodeInvalidRequest, "attributes")
				continue
			}
			a.expect(200, "", "")
			body := string(a.body)
			if !strings.Contains(body, want) || strings.Contains(body, "attributes\"") != (query == "") || strings.Contains(body, "grants\"") != (query == "grants=true") {
				t.Errorf("%s: %s", query, body)
			}
		}
	})

	t.Run("are limited, and report it", func(t *testing.T) {
		t.Parallel()
		b, _, asked := setupUsers(t, 3)
		a := b.call("exporter", "GET", "/v3/user-export?rpp=100000", "")
		a.expect(200, "", "")
		if a.json("meta", "rpp") != 500.0 || a.json("meta", "requested_rpp") != 100000.0 || a.json("links", "next") != nil || (*asked)[0] != "+0:501" {
			t.Errorf("%s", a.body)
		}
		for query, field := range map[string]string{"rpp=0": "rpp", "page=-1": "page", "foreignKeys=true": "foreignKeys", "from=2026-01-01": "from", "since=x": "since"} {
			b.call("exporter", "GET", "/v3/user-export?"+query, "").expect(400, errs.CodeInvalidRequest, field)
		}
	})
}

func TestUnpagedUserExport(t *testing.T) {
	t.Parallel()

	t.Run("is one array of all users", func(t *testing.T) {
		t.Parallel()
		b, _, asked := setupUsers(t, 2*exportBatchSize+1)
		a := b.call("exporter", "GET", "/v3/user-export", "")
		a.expect(200, "", "")
		var all []struct {
			Number int `json:"seq-no"`
			User   struct {
				ID string `json:"user_id"`
			} `json:"user"`
		}
		if err := json.Unmarshal(a.body, &all); err != nil || len(all) != 2*exportBatchSize+1 || all[1000].Number != 1001 || all[1000].User.ID != "u1000" || len(*asked) != 3 {
			t.Errorf("%d users, %v, asked %v", len(all), err, *asked)
		}
		empty, _, _ := setupUsers(t, 0)
		if a := empty.call("exporter", "GET", "/v3/user-export", ""); strings.TrimSpace(string(a.body)) != "[]" {
			t.Errorf("%s", a.body)
		}
	})

	t.Run("never looks complete if it fails", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			still bool
			err   error
			want  error
		}{
			"since the database is gone": {true, errDown, errDown},
			"since it was taken away":    {false, nil, errNotAuthorized},
		} {
			b, _, _ := setupUsers(t, 2*exportBatchSize)
			walk, calls := b.users.walk, 0
			b.users.walk = func(after string, skip, limit int64) ([]users.User, error) {
				if calls++; calls == 2 && c.err != nil {
					return nil, c.err
				}
				return walk(after, skip, limit)
			}
			next := b.users.WalkUsers("meridian", filter.Selection{}, nil)
			var out bytes.Buffer
			asked := 0
			err := writeUsers(t.Context(), &out, next, &exporter.Compiled{}, func(context.Context) bool { asked++; return c.still || asked < 2 })
			if !errors.Is(err, c.want) || json.Valid(out.Bytes()) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})

	t.Run("survives a panic", func(t *testing.T) {
		t.Parallel()
		b, _, _ := setupUsers(t, 1)
		b.users.walk = func(string, int64, int64) ([]users.User, error) { panic("amelia@example.org") }
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v3/user-export", nil)
		req.AddCookie(&http.Cookie{Name: auth.CookieName, Value: "exporter"})
		req.Header.Set("Sec-Fetch-Site", "none")
		if resp, err := b.app.Test(req, 20_000); err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err == nil {
				t.Error("the response looks complete")
			}
		}
		if log := b.log.String(); !strings.Contains(log, "panic in a handler") || strings.Contains(log, `request_id=""`) || strings.Contains(log, "amelia@") {
			t.Errorf("%s", log)
		}
	})

	t.Run("has a limit of concurrent responses", func(t *testing.T) {
		t.Parallel()
		b, _, _ := setupUsers(t, 1)
		walk, goOn, begun := b.users.walk, make(chan struct{}), make(chan struct{}, unpagedExports.PerTenant)
		b.users.walk = func(after string, skip, limit int64) ([]users.User, error) {
			begun <- struct{}{}
			<-goOn
			return walk(after, skip, limit)
		}
		var all sync.WaitGroup
		for range unpagedExports.PerTenant {
			all.Go(func() { b.call("exporter", "GET", "/v3/user-export", "") })
			<-begun
		}
		a := b.call("exporter", "GET", "/v3/user-export", "")
		a.expect(429, errs.CodeTenantBusy, "")
		if a.Header.Get("Retry-After") != "10" {
			t.Errorf("%v", a.Header)
		}
		close(goOn)
		all.Wait()
		if a := b.call("exporter", "HEAD", "/v3/user-export", ""); a.StatusCode == http.StatusOK {
			t.Error("a HEAD is answered")
		}
	})
}
