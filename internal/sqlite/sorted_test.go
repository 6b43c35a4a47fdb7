package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// Each page of a list is read along the index of its order. SQLite sorts only what a look-up finds.
func TestSortsUseIndexes(t *testing.T) {
	t.Parallel()
	var docs []bson.Raw
	for i := range 50 {
		docs = append(docs, encode(t, bson.D{{Key: "_id", Value: fmt.Sprintf("u%04d", i)}, {Key: "user_store_id", Value: "main"}}))
	}
	u := storeUsers(t, docs)
	week := time.Now().AddDate(0, 0, -7)
	check := func(name string, s filter.Selection, column string, text bool, want string, sorts bool) {
		t.Helper()
		err := u.read(t.Context(), "acme", func(l *lease) error {
			p, err := u.plan(l, s)
			if err != nil {
				return err
			}
			if p.look == p.span { // as if there were many
				p.look = ""
			}
			var value any = int64(5)
			if text {
				value = "ada"
			}
			for _, descending := range []bool{false, true} {
				part := browse.Part{Descending: descending}
				for statement, args := range map[string][]any{
					p.sorted(column, []string{column, "id"}, part, column+" IS NOT NULL"):                      p.args,
					p.sorted(column, []string{column, "id"}, part, "("+column+", id) "+beyond(part)+" (?, ?)"): append(slices.Clip(p.args), value, "u0005"),
					p.sorted(column, []string{"id"}, part, column+" IS NULL"):                                  p.args,
					p.sorted(column, []string{"id"}, part, column+" IS NULL", "id "+beyond(part)+" ?"):         append(slices.Clip(p.args), "u0005"),
				} {
					steps := queryPlan(t, l, statement, args...)
					if !strings.Contains(steps, want) || strings.Contains(steps, "TEMP B-TREE") != sorts {
						t.Errorf("%s by %s: %s\n%s", name, column, statement, steps)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	for key, column := range sortColumns {
		index := "SEARCH users USING INDEX users_" + column + " ("
		for name, s := range map[string]filter.Selection{
			"all":         {},
			"a store":     {Store: "main"},
			"a filter":    {Where: filter.Numbers{Path: "attributes.age", From: int64(1)}},
			"a time span": {Store: "main", Where: filter.Times{Path: filter.Registered, From: &week}},
		} {
			check(name, s, column, key.IsText(), index, false)
		}
		check("an address", filter.Selection{Where: filter.NewText(filter.EmailAddress, export.Is, "ada")}, column, key.IsText(), "users_email (email=?)", true)
	}
	if len(sortColumns) != len(users.SortKeys)-1 {
		t.Error("a sort has no column")
	}
}

// A file of an older version gets the indexes of the orders, also where an import left some dropped.
func TestOlderFilesGetIndexesOfOrders(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(c *conn) error{"as it was": func(*conn) error { return nil }, "during an import": dropUserIndexes} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			db := open(t, dir)
			want := userIndexDefinitions(t, db)
			writeTenant(t, db, func(c *conn) error {
				for column := range sortColumnNames() {
					if err := c.script(fmt.Sprintf("DROP INDEX users_%s; CREATE INDEX users_%s ON users (%s, store);", column, column, column)); err != nil {
						return err
					}
				}
				if err := before(c); err != nil {
					return err
				}
				return c.exec("PRAGMA user_version = 2")
			})
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if got := userIndexDefinitions(t, open(t, dir)); got != want {
				t.Errorf("the indexes are\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func sortColumnNames() map[string]bool {
	names := map[string]bool{}
	for _, column := range sortColumns {
		names[column] = true
	}
	return names
}

func userIndexDefinitions(t *testing.T, db *DB) (all string) {
	t.Helper()
	if err := db.readTenant(t.Context(), "meridian", func(c *conn) (err error) {
		all, err = c.text("SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'users' ORDER BY name)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
