package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

var _ pipeline.Cursor = (*documentCursor)(nil)

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
