package userstest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
)

// similarTextsFile has a user for each class of texts that look alike or fold alike. Escapes keep
// the non-ASCII attributes exact.
const similarTextsFile = `
{"user_id":"u1","identifiers":{"email_address":"Anna@Example.test","username":"ANNA"}}
{"user_id":"u2","attributes":{"name":"Zo\u00eb"}}
{"user_id":"u3","attributes":{"name":"Zoe\u0308"}}
{"user_id":"u4","attributes":{"name":"\u0130stanbul"}}
{"user_id":"u5","attributes":{"name":"Stra\u00dfe"}}
{"user_id":"u6","attributes":{"name":"\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3"}}
{"user_id":"u7","attributes":{"name":"\u212aelvin"}}
{"user_id":"u8","attributes":{"name":"\u1100\u1161\u11a8"}}
{"user_id":"u9","attributes":{"name":"\ufb01n"}}
{"user_id":"ua","account_ids":["ACC-1"],"grants":[{"grantId":"g","product_id":"p","account_id":"ACC-1"}]}
{"user_id":"ub","account_ids":["acc-2"]}
`

// ImportSimilarTexts imports eleven users and two accounts whose texts look alike or fold alike.
func ImportSimilarTexts(t *testing.T, w importer.Writer, tenant string) {
	t.Helper()
	if _, err := w.AddAccounts(t.Context(), tenant, []users.Account{{ID: "ACC-1", Name: "Cafe\u0301 Nord"}, {ID: "acc-2", Name: "CAFÉ SÜD"}}); err != nil {
		t.Fatal(err)
	}
	rep, err := importer.Run(t.Context(), w, tenant, importer.Bytes([]byte(similarTextsFile)), importer.Options{})
	if err != nil || rep.Refused > 0 {
		t.Fatalf("%+v, %v", rep, err)
	}
}

// foldedMembers derive the folded text of the documents of a collection.
var foldedMembers = map[string]func(bson.Raw) bson.D{"users": users.FoldedUser, "accounts": users.FoldedAccount}

// checkFoldedText fails if the folded text of the tenant's users or accounts is wrong.
func checkFoldedText(t *testing.T, db Database) {
	t.Helper()
	for name, member := range foldedMembers {
		for _, doc := range db.Documents(t, tenant, name) {
			if update, err := users.RefoldUpdate(doc, member(doc)); err != nil || update != nil {
				t.Fatalf("%s: %v needs %v: %v", name, doc, update, err)
			}
		}
	}
}

// removeFoldedText removes folded text, as in documents of other programs and earlier versions, and
// sets a wrong one.
func removeFoldedText(t *testing.T, db Database) {
	t.Helper()
	for name := range foldedMembers {
		for _, doc := range db.Documents(t, tenant, name) {
			var d bson.D
			if err := bson.Unmarshal(doc, &d); err != nil {
				t.Fatal(err)
			}
			d = slices.DeleteFunc(d, func(e bson.E) bool { return e.Key == users.FoldedKey })
			if d[0].Value == "u5" {
				d = append(d, bson.E{Key: users.FoldedKey, Value: bson.D{{Key: "attributes", Value: bson.D{{Key: "name", Value: "zoë"}}}}})
			}
			db.Put(t, tenant, name, raw(t, d)...)
		}
	}
}

func changesKeepFoldedText(t *testing.T, db Database) {
	create(t, db, users.User{ID: "u", Identifiers: users.Identifiers{EmailAddress: "A@x.test"}})
	seen := 0
	values := rapid.SampledFrom([]any{nil, "plain", "ZOË", "Zoe\u0308", "J\u030c", int64(5), true})
	rapid.Check(t, func(rt *rapid.T) {
		changes := rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), values, 0, 3).Draw(rt, "changes")
		if err := db.Writer.SetAttributes(t.Context(), tenant, "u", changes, rapid.Bool().Draw(rt, "replace"), time.Now()); err != nil {
			rt.Fatal(err)
		}
		checkFoldedText(t, db)
		doc := document(t, db, "u")
		if doc.Lookup("folded", "identifiers", "email_address").StringValue() != "a@x.test" {
			rt.Fatal(doc)
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
func attributesAreReplacedBySameValue(t *testing.T, db Database) {
	create(t, db, users.User{ID: "u", Attributes: map[string]any{"a": "Zoe\u0308"}})
	if err := db.Writer.SetAttributes(t.Context(), tenant, "u", map[string]any{"b": "Zoe\u0308"}, true, time.Now()); err != nil {
		t.Fatal(err)
	}
	if u := storedUsers(t, db, tenant)["u"]; len(u.Attributes) != 1 || u.Attributes["b"] != "Zoe\u0308" {
		t.Errorf("%v", u.Attributes)
	}
	checkFoldedText(t, db)

	db.Put(t, tenant, "users", raw(t, bson.D{
		{Key: "_id", Value: "u"}, {Key: "attributes", Value: bson.D{{Key: "b", Value: "Zoe\u0308"}}},
		{Key: "folded", Value: bson.D{{Key: "attributes", Value: bson.D{{Key: "a", Value: "zoë"}}}}},
	})...)
	if n, err := db.Writer.FoldTenant(t.Context(), tenant); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	checkFoldedText(t, db)
}

// Values that another program stored in place of attributes are replaced completely.
func attributesOfOtherTypesAreReplaced(t *testing.T, db Database) {
	for id, attributes := range map[string]any{"text": "none", "null": nil, "names": bson.D{{Key: "a b", Value: "x"}, {Key: "c", Value: "y"}}} {
		db.Put(t, tenant, "users", raw(t, bson.D{{Key: "_id", Value: id}, {Key: "attributes", Value: attributes}})...)
		if err := db.Writer.SetAttributes(t.Context(), tenant, id, map[string]any{"c": "E\u0301", "d": nil}, true, time.Now()); err != nil {
			t.Fatal(err)
		}
		if u := storedUsers(t, db, tenant)[id]; len(u.Attributes) != 1 || u.Attributes["c"] != "E\u0301" {
			t.Errorf("%s: %v", id, u.Attributes)
		}
	}
	checkFoldedText(t, db)
}

func addedAccountsHaveFoldedNames(t *testing.T, db Database) {
	for _, accounts := range [][]users.Account{
		{{ID: "ACC-1", Name: "ACC-1"}, {ID: "ACC-2", Name: "ACC-2"}}, // as an import adds accounts that users refer to
		{{ID: "ACC-1", Name: "Café"}, {ID: "ACC-2", Name: "plain"}},
		{{ID: "ACC-1", Name: "Other"}, {ID: "acc-3", Name: "Three"}},
	} {
		if _, err := db.Writer.AddAccounts(t.Context(), tenant, accounts); err != nil {
			t.Fatal(err)
		}
		checkFoldedText(t, db)
	}
	list, err := db.Directory.Accounts(t.Context(), tenant, "", 9)
	if err != nil || len(list) != 3 || list[0].Name != "Café" || list[1].Name != "plain" {
		t.Errorf("%v, %v", list, err)
	}
}

func scanFoldsText(t *testing.T, db Database) {
	ImportSimilarTexts(t, db.Writer, tenant)
	before := db.Documents(t, tenant, "users")
	removeFoldedText(t, db)
	for i, want := range []int64{7, 0} {
		s, err := db.Writer.Scan(t.Context(), tenant, nil)
		if err != nil || s.Folded != want {
			t.Errorf("scan %d corrected %d, %v; want %d", i, s.Folded, err, want)
		}
	}
	checkFoldedText(t, db)
	checkMark(t, db, tenant, true)
	if after := db.Documents(t, tenant, "users"); len(after) != len(before) {
		t.Errorf("%d users, before the scan %d", len(after), len(before))
	}
}

// checkMark checks whether a tenant is marked as folded by this program.
func checkMark(t *testing.T, db Database, tenant string, want bool) {
	t.Helper()
	marked := slices.ContainsFunc(db.Documents(t, tenant, "upgrades"), func(doc bson.Raw) bool {
		return doc.Lookup("_id").StringValue() == stored.FoldingMarkID && doc.Lookup("version").StringValue() == users.FoldingVersion
	})
	if marked != want {
		t.Errorf("%s is marked as folded: %t, want %t", tenant, marked, want)
	}
}

func runFoldingFoldsOnce(t *testing.T, db Database) {
	w := db.Writer
	ImportSimilarTexts(t, w, tenant)
	removeFoldedText(t, db)
	run := func() {
		w.RunFolding(t.Context(), func(context.Context) ([]string, error) { return []string{"empty", tenant}, nil }, logger(t))
	}
	run()
	checkFoldedText(t, db)
	checkMark(t, db, tenant, true)
	checkMark(t, db, "empty", true)

	removeFoldedText(t, db)
	run() // does nothing: the tenant is marked
	if n, err := w.FoldTenant(t.Context(), tenant); err != nil || n != 7 {
		t.Errorf("the second run folded again: %d were left, %v", n, err)
	}

	// A version with other Unicode tables folds again.
	removeFoldedText(t, db)
	db.Put(t, tenant, "upgrades", raw(t, bson.D{{Key: "_id", Value: stored.FoldingMarkID}, {Key: "version", Value: "0"}})...)
	run()
	checkFoldedText(t, db)
	checkMark(t, db, tenant, true)
}

func prepareFoldingMarksEmptyTenants(t *testing.T, db Database) {
	ImportSimilarTexts(t, db.Writer, tenant)
	if _, err := db.Writer.AddAccounts(t.Context(), "accounts", []users.Account{{ID: "a", Name: "A"}}); err != nil {
		t.Fatal(err)
	}
	for tenant, want := range map[string]bool{"empty": true, tenant: false, "accounts": false} {
		if err := db.Writer.PrepareFolding(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
		checkMark(t, db, tenant, want)
	}
}

// RunFolding retries while it cannot list the tenants, and ends with its context.
func runFoldingEndsWithContext(t *testing.T, db Database) {
	ctx, cancel := context.WithCancel(t.Context())
	db.Writer.RunFolding(ctx, func(context.Context) ([]string, error) {
		cancel()
		return nil, errors.New("away")
	}, logger(t))
}
