package mongo

import (
	"fmt"
	"slices"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

var _ pipeline.Cursor = (*documentCursor)(nil)

func TestListUsersPagesBothWays(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := NewUsers(db, fakeDirectory{})
		ids := insertUsers(t, db, 7)
		read := func(cursor string) (users.Page, []string) {
			t.Helper()
			p, err := u.ListUsers(t.Context(), testTenant, users.Query{}, cursor, 3)
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
	})
}

func TestListUsersRejectsUnknownCursors(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	for _, cursor := range []string{"!", "eA", "YQ==", "{}"} {
		_, err := NewUsers(db, fakeDirectory{}).ListUsers(ctx, testTenant, users.Query{}, cursor, 0)
		if errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("%q: %v", cursor, err)
		}
	}
}

func TestListUsersSearches(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := insertSampleUsers(t, db)
		for _, c := range []struct {
			query users.Query
			want  string
		}{
			{users.Query{}, "abcde"},
			{users.Query{Search: " EXAMPLE.org "}, "b"},
			{users.Query{Search: "user-"}, "abcde"},
			{users.Query{Search: "USER-C"}, "c"},
			{users.Query{Search: "an"}, "ad"},
			{users.Query{Search: "çID"}, "c"},
			{users.Query{Search: ".*"}, "d"},
			{users.Query{Search: "ANN example user-a"}, "a"}, // each word matches another field
			{users.Query{Search: "example.com Ann"}, "a"},    // in any order
			{users.Query{Search: "an example.com"}, "ad"},
			{users.Query{Search: "ann bob"}, ""},
			{users.Query{Search: "ann quill"}, ""},
			{users.Query{Search: "quill"}, ""}, // not a name attribute
			{users.Query{Search: "1234"}, ""},  // a password
			{users.Query{Search: "example.com", StoreID: "uk"}, "ae"},
			{users.Query{StoreID: "all"}, "abcde"},
			{users.Query{Filter: firstName("e")}, "e"},
			{users.Query{Filter: firstName("d"), StoreID: "se", Search: "dan"}, "d"},
		} {
			p, err := u.ListUsers(t.Context(), testTenant, c.query, "", 0)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, user := range p.Users {
				got += user.ID
			}
			if got != c.want {
				t.Errorf("%+v: got %s, want %s", c.query, got, c.want)
			}
			if n, err := u.CountUsers(t.Context(), testTenant, c.query); err != nil || n != int64(len(c.want)) {
				t.Errorf("%+v: count %d, %v; want %d", c.query, n, err, len(c.want))
			}
		}
		_, err := u.ListUsers(t.Context(), testTenant, users.Query{Search: fmt.Sprintf("%0300d", 1)}, "", 0)
		if errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("a long search: %v", err)
		}
	})
}

func TestSearchMatchesWholeIDsOnly(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	u := NewUsers(db, fakeDirectory{})
	insertUsers(t, db, 12)
	for search, want := range map[string]int64{"u000011": 1, "u00001": 0} {
		if n, err := u.CountUsers(ctx, testTenant, users.Query{Search: search}); err != nil || n != want {
			t.Errorf("%s: %d, %v; want %d", search, n, err, want)
		}
	}
}

// firstName returns a rule for users whose first name contains the text.
func firstName(text string) *export.Rule {
	return &export.Rule{Field: "attributes.first_name", Operator: export.Contains, Value: export.String(text)}
}
