package fromzephr

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// Items in the forms of the documents, and the names that they get.
func TestNormalizeItem(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"seq-no":1,"user":{"user_id":"a","attributes":{"x":1.50,"y":"<b>"}},"grants":{"results":[]}}`: `{"user":{"attributes":{"x":1.50,"y":"<b>"},"user_id":"a"}}`,
		`{"user_id":7,"grants":[{"grant_id":"g","created_at":"2024-02-01 00:00:00"}]}`:                  `{"grants":{"results":[{"createdAt":"2024-02-01 00:00:00","grantId":"g"}]},"user":{"user_id":7}}`,
		`{"user":{"id":"a"}}`: `{"user":{"user_id":"a"}}`,
		`{"user":{},"grants":{"results":[{"grantId":"g","grant_id":"other","user_id":"a","accountId":"c"}]}}`: `{"grants":{"results":[{"account_id":"c","grantId":"g","user_id":"a"}]},"user":{"user_id":"a"}}`,
		`{"user":{"user_id":"a"},"grants":{"results":"none"}}`:                                                `{"grants":{"results":"none"},"user":{"user_id":"a"}}`,
		`{"user":{"user_id":"a"},"grants":[1]}`:                                                               `{"grants":[1],"user":{"user_id":"a"}}`,
		`{"user":{"user_id":"a","profiles":{"q":{"n":1}}},"grants":null}`:                                     `{"user":{"extended_profiles":{"q":{"n":1}},"user_id":"a"}}`,
		`{"user":{"user_id":"a"},"extendedProfiles":{"q":[ 1 ]}}`:                                             `{"extended_profiles":{"q":[1]},"user":{"user_id":"a"}}`,
		`{"user":{"user_id":"a","foreign_keys":[{"CRM":"1"},{"foreign_system":"ERP","foreign_key":2}]}}`:      `{"user":{"foreign_keys":{"CRM":"1","ERP":2},"user_id":"a"}}`,
		`{"user":{"user_id":"a","foreign_keys":[]}}`:                                                          `{"user":{"foreign_keys":{},"user_id":"a"}}`,
		`{"user":{"user_id":"a","foreign_keys":[{"a":1,"b":2}]}}`:                                             `{"user":{"foreign_keys":[{"a":1,"b":2}],"user_id":"a"}}`,
		`{"user":{"user_id":"a","registration_state":{"form":true}}}`:                                         `{"user":{"registration_state":{"form":true},"user_id":"a"}}`,
		`{"user":{"user_id":"a","identifiers":{"email_address":"\u00e4@example.com"}}}`:                       `{"user":{"identifiers":{"email_address":"\u00e4@example.com"},"user_id":"a"}}`,
	} {
		got, err := normalizeItem([]byte(raw))
		if err != nil || string(got.json) != want {
			t.Errorf("%s\nis   %s, %v\nwant %s", raw, got.json, err, want)
		}
	}
	for raw, reason := range map[string]string{`7`: "is not an object", `{"user":[]}`: "has a user that is not an object", `{"user":{}}`: errNoUserID.Error(), `null`: "is not an object"} {
		if _, err := normalizeItem([]byte(raw)); err == nil || err.Error() != reason {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// The order does not depend on how much fits into memory.
func TestSorter(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var keys []string
	for range 500 {
		keys = append(keys, fmt.Sprintf("%x", random.IntN(200)))
	}
	var want []string
	for i, key := range keys {
		want = append(want, key+" "+fmt.Sprintf("%03d", i))
	}
	slices.SortFunc(want, func(a, b string) int { return strings.Compare(a, b) })
	for _, limit := range []int{1, 20, 1000, 1 << 20} {
		dir := t.TempDir() + "/runs"
		s, err := newSorter(dir, limit)
		if err != nil {
			t.Fatal(err)
		}
		for i, key := range keys {
			if err := s.add(key, fmt.Sprintf("%03d", i)); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		last := ""
		if err := s.each(func(key string, values []string) error {
			if key <= last {
				t.Errorf("limit %d: %q after %q", limit, key, last)
			}
			last = key
			for _, v := range values {
				got = append(got, key+" "+v)
			}
			return nil
		}); err != nil || !slices.Equal(got, want) {
			t.Errorf("limit %d: %v, %d entries", limit, err, len(got))
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("limit %d: the runs are left: %v", limit, err)
		}
	}
}

// The recorded pages become one line per user, sorted, with the users of accounts.
func TestPrepare(t *testing.T) {
	t.Parallel()
	f := recorded(t).downloaded()
	r := newReport(t)
	for _, limit := range []int{1, sortBytes} {
		p, err := prepare(t.Context(), f, r, limit)
		if err != nil {
			t.Fatal(err)
		}
		lines := linesOf(t, p.Path)
		var ids []string
		for _, line := range lines {
			item, err := parseItem([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, string(item.User.ID))
		}
		if !slices.Equal(ids, []string{"u-1", "u-2", "u-3", "u-4"}) || !strings.Contains(lines[1], `"account_ids":["acc-1"]`) || !strings.Contains(lines[2], `{"score":1.50,"tag":"<b>"}`) {
			t.Errorf("limit %d: %v\n%s", limit, ids, strings.Join(lines, "\n"))
		}
		want := Counts{Stores: 1, Users: 4, Profiles: 2, ForeignKeys: 3, Grants: 2, Memberships: 3}
		if p.Counts != want || p.Repeated != 0 || p.First != 4 || p.Last != 4 || r.Differences() != 0 {
			t.Errorf("limit %d: %+v, %v", limit, p, texts(r))
		}
	}
}

func linesOf(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// Users who are created and deleted during the download move others to other pages: one is on two
// pages, and one on none.
func TestPagesThatShift(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	const export = "/v3/user-export?appIds=all&attributes=true&grants=true&rpp=2&page="
	at := func(page string) string { return strings.Replace(export, "&rpp=2&page=", "&page="+page+"&rpp=2", 1) }
	s.body[at("1")] = `{"results":[[{"user":{"user_id":"b","tracking_id":"old"}},{"user":{"user_id":"c"}}]],"meta":{"count":5}}`
	s.body[at("2")] = `{"results":[[{"user":{"user_id":"b","tracking_id":"new"}},{"user":{"user_id":"d"}}]],"meta":{"count":5}}`
	s.body[at("3")] = `{"results":[[{"user":{}}]],"meta":{"count":6}}`
	s.body[at("4")] = `{"results":[[]],"meta":{"count":6}}`
	r := newReport(t)
	p, err := Prepare(t.Context(), s.downloaded(), r)
	if err != nil {
		t.Fatal(err)
	}
	if p.Counts.Users != 3 || p.Repeated != 1 || p.First != 5 || p.Last != 6 || !strings.Contains(linesOf(t, p.Path)[0], `"new"`) {
		t.Errorf("%+v", p)
	}
	want := []string{"user users-000003.json refused", "membership u-1 refused", "membership u-2 refused", "export users differs"}
	if got := texts(r); !slices.Equal(got, want) {
		t.Errorf("report %v, want %v", got, want)
	}
}

// Preparing stops with its context, and leaves nothing that the next run would use.
func TestPreparingStops(t *testing.T) {
	t.Parallel()
	f := recorded(t).downloaded()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Prepare(ctx, f, newReport(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(f.path(sortingName)); !os.IsNotExist(err) {
		t.Errorf("the runs are left: %v", err)
	}
}
