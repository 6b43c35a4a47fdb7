package browse_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/browse/browsetest"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// open returns the users of a store in memory, which has users with the given ids.
func open(t *testing.T, ids ...string) *browse.Users {
	t.Helper()
	s := browsetest.OpenMemory(t)
	browsetest.WriteUsers(t, s, browsetest.Tenant, ids...)
	return s.Console(nil)
}

func TestListUsersPagesBothWays(t *testing.T) {
	t.Parallel()
	ids := []string{"", "b", "c", "d", "e", "f", "g"}
	u := open(t, ids...)
	read := func(cursor string) (users.Page, []string) {
		t.Helper()
		p, err := u.ListUsers(t.Context(), browsetest.Tenant, users.Query{}, cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, user := range p.Users {
			got = append(got, user.ID)
		}
		return p, got
	}
	first, got := read("")
	if !slices.Equal(got, ids[:3]) || first.Previous != "" || first.Next == "" {
		t.Fatalf("first page: %v, %+v", got, first)
	}
	second, got := read(first.Next)
	if !slices.Equal(got, ids[3:6]) || second.Previous == "" || second.Next == "" {
		t.Fatalf("second page: %v, %+v", got, second)
	}
	third, got := read(second.Next)
	if !slices.Equal(got, ids[6:]) || third.Previous == "" || third.Next != "" {
		t.Fatalf("third page: %v, %+v", got, third)
	}
	back, got := read(third.Previous)
	if !slices.Equal(got, ids[3:6]) || back.Previous == "" || back.Next != second.Next {
		t.Fatalf("back on the second page: %v, %+v", got, back)
	}
	back, got = read(back.Previous)
	if !slices.Equal(got, ids[:3]) || back.Previous != "" || back.Next != first.Next {
		t.Fatalf("back on the first page: %v, %+v", got, back)
	}
}

func TestListUsersContinuesAfterEmptyID(t *testing.T) {
	t.Parallel()
	u := open(t, "", "a")
	p, err := u.ListUsers(t.Context(), browsetest.Tenant, users.Query{}, "", 1)
	if err != nil || len(p.Users) != 1 || p.Users[0].ID != "" {
		t.Fatalf("%+v, %v", p, err)
	}
	p, err = u.ListUsers(t.Context(), browsetest.Tenant, users.Query{}, p.Next, 1)
	if err != nil || len(p.Users) != 1 || p.Users[0].ID != "a" || p.Next != "" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestListUsersLimitsPages(t *testing.T) {
	t.Parallel()
	ids := make([]string, browse.MaxPageSize+1)
	for i := range ids {
		ids[i] = fmt.Sprintf("u%06d", i)
	}
	u := open(t, ids...)
	for limit, want := range map[int]int{0: browse.DefaultPageSize, 3: 3, browse.MaxPageSize: browse.MaxPageSize, browse.MaxPageSize + 1: browse.MaxPageSize} {
		p, err := u.ListUsers(t.Context(), browsetest.Tenant, users.Query{}, "", limit)
		if err != nil || len(p.Users) != want || p.Next == "" {
			t.Errorf("limit %d: %d users, %v; want %d", limit, len(p.Users), err, want)
		}
	}
}

func TestListUsersRejectsUnknownCursors(t *testing.T) {
	t.Parallel()
	for _, cursor := range []string{"!", "eA", "YQ==", "{}"} {
		_, err := open(t).ListUsers(t.Context(), browsetest.Tenant, users.Query{}, cursor, 0)
		if errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("%q: %v", cursor, err)
		}
	}
}

// blockedCounts is a source whose counts block until release is closed. Each sends its selection.
type blockedCounts struct {
	browse.Source
	counted chan filter.Selection
	release chan struct{}
}

func (b blockedCounts) Count(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
	b.counted <- s
	<-b.release
	return b.Source.Count(ctx, tenant, s)
}

// Requests for the same selection share one count, and others do not.
func TestCountsAreSharedBySelection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := browsetest.OpenMemory(t)
		browsetest.WriteUsers(t, s, browsetest.Tenant, "a", "b")
		counts := blockedCounts{s.Source, make(chan filter.Selection, 10), make(chan struct{})}
		s.Source = counts
		u := s.Console(nil)
		var wg sync.WaitGroup
		for tenant, queries := range map[string][]users.Query{
			browsetest.Tenant: {{}, {StoreID: "all"}, {Search: "a"}, {Search: "a"}, {Search: "b"}, {StoreID: "uk"}}, "weekly": {{}},
		} {
			for _, q := range queries {
				wg.Go(func() {
					if _, err := u.CountUsers(t.Context(), tenant, q); err != nil {
						t.Error(err)
					}
				})
			}
		}
		synctest.Wait()
		if n := len(counts.counted); n != 5 {
			t.Errorf("%d counts of 5 selections", n)
		}
		close(counts.release)
		wg.Wait()
	})
}
