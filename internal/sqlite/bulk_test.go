package sqlite

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// userIndexes returns the names of the indexes of table users.
func userIndexes(t *testing.T, db *DB) (names []string) {
	t.Helper()
	if err := db.readTenant(t.Context(), "meridian", func(c *conn) error {
		return c.query("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'users' ORDER BY name", func(r *row) error {
			names = append(names, r.ColumnText(0))
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

// The indexes are missing only while the first users are written, also if that fails.
func TestWriteManyUsersBuildsIndexes(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	w := NewUserWriter(db)
	all := userIndexes(t, db)
	failed := errors.New("cannot read the file")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, tt := range []struct {
		ctx  context.Context
		ids  []string
		err  error
		lack bool // the indexes are missing meanwhile
	}{
		{ctx: t.Context(), err: failed, lack: true},
		{ctx: ctx, ids: []string{"a"}, err: failed, lack: true}, // ctx ends meanwhile
		{ctx: t.Context(), ids: []string{"a", "b"}},
		{ctx: t.Context(), ids: []string{"c"}, err: failed},
	} {
		err := w.WriteManyUsers(tt.ctx, "meridian", func() error {
			if got := userIndexes(t, db); (len(got) < len(all)) != tt.lack || !slices.Contains(got, "users_odd") {
				t.Errorf("%v: meanwhile the indexes are %q", tt.ids, got)
			}
			for _, id := range tt.ids {
				if _, err := w.WriteUsers(tt.ctx, "meridian", []bson.Raw{encode(t, bson.D{{Key: "_id", Value: id}})}); err != nil {
					t.Error(err)
				}
			}
			if tt.ctx == ctx {
				cancel()
			}
			return tt.err
		})
		if got := userIndexes(t, db); !errors.Is(err, tt.err) || !slices.Equal(got, all) {
			t.Errorf("%v: the indexes are %q, not %q; error %v", tt.ids, got, all, err)
		}
	}
	writeTenant(t, db, func(c *conn) error {
		n, err := c.integer("SELECT count(*) FROM users INDEXED BY users_updated")
		if n != 3 {
			t.Errorf("the index has %d users", n)
		}
		return err
	})
}

// The next use of a file builds the indexes that a crash left dropped.
func TestOpenBuildsDroppedIndexes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := open(t, dir)
	all := userIndexes(t, db)
	writeTenant(t, db, dropUserIndexes)
	if got := userIndexes(t, db); len(got) >= len(all) {
		t.Fatalf("the indexes are %q", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := userIndexes(t, open(t, dir)); !slices.Equal(got, all) {
		t.Errorf("the indexes are %q, not %q", got, all)
	}
}
