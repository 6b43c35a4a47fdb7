package mongo

import (
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// indexOfOrder returns the index along which MongoDB can read the results of a find in their order,
// with as many leading fields as possible bound to one value; "" if it must sort them.
func indexOfOrder(command bson.Raw) (best string) {
	conditions, order := conjuncts(documentOf(command.Lookup("filter"))), fieldsOf(documentOf(command.Lookup("sort")))
	skipped := -1
	for _, k := range declaredIndexes(usersCollection) {
		rest := k
		for len(rest) > 1 && !slices.Equal(rest[:min(len(rest), len(order))], order) && slices.ContainsFunc(conditions, func(c condition) bool {
			_, err := c.operators.LookupErr("$eq")
			return c.path == rest[0] && err == nil
		}) {
			rest = rest[1:]
		}
		if n := len(k) - len(rest); len(rest) >= len(order) && slices.Equal(rest[:len(order)], order) && n > skipped {
			best, skipped = k.String(), n
		}
	}
	return best
}

// Each find of a list reads along an index of its order, but that of users with another type in place
// of the value: that find is by ids, and MongoDB looks for these few users by their types.
func TestSortsUseIndexes(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, db *DB, recorder *commandRecorder, explain func(bson.Raw)) {
		u := NewUsers(db)
		for _, key := range users.SortKeys[1:] {
			folded, path := users.FoldedPath(key.Path()), key.Path()
			valued, nothing := path+",_id", path+",_id"
			value := any(int64(5))
			if key.IsText() {
				nothing = folded + "," + path + ",_id"
				valued, value = folded+",_id; "+nothing, "m"
			}
			missing := nothing + "; _id"
			for _, descending := range []bool{false, true} {
				sort := users.Sort{Key: key, Descending: descending}
				for want, w := range map[string]browse.SortedWindow{
					valued + "; " + missing:        {Sort: sort, Limit: 50},
					missing + "; " + valued:        {Sort: sort, Limit: 50, Backwards: true},
					valued + "; " + missing + "; ": {Sort: sort, Limit: 50, After: &browse.Position{Value: value, ID: "u000010"}},
					missing:                        {Sort: sort, Limit: 50, After: &browse.Position{ID: "u000010"}},
				} {
					recorder.take()
					if _, err := u.FindSorted(t.Context(), testTenant, filter.Selection{}, w); err != nil {
						t.Fatal(err)
					}
					var plans []string
					for _, command := range recorder.take("find") {
						plans = append(plans, indexOfOrder(command))
						explain(command)
					}
					if got := strings.Join(plans, "; "); got != strings.TrimSuffix(want, "; ") {
						t.Errorf("%s, %+v: %s\nwant %s", sort, w, got, want)
					}
				}
			}
		}
	}
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		db, _ := connect(t)
		recorded, recorder := recordReads(t, db, embeddedtest.Engine(t))
		insertPlannedUsers(t, db, 20)
		check(t, recorded, recorder, func(bson.Raw) {})
	})
	t.Run("mongodb", func(t *testing.T) {
		t.Parallel()
		open := engines()["mongodb"]
		if open == nil {
			t.Skip("without " + embeddedtest.MongoDBVariable + ", no server explains its plans")
		}
		db := open(t)
		if err := db.createLateIndexes(t.Context(), testTenant); err != nil {
			t.Fatal(err)
		}
		insertPlannedUsers(t, db, 400)
		recorded, recorder := recordReads(t, db, embeddedtest.MongoDBServer())
		check(t, recorded, recorder, func(command bson.Raw) {
			if n := documentsExamined(t, db, command); n > 50+maxExamined {
				t.Errorf("the server examines %d documents for %v", n, command)
			}
		})
	})
}

// A tenant of an older version gets the indexes of the orders, and loses those that they replace.
func TestLateIndexesReplaceOlderOnes(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		collection := db.Tenant(testTenant).Collection(usersCollection)
		for _, path := range []string{"registered", "last_login", "updated", users.FoldedPath(filter.EmailAddress), users.FoldedPath(filter.Username)} {
			if _, err := collection.Indexes().CreateOne(t.Context(), sparse(index(path))); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the second run changes nothing
			if err := db.createLateIndexes(t.Context(), testTenant); err != nil {
				t.Fatal(err)
			}
		}
		names := indexNames(t.Context(), t, collection)
		for _, name := range replacedIndexes {
			if slices.Contains(names, name) {
				t.Errorf("the index %s is still there", name)
			}
		}
		for _, name := range []string{
			"registered_1__id_1", "registered.0_1", "folded.identifiers.email_address_1__id_1",
			"folded.identifiers.email_address_1_identifiers.email_address_1__id_1", "identifiers.username.0_1",
		} {
			if !slices.Contains(names, name) {
				t.Errorf("the index %s is missing among %v", name, names)
			}
		}
	})
}
