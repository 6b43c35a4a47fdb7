package mongo

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// checkFoldedText fails if the folded text of a tenant's users or accounts is wrong.
func checkFoldedText(ctx context.Context, t rapid.TB, db *DB, tenant string) {
	t.Helper()
	for name, member := range map[string]func(bson.Raw) bson.D{usersCollection: users.FoldedUser, accountsCollection: users.FoldedAccount} {
		docs, err := findAll[bson.Raw](ctx, db.TenantReads(tenant).Collection(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			if update, err := users.RefoldUpdate(doc, member(doc)); err != nil || update != nil {
				t.Fatalf("%s: %v needs %v: %v", name, doc, update, err)
			}
		}
	}
}

func TestChangesOfAttributesKeepFoldedText(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	if err := w.CreateUser(ctx, testTenant, users.User{ID: "u", Identifiers: users.Identifiers{EmailAddress: "A@x.test"}}); err != nil {
		t.Fatal(err)
	}
	seen := 0
	values := rapid.SampledFrom([]any{nil, "plain", "ZOË", "Zoe\u0308", "J\u030c", int64(5), true})
	rapid.Check(t, func(t *rapid.T) {
		changes := rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), values, 0, 3).Draw(t, "changes")
		if err := w.SetAttributes(ctx, testTenant, "u", changes, rapid.Bool().Draw(t, "replace"), time.Now()); err != nil {
			t.Fatal(err)
		}
		checkFoldedText(ctx, t, db, testTenant)
		doc, err := db.Tenant(testTenant).Collection(usersCollection).FindOne(ctx, bson.D{{Key: "_id", Value: "u"}}).Raw()
		if err != nil || doc.Lookup("folded", "identifiers", "email_address").StringValue() != "a@x.test" {
			t.Fatalf("%v, %v", doc, err)
		}
		if d, ok := doc.Lookup("folded", "attributes").DocumentOK(); ok && len(d) > 5 {
			seen++
		}
	})
	if seen == 0 {
		t.Error("no attribute had folded text")
	}
}

// In an update, FerretDB treats documents with the same values under other keys as equal.
func TestReplaceAttributesWithSameValueUnderOtherKey(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	if err := w.CreateUser(ctx, testTenant, users.User{ID: "u", Attributes: map[string]any{"a": "Zoe\u0308"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.SetAttributes(ctx, testTenant, "u", map[string]any{"b": "Zoe\u0308"}, true, time.Now()); err != nil {
		t.Fatal(err)
	}
	if u := storedUsers(t, db, testTenant)["u"]; len(u.Attributes) != 1 || u.Attributes["b"] != "Zoe\u0308" {
		t.Errorf("%v", u.Attributes)
	}
	checkFoldedText(ctx, t, db, testTenant)

	stale := bson.D{{Key: "$set", Value: bson.D{{Key: "folded", Value: bson.D{{Key: "attributes", Value: bson.D{{Key: "a", Value: "zoë"}}}}}}}}
	if _, err := db.Tenant(testTenant).Collection(usersCollection).UpdateByID(ctx, "u", bson.D{{Key: "$unset", Value: bson.D{{Key: "folded", Value: ""}}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Tenant(testTenant).Collection(usersCollection).UpdateByID(ctx, "u", stale); err != nil {
		t.Fatal(err)
	}
	if n, err := w.FoldTenant(ctx, testTenant); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	checkFoldedText(ctx, t, db, testTenant)
}

// Values that another program stored in place of attributes are replaced completely.
func TestReplaceAttributesOfOtherTypes(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	for id, attributes := range map[string]any{"text": "none", "null": nil, "names": bson.D{{Key: "a b", Value: "x"}, {Key: "c", Value: "y"}}} {
		doc := bson.D{{Key: "_id", Value: id}, {Key: "attributes", Value: attributes}}
		if _, err := db.Tenant(testTenant).Collection(usersCollection).InsertOne(ctx, doc); err != nil {
			t.Fatal(err)
		}
		if err := w.SetAttributes(ctx, testTenant, id, map[string]any{"c": "E\u0301", "d": nil}, true, time.Now()); err != nil {
			t.Fatal(err)
		}
		if u := storedUsers(t, db, testTenant)[id]; len(u.Attributes) != 1 || u.Attributes["c"] != "E\u0301" {
			t.Errorf("%s: %v", id, u.Attributes)
		}
	}
	checkFoldedText(ctx, t, db, testTenant)
}

func TestAddAccountsKeepsFoldedText(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	for _, accounts := range [][]users.Account{
		{{ID: "ACC-1", Name: "ACC-1"}, {ID: "ACC-2", Name: "ACC-2"}}, // as an import adds accounts that users refer to
		{{ID: "ACC-1", Name: "Café"}, {ID: "ACC-2", Name: "plain"}},
		{{ID: "ACC-1", Name: "Other"}, {ID: "acc-3", Name: "Three"}},
	} {
		if _, err := w.AddAccounts(ctx, testTenant, accounts); err != nil {
			t.Fatal(err)
		}
		checkFoldedText(ctx, t, db, testTenant)
	}
	list, _, err := NewUsers(db).FindAccounts(ctx, testTenant, 0, 9)
	if err != nil || len(list) != 3 || list[0].Name != "Café" || list[1].Name != "plain" {
		t.Errorf("%v, %v", list, err)
	}
}

// removeFoldedText removes folded text, as in documents of other programs and earlier versions, and
// sets a wrong one.
func removeFoldedText(t *testing.T, db *DB, tenant string) {
	t.Helper()
	for _, name := range []string{usersCollection, accountsCollection} {
		c := db.Tenant(tenant).Collection(name)
		if _, err := c.UpdateMany(t.Context(), bson.D{}, bson.D{{Key: "$unset", Value: bson.D{{Key: users.FoldedKey, Value: ""}}}}); err != nil {
			t.Fatal(err)
		}
	}
	stale := bson.D{{Key: "$set", Value: bson.D{{Key: "folded.attributes.name", Value: "zoë"}}}}
	if _, err := db.Tenant(tenant).Collection(usersCollection).UpdateByID(t.Context(), "u5", stale); err != nil {
		t.Fatal(err)
	}
}

// Scan corrects the folded text of users that another program wrote. Before the scan, filters
// already find most text in another case; indexed text only as stored.
func TestScanFoldsTextOfOtherPrograms(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := importSimilarTexts(t, db, testTenant)
		removeFoldedText(t, db, testTenant)
		for _, c := range []struct {
			rule export.Rule
			want int
		}{
			{export.Rule{Field: "attributes.name", Operator: export.Is, Value: export.String("ZOË")}, 2}, // and the user with wrong folded text
			{export.Rule{Field: "attributes.name", Operator: export.Contains, Value: export.String("KELV")}, 1},
			{export.Rule{Field: "identifiers.email_address", Operator: export.StartsWith, Value: export.String("anna")}, 1},
			{export.Rule{Field: "identifiers.email_address", Operator: export.Is, Value: export.String("Anna@Example.test")}, 1},
			{export.Rule{Field: "account.name", Operator: export.Contains, Value: export.String("CAFÉ")}, 1},
		} {
			if got, err := matchedIDs(t.Context(), u, testTenant, &c.rule); err != nil || len(got) != c.want {
				t.Errorf("%s: %q, %v; want %d", ruleJSON(c.rule), got, err, c.want)
			}
		}
		w := NewUserWriter(db)
		for i, want := range []int64{7, 0} {
			s, err := w.Scan(t.Context(), testTenant, nil)
			if err != nil || s.Folded != want {
				t.Errorf("scan %d corrected %d, %v; want %d", i, s.Folded, err, want)
			}
		}
		checkFoldedText(t.Context(), t, db, testTenant)
		checkSimilarTexts(t, u, testTenant)
	})
}

func TestRunFoldingOfOlderTenants(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	importSimilarTexts(t, db, testTenant)
	removeFoldedText(t, db, testTenant)
	w := NewUserWriter(db)
	run := func() {
		w.RunFolding(ctx, func(context.Context) ([]string, error) { return []string{"empty", testTenant}, nil }, testLogger(t))
	}
	run()
	checkFoldedText(ctx, t, db, testTenant)
	want := []string{"_id_", "folded.account_ids_1", "folded.identifiers.email_address_1", "folded.identifiers.username_1"}
	if got := indexNames(ctx, t, db.Tenant(testTenant).Collection(usersCollection)); !slices.Equal(got, want) {
		t.Errorf("users have %q, want %q", got, want)
	}

	removeFoldedText(t, db, testTenant)
	run() // does nothing: the tenant is marked
	if n, err := w.FoldTenant(ctx, testTenant); err != nil || n != 7 {
		t.Errorf("the second run folded again: %d were left, %v", n, err)
	}

	// A version with other Unicode tables folds again.
	removeFoldedText(t, db, testTenant)
	old := bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: "0"}}}}
	if _, err := db.Tenant(testTenant).Collection(upgradesCollection).UpdateByID(ctx, stored.FoldingMarkID, old); err != nil {
		t.Fatal(err)
	}
	run()
	checkFoldedText(ctx, t, db, testTenant)
}

func TestPrepareFoldingOfEmptyTenantsOnly(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	importSimilarTexts(t, db, testTenant)
	for tenant, want := range map[string]bool{"empty": true, testTenant: false} {
		if err := w.PrepareFolding(ctx, tenant); err != nil {
			t.Fatal(err)
		}
		if got, err := w.isFolded(ctx, tenant); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", tenant, got, err, want)
		}
		if got := indexNames(ctx, t, db.Tenant(tenant).Collection(accountsCollection)); slices.Contains(got, "folded.name_1") != want {
			t.Errorf("%s has the indexes %q", tenant, got)
		}
	}
}

// RunFolding retries while it cannot list the tenants, and ends with its context.
func TestRunFoldingEndsWithContext(t *testing.T) {
	t.Parallel()
	db, _ := connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	NewUserWriter(db).RunFolding(ctx, func(context.Context) ([]string, error) {
		cancel()
		return nil, errors.New("away")
	}, testLogger(t))
}

// A user is written between the read and the correction.
func TestFoldingBatchCorrectsConcurrentWrites(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	importSimilarTexts(t, db, testTenant)
	removeFoldedText(t, db, testTenant)
	c := db.Tenant(testTenant).Collection(usersCollection)
	r := w.userFolding(testTenant)
	for _, id := range []string{"u3", "u5", "u8"} {
		doc, err := c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.add(ctx, doc); err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(
		w.SetAttributes(ctx, testTenant, "u3", map[string]any{"name": "Ana\u0308is"}, false, time.Now()),
		w.SetAttributes(ctx, testTenant, "u5", map[string]any{"name": "e\u0301"}, true, time.Now()),
		w.DeleteUser(ctx, testTenant, "u8"),
		r.flush(ctx),
	)
	if err != nil || r.changed != 3 {
		t.Fatalf("%d, %v", r.changed, err)
	}
	for id, want := range map[string]string{"u3": "anäis", "u5": "é"} {
		doc, err := c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
		if err != nil || doc.Lookup("folded", "attributes", "name").StringValue() != want {
			t.Errorf("%v, %v", doc, err)
		}
	}
	if n, err := c.CountDocuments(ctx, bson.D{{Key: "_id", Value: "u8"}}); err != nil || n != 0 {
		t.Errorf("a deleted user is back: %d, %v", n, err)
	}
}
