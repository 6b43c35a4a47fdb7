package mongo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// maxExamined is how many documents a look-up may read: those that it finds, of which each shape has
// at most 14, and some more of the other store.
const maxExamined = 30

// indexShape is a shape of query of the console and the API.
type indexShape struct {
	read func(ctx context.Context, u testReader, storeID string) error
	// want are the plans of its queries (queryPlan), joined by "; ", and in those of one user store.
	want, inStore string
}

// TestLookupsUseIndexes checks each query that the console and the API send. On FerretDB, which
// explains nothing, it checks them against the declared indexes. On MongoDB it also checks how many
// documents the server examines.
func TestLookupsUseIndexes(t *testing.T) {
	t.Parallel()
	byAddress := "= identifiers.email_address | = folded.identifiers.email_address"
	byUsername := "= identifiers.username | = folded.identifiers.username"
	byAccount := "= account_ids | = folded.account_ids"
	twice := func(plan string) string { return plan + "; " + plan } // the number of users, and a page of them
	same := func(plan string, read func(ctx context.Context, u testReader, storeID string) error) indexShape {
		return indexShape{read, plan, plan}
	}
	runIndexShapes(t, map[string]indexShape{
		"one user": same("= _id", func(ctx context.Context, u testReader, _ string) error {
			_, err := u.GetUser(ctx, testTenant, "u000007")
			return err
		}),
		"address":                   same(byAddress, lookUp(users.Lookup{Email: "u7@example.com"})),
		"address in another case":   same(byAddress, lookUp(users.Lookup{Email: "U7@Example.COM"})),
		"username":                  same(byUsername, lookUp(users.Lookup{Username: "name7"})),
		"username in another case":  same(byUsername, lookUp(users.Lookup{Username: "NAME7"})),
		"foreign key":               same("= foreign_keys.crm", lookUp(users.Lookup{ForeignKeys: map[string]string{"crm": "7"}})),
		"two foreign keys":          same("= foreign_keys.a-1", lookUp(users.Lookup{ForeignKeys: map[string]string{"crm": "7", "a-1": "7"}})),
		"address and foreign key":   same(byAddress, lookUp(users.Lookup{Email: "u7@example.com", ForeignKeys: map[string]string{"crm": "7"}})),
		"rule on id":                same("= _id; = _id", listBy(rule(filter.UserID, "u000007"))),
		"rule on address":           same(twice(byAddress), listBy(rule(filter.EmailAddress, "U7@example.com"))),
		"rule on username":          same(twice(byUsername), listBy(rule(filter.Username, "name7"))),
		"rule on account id":        same(twice(byAccount), listBy(rule(filter.AccountID, "Acc-7"))),
		"rule on account name":      same("= name | = folded.name; = account_ids; = name | = folded.name; = account_ids", listBy(rule(filter.AccountName, "account 7"))),
		"rule on registered":        same(twice("< registered"), listBy(lately(filter.Registered))),
		"rule on last login":        same(twice("< last_login"), listBy(lately(filter.LastLogin))),
		"rule on address and other": same(twice(byAddress), listBy(both(rule(filter.EmailAddress, "u7@example.com"), rule("attributes.country", "GB")))),
		"figures": {
			func(ctx context.Context, u testReader, storeID string) error {
				_, err := u.Figures(ctx, testTenant, storeID, time.Now())
				return err
			},
			"keys of _id; < registered", "keys of user_store_id,_id; < registered",
		},
		"registered days": same(strings.Repeat("< registered; ", 29)+"< registered", func(ctx context.Context, u testReader, storeID string) error {
			_, err := u.RegisteredDays(ctx, testTenant, storeID, time.Now(), time.UTC)
			return err
		}),
		"first page": {listAt(""), "page of _id", "page of user_store_id,_id"},
		"next page":  {listAt("u000100"), "page of _id", "page of user_store_id,_id"},
		"previous page": {
			find(browse.Window{Before: new("u000100"), Backwards: true, Limit: 5}),
			"page of _id", "page of user_store_id,_id",
		},
		"page by number":      {lookUp(users.Lookup{Skip: 2}), "page of _id; keys of _id", "page of user_store_id,_id; keys of user_store_id,_id"},
		"page of a sequence":  {find(browse.Window{After: new("u000100"), Limit: 5, Sequential: true}), "page of _id", "page of user_store_id,_id"},
		"updated since":       same("< updated", countOf(func(s *export.Selection) { s.Since = daysAgo(7) })),
		"registered since":    same("< registered", countOf(func(s *export.Selection) { s.RegisteredSince = daysAgo(7) })),
		"updated, registered": same("< updated", countOf(func(s *export.Selection) { s.Since, s.RegisteredSince = daysAgo(7), daysAgo(7) })),
		"end of a segment": {
			func(ctx context.Context, u testReader, storeID string) error {
				_, err := u.SegmentEnd(ctx, testTenant, filter.InStore(storeID), "u000010", 5)
				return err
			},
			"page of _id", "page of user_store_id,_id",
		},
		"users of state events": same("= _id", func(ctx context.Context, u testReader, storeID string) error {
			_, err := u.MatchingIDs(ctx, testTenant, filter.InStore(storeID), []string{"u000007", "u000008"})
			return err
		}),
		"accounts": same("keys of _id; page of _id", func(ctx context.Context, u testReader, _ string) error {
			_, _, err := u.Users.FindAccounts(ctx, testTenant, nil, 5, 5)
			return err
		}),
		"users of an account": same("= account_ids", func(ctx context.Context, u testReader, _ string) error {
			_, _, err := u.AccountUsers(ctx, testTenant, "acc-7", 0, 5)
			return err
		}),
		"grants of an account": same("= grants.account_id", func(ctx context.Context, u testReader, _ string) error {
			_, _, err := u.AccountGrants(ctx, testTenant, "acc-7", 0, 5)
			return err
		}),
		"new user": same(byAddress, func(ctx context.Context, u testReader, storeID string) error {
			user := users.User{ID: "new in " + storeID, Identifiers: users.Identifiers{EmailAddress: "new@" + storeID}}
			return NewUserWriter(writesRecorded(u)).CreateUser(ctx, testTenant, user)
		}),
	}, true)
}

// TestScans names the queries for which no index exists: they read all users, or those of the store.
// The API limits how many of them run at once.
func TestScans(t *testing.T) {
	t.Parallel()
	scan := func(read func(ctx context.Context, u testReader, storeID string) error) indexShape {
		return indexShape{read, "; ", "= user_store_id; = user_store_id"}
	}
	contains := rule(filter.EmailAddress, "u7")
	contains.Operator = export.Contains
	isNot := rule(filter.Username, "name7")
	isNot.Operator = export.IsNot
	runIndexShapes(t, map[string]indexShape{
		"search":             scan(lookUp(users.Lookup{Query: users.Query{Search: "u1"}})),
		"attribute":          scan(listBy(rule("attributes.country", "GB"))),
		"part of an address": scan(listBy(contains)),
		"another username":   scan(listBy(isNot)),
	}, false)
}

// runIndexShapes runs each shape on each engine, for all user stores and for one.
func runIndexShapes(t *testing.T, shapes map[string]indexShape, lookUps bool) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		db, _ := connect(t)
		recorded, recorder := recordReads(t, db, embeddedtest.Engine(t))
		insertPlannedUsers(t, db, 20)
		checkIndexShapes(t, recorded, recorder, shapes, func(*testing.T, bson.Raw) {})
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
		checkIndexShapes(t, recorded, recorder, shapes, func(t *testing.T, command bson.Raw) {
			t.Helper()
			if n := documentsExamined(t, db, command); lookUps && n > maxExamined {
				t.Errorf("the server examines %d documents for %v", n, command)
			}
		})
	})
}

func checkIndexShapes(t *testing.T, db *DB, recorder *commandRecorder, shapes map[string]indexShape, explain func(t *testing.T, command bson.Raw)) {
	t.Helper()
	u := newReader(db, fakeDirectory{
		schema: users.Schema{{Slug: "country", Label: "Country", Type: users.Text}},
		stores: []users.Store{{ID: "uk"}, {ID: "us"}},
	})
	for name, shape := range shapes {
		for storeID, want := range map[string]string{export.All: shape.want, "uk": shape.inStore} {
			t.Run(name+" in "+storeID, func(t *testing.T) {
				recorder.take()
				if err := shape.read(t.Context(), u, storeID); err != nil {
					t.Fatal(err)
				}
				var plans []string
				for _, command := range recorder.take("find", "aggregate") {
					plans = append(plans, queryPlan(command))
					explain(t, command)
				}
				if got := strings.Join(plans, "; "); got != want {
					t.Errorf("%s\nwant %s", got, want)
				}
			})
		}
	}
}

// documentsExamined returns how many documents the server examines for a recorded command.
func documentsExamined(t *testing.T, db *DB, command bson.Raw) int64 {
	t.Helper()
	var d, sent bson.D
	if err := bson.Unmarshal(command, &d); err != nil {
		t.Fatal(err)
	}
	for _, e := range d {
		if slices.Contains([]string{"find", "aggregate", "filter", "pipeline", "cursor", "sort", "hint", "projection", "skip", "limit", "singleBatch"}, e.Key) {
			sent = append(sent, e)
		}
	}
	raw, err := db.Tenant(testTenant).RunCommand(t.Context(), bson.D{{Key: "explain", Value: sent}, {Key: "verbosity", Value: "executionStats"}}).Raw()
	if err != nil {
		t.Fatal(err)
	}
	n, found := totalExamined(raw)
	if !found {
		t.Fatalf("no totalDocsExamined in %v", raw)
	}
	return n
}

// totalExamined adds up totalDocsExamined of all parts of an explanation.
func totalExamined(doc bson.Raw) (n int64, found bool) {
	elements, _ := doc.Elements()
	for _, e := range elements {
		if e.Key() == "totalDocsExamined" {
			return e.Value().AsInt64(), true
		}
	}
	for _, e := range elements {
		if e.Key() == "allPlansExecution" { // plans that the server tried and rejected
			continue
		}
		members := documentsOf(e.Value())
		if member, ok := e.Value().DocumentOK(); ok {
			members = append(members, member)
		}
		for _, member := range members {
			m, ok := totalExamined(member)
			n, found = n+m, found || ok
		}
	}
	return n, found
}

// insertPlannedUsers inserts users, half of them in each store, and an account for each.
func insertPlannedUsers(t *testing.T, db *DB, n int) {
	t.Helper()
	var documents []bson.D
	var accounts []users.Account
	for i := range n {
		at := bson.NewDateTimeFromTime(daysAgo(i / 2).Add(time.Hour))
		documents = append(documents, bson.D{
			{Key: "_id", Value: fmt.Sprintf("u%06d", i)}, {Key: "user_store_id", Value: []string{"uk", "us"}[i%2]},
			{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: fmt.Sprintf("u%d@example.com", i)}, {Key: "username", Value: fmt.Sprintf("name%d", i)}}},
			{Key: "registered", Value: at}, {Key: "last_login", Value: at}, {Key: "updated", Value: at},
			{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: fmt.Sprint(i)}, {Key: "a-1", Value: fmt.Sprint(i)}}},
			{Key: "account_ids", Value: bson.A{fmt.Sprintf("acc-%d", i)}},
		})
		accounts = append(accounts, users.Account{ID: fmt.Sprintf("acc-%d", i), Name: fmt.Sprintf("Account %d", i)})
	}
	insert(t, db, usersCollection, documents...)
	if _, err := NewUserWriter(db).AddAccounts(t.Context(), testTenant, accounts); err != nil {
		t.Fatal(err)
	}
}

func lookUp(l users.Lookup) func(context.Context, testReader, string) error {
	return func(ctx context.Context, u testReader, storeID string) error {
		l.StoreID, l.Limit = storeID, 3
		_, _, err := u.FindUsers(ctx, testTenant, l)
		return err
	}
}

// listBy counts and lists the users that a rule matches.
func listBy(r export.Rule) func(context.Context, testReader, string) error {
	return func(ctx context.Context, u testReader, storeID string) error {
		q := users.Query{StoreID: storeID, Filter: &r}
		if _, err := u.CountUsers(ctx, testTenant, q); err != nil {
			return err
		}
		_, err := u.ListUsers(ctx, testTenant, q, "", 5)
		return err
	}
}

func listAt(after string) func(context.Context, testReader, string) error {
	if after == "" {
		return find(browse.Window{Limit: 5})
	}
	return find(browse.Window{After: &after, Limit: 5})
}

func find(w browse.Window) func(context.Context, testReader, string) error {
	return func(ctx context.Context, u testReader, storeID string) error {
		_, err := u.Find(ctx, testTenant, filter.InStore(storeID), w)
		return err
	}
}

// countOf counts the users of a definition.
func countOf(set func(*export.Selection)) func(context.Context, testReader, string) error {
	return func(ctx context.Context, u testReader, storeID string) error {
		def := export.Definition{Users: export.Selection{UserStoreID: storeID}}
		set(&def.Users)
		s, err := compileUsers(ctx, u, testTenant, def)
		if err != nil {
			return err
		}
		_, err = u.CachedCount(ctx, testTenant, s)
		return err
	}
}

// writesRecorded returns the database of a reader with its writes recorded, too.
func writesRecorded(u testReader) *DB {
	db := *u.Users.db
	db.tenant = db.tenantReads
	return &db
}

func daysAgo(n int) *export.Time {
	at := export.NewTime(time.Now().AddDate(0, 0, -n))
	return &at
}

func rule(field, value string) export.Rule {
	return export.Rule{Field: field, Operator: export.Is, Value: export.String(value)}
}

func lately(field string) export.Rule {
	return export.Rule{Field: field, Operator: export.Between, From: export.String(daysAgo(6).Format(time.DateOnly))}
}

func both(rules ...export.Rule) export.Rule { return export.Rule{Combinator: export.And, Rules: rules} }

// The explanations of MongoDB differ between finds, aggregations and sharded clusters.
func TestTotalExamined(t *testing.T) {
	t.Parallel()
	stats := bson.D{{Key: "totalDocsExamined", Value: 3}, {Key: "allPlansExecution", Value: bson.A{bson.D{{Key: "totalDocsExamined", Value: 400}}}}}
	for name, explanation := range map[string]bson.D{
		"find":        {{Key: "executionStats", Value: stats}},
		"aggregation": {{Key: "stages", Value: bson.A{bson.D{{Key: "$cursor", Value: bson.D{{Key: "executionStats", Value: stats}}}}}}},
		"sharded find": {{Key: "executionStats", Value: bson.D{
			{Key: "totalDocsExamined", Value: 3}, {Key: "executionStages", Value: bson.D{{Key: "shards", Value: bson.A{stats}}}},
		}}},
	} {
		raw, err := bson.Marshal(explanation)
		if err != nil {
			t.Fatal(err)
		}
		if n, found := totalExamined(raw); n != 3 || !found {
			t.Errorf("%s: %d, %v", name, n, found)
		}
	}
}
