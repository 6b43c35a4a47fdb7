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
				t.Errorf("%+v: %q, %v; want %d", c.rule, got, err, c.want)
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

func TestRunFoldingCreatesIndexes(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	importSimilarTexts(t, db, testTenant)
	NewUserWriter(db).RunFolding(ctx, func(context.Context) ([]string, error) { return []string{testTenant}, nil }, testLogger(t))
	want := []string{
		"_id_", "folded.account_ids_1",
		"folded.identifiers.email_address_1__id_1", "folded.identifiers.email_address_1_identifiers.email_address_1__id_1",
		"folded.identifiers.username_1__id_1", "folded.identifiers.username_1_identifiers.username_1__id_1",
		"grants.account_id_1", "grants.endTime_1",
		"identifiers.email_address.0_1", "identifiers.username.0_1",
		"last_login.0_1", "last_login_1__id_1", "registered.0_1", "registered_1__id_1", "updated.0_1", "updated_1__id_1",
	}
	if got := indexNames(ctx, t, db.Tenant(testTenant).Collection(usersCollection)); !slices.Equal(got, want) {
		t.Errorf("users have %q, want %q", got, want)
	}
}

func TestPrepareFoldingCreatesIndexesOfEmptyTenantsOnly(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	importSimilarTexts(t, db, testTenant)
	for tenant, want := range map[string]bool{"empty": true, testTenant: false} {
		if err := NewUserWriter(db).PrepareFolding(ctx, tenant); err != nil {
			t.Fatal(err)
		}
		if got := indexNames(ctx, t, db.Tenant(tenant).Collection(accountsCollection)); slices.Contains(got, "folded.name_1") != want {
			t.Errorf("%s has the indexes %q", tenant, got)
		}
	}
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
