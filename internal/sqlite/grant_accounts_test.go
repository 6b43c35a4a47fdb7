package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
)

// A file of a version without the table of the accounts of grants gets it, with what its users have.
func TestGrantAccountsOfOldFiles(t *testing.T) {
	t.Parallel()
	const tenant = "daily-news"
	dir := t.TempDir()
	ctx := t.Context()
	old, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	grant := func(account string) bson.D {
		return bson.D{{Key: "grantId", Value: "g"}, {Key: "account_id", Value: account}}
	}
	var docs []bson.Raw
	for _, d := range []bson.D{
		{{Key: "_id", Value: "a"}, {Key: "grants", Value: bson.A{grant("acme"), grant("acme"), grant("globex")}}},
		{{Key: "_id", Value: "b"}, {Key: "account_ids", Value: bson.A{"acme"}}, {Key: "grants", Value: bson.A{grant("acme")}}},
		{{Key: "_id", Value: "c"}},
	} {
		raw, err := bson.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, raw)
	}
	if _, err := NewUserWriter(old).WriteUsers(ctx, tenant, docs); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tenants", tenant+".db")
	execute(t, path, "DROP TABLE grant_accounts")
	execute(t, path, "PRAGMA user_version = 1")

	u := NewUsers(open(t, dir))
	for account, want := range map[string]int64{"acme": 2, "globex": 1, "none": 0} {
		if n, err := u.Count(ctx, tenant, filter.Selection{Where: filter.GrantedBy(account)}); err != nil || n != want {
			t.Errorf("%d users hold a grant of %s, want %d, %v", n, account, want, err)
		}
	}
	if n := grantAccountRows(t, u.db, tenant); n != 2 { // b is in account_users
		t.Errorf("%d rows, want 2", n)
	}
	w := NewUserWriter(u.db)
	if err := w.RemoveUserAccount(ctx, tenant, "b", "acme", time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := grantAccountRows(t, u.db, tenant); n != 3 {
		t.Errorf("%d rows after b left the account, want 3", n)
	}
	if err := w.DeleteUser(ctx, tenant, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddUserAccount(ctx, tenant, "b", "acme", time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := grantAccountRows(t, u.db, tenant); n != 0 {
		t.Errorf("%d rows of a user who is gone and one in the account", n)
	}
}

func grantAccountRows(t *testing.T, db *DB, tenant string) (n int64) {
	t.Helper()
	if err := db.readTenant(t.Context(), tenant, func(c *conn) (err error) {
		n, err = c.integer("SELECT count(*) FROM grant_accounts")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
