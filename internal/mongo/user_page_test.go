package mongo

import (
	"fmt"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

var _ pipeline.Cursor = (*documentCursor)(nil)

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
	u := newReader(db, fakeDirectory{})
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
