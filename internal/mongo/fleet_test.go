package mongo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

const fleetTenant = "daily-news"

// mongoURIVariable names a real MongoDB on which the tests of filters run beside the embedded engine.
const mongoURIVariable = "EGRESS_TEST_MONGODB_URI"

// directory is a tenant's schema and stores, held in memory.
type directory struct {
	run.Directory

	schema users.Schema
	stores []users.Store
}

func (d directory) Schema(context.Context, string) (users.Schema, error) { return d.schema, nil }

func (d directory) Stores(context.Context, string) ([]users.Store, error) { return d.stores, nil }

// onEngines runs a test on the embedded engine, and on a real MongoDB where the environment names one.
func onEngines(t *testing.T, test func(t *testing.T, db *DB)) {
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		db, _ := connect(t)
		test(t, db)
	})
	uri := os.Getenv(mongoURIVariable)
	if uri == "" {
		return
	}
	t.Run("mongodb", func(t *testing.T) {
		t.Parallel()
		db, err := Connect(t.Context(), Options{URI: uri, Database: embeddedtest.Database(t), Logger: testLogger(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx := context.Background()
			for _, d := range []interface{ Drop(context.Context) error }{db.Control(), db.Tenant(fleetTenant)} {
				if err := d.Drop(ctx); err != nil {
					t.Error(err)
				}
			}
			if err := db.Close(ctx); err != nil {
				t.Error(err)
			}
		})
		test(t, db)
	})
}

// fleetSchema has a field of every input type, named by it.
func fleetSchema() users.Schema {
	s := make(users.Schema, len(users.InputTypes))
	for i, t := range users.InputTypes {
		s[i] = users.Field{Slug: string(t) + "-field", Label: "The " + string(t), Type: t, Order: i}
	}
	return s
}

// fleetTypes are the input types of everything that rules can be about, by field.
func fleetTypes() map[string]users.InputType {
	types := map[string]users.InputType{
		"identifiers.email_address": users.Email, "identifiers.username": users.Text, "email_verified": users.Checkbox,
		"registered": users.DateTime, "last_login": users.DateTime, "account.name": users.Text, "account.id": users.Text,
	}
	for _, f := range fleetSchema() {
		if f.Type != users.Password {
			types["attributes."+f.Slug] = f.Type
		}
	}
	return types
}

// hostile are texts that patterns, operators, encodings and foldings stumble over. Rules draw from them too.
var hostile = []string{
	"GB", "gb", "a", "A", "k", "K", "\u212a", "s", "S", "ſ", "ß", "ẞ", "ss", "SS", "İ", "ı", "i", "I", "σ", "ς", "Σ", "é", "e\u0301", "É",
	" ", "\t", "\n", "end\n", "end", "two\nlines", ".", ".*", "a.*b", "^", "$", "^a$", "(?i)a", "[a-z]", "a|b", "\\", "\\E", "\\Q", "(*UTF8)",
	"$ne", "$where", "{\"$ne\": null}", "null", "undefined", "true", "5", "5.0", "007", "0", "#", "-", "O'Brien", "\"quoted\"", "%", "a\x00b", "\x00",
	"\u2028", "\ufeff", "😀", "👩‍👩‍👧", "名前", "Ǆ", "ǅ", "ǆ", "ﬁ", "K\u212aſs", "ff", "\x7f", "x@example.com", "X@Example.com",
}

var accountNames = map[string]string{
	"acc-1": "Northgate", "acc-2": "NORTHGATE", "acc-3": "Kelvin & ſons", "acc-4": "a.*b", "acc-5": "Straße 5", "ACC-6": "", "$in": "$in",
}

// fleet makes users whose values are missing, null, empty, right, hostile or of a wrong type, the same for a seed.
func fleet(seed uint64, n int, types map[string]users.InputType) []person {
	r := rand.New(rand.NewPCG(seed, seed))
	people := make([]person, n)
	for i := range people {
		p := person{id: fmt.Sprintf("u%05d", i), values: map[string]any{}}
		for _, field := range sortedKeys(types) {
			if strings.HasPrefix(field, "account.") {
				if ids, there := storedAccounts(r); there {
					p.values["account_ids"] = ids
				}
			} else if v, there := storedValue(r, types[field]); there {
				p.values[field] = v
			}
		}
		people[i] = p
	}
	return people
}

func storedAccounts(r *rand.Rand) (any, bool) {
	switch r.IntN(8) {
	case 0:
		return nil, false
	case 1:
		return nil, true
	case 2:
		return bson.A{}, true
	case 3:
		return bson.A{"", nil}, true
	}
	ids := bson.A{}
	known := append(sortedKeys(accountNames), "acc-unknown")
	for range 1 + r.IntN(3) {
		ids = append(ids, known[r.IntN(len(known))])
	}
	return ids, true
}

func storedValue(r *rand.Rand, t users.InputType) (v any, there bool) {
	switch r.IntN(10) {
	case 0:
		return nil, false
	case 1:
		return nil, true
	case 2:
		return "", true
	case 3: // a type that others may have written
		return []any{hostile[r.IntN(len(hostile))], int64(5), 5.0, true, someTime(r), bson.D{{Key: "x", Value: "GB"}}}[r.IntN(6)], true
	}
	switch users.KindOf(t) {
	case users.NumberKind:
		return someNumber(r), true
	case users.DateKind:
		if t == users.Clock {
			return time.Date(1970, 1, 1, r.IntN(24), []int{0, 30, 59}[r.IntN(3)], []int{0, 1, 59}[r.IntN(3)], []int{0, 999e6}[r.IntN(2)], time.UTC), true
		}
		return someTime(r), true
	case users.BoolKind:
		return r.IntN(2) == 0, true
	default:
		if r.IntN(3) == 0 { // one that the samples look for
			values := sampleValues(t)
			return values[r.IntN(len(values))].Text, true
		}
		return someText(r), true
	}
}

func someText(r *rand.Rand) string {
	s := hostile[r.IntN(len(hostile))]
	for range r.IntN(3) {
		s += hostile[r.IntN(len(hostile))]
	}
	return s
}

func someNumber(r *rand.Rand) any {
	return []any{
		int32(5), int64(5), 5.0, int64(0), int64(-1), int64(18), 18.5, 0.1, -0.5, int64(1) << 53, int64(1)<<53 + 1, float64(int64(1) << 53),
		int64(-9223372036854775808), int64(9223372036854775807), 1e300, int64(r.IntN(30)), float64(r.IntN(60)) / 2,
	}[r.IntN(17)]
}

// someTime is near the borders of days, weeks, months and years.
func someTime(r *rand.Rand) time.Time {
	borders := []time.Time{
		time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	offsets := []time.Duration{
		0, -time.Millisecond, time.Millisecond, 8*time.Hour + 30*time.Minute, 8*time.Hour + 30*time.Minute + 59*time.Second + 999*time.Millisecond,
		23*time.Hour + 59*time.Minute + 59*time.Second + 999*time.Millisecond, 24 * time.Hour,
	}
	return borders[r.IntN(len(borders))].Add(offsets[r.IntN(len(offsets))])
}

// document lays a person out as it is stored.
func (p person) document() bson.D {
	var attributes, identifiers bson.D
	d := bson.D{{Key: "_id", Value: p.id}}
	for _, path := range sortedKeys(p.values) {
		v := p.values[path]
		switch group, name, _ := strings.Cut(path, "."); group {
		case "attributes":
			attributes = append(attributes, bson.E{Key: name, Value: v})
		case "identifiers":
			identifiers = append(identifiers, bson.E{Key: name, Value: v})
		default:
			d = append(d, bson.E{Key: path, Value: v})
		}
	}
	if attributes != nil {
		d = append(d, bson.E{Key: "attributes", Value: attributes})
	}
	if identifiers != nil {
		d = append(d, bson.E{Key: "identifiers", Value: identifiers})
	}
	return d
}

// insert stores documents in a collection of the fleet's tenant.
func insert(t *testing.T, db *DB, collection string, documents ...bson.D) {
	t.Helper()
	insertAt(t, db, fleetTenant, collection, documents...)
}

func insertAt(t *testing.T, db *DB, tenant, collection string, documents ...bson.D) {
	t.Helper()
	if _, err := db.Tenant(tenant).Collection(collection).InsertMany(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
}

// board stores a fleet and its accounts in a tenant, and returns what reads and what judges them.
func board(t *testing.T, db *DB, tenant string, people []person) (*Users, oracle) {
	t.Helper()
	documents := make([]bson.D, len(people))
	for i, p := range people {
		documents[i] = p.document()
	}
	insertAt(t, db, tenant, usersCollection, documents...)
	var accounts []bson.D
	for _, id := range sortedKeys(accountNames) {
		accounts = append(accounts, bson.D{{Key: "_id", Value: id}, {Key: "name", Value: accountNames[id]}})
	}
	insertAt(t, db, tenant, accountsCollection, accounts...)
	reader := NewUsers(db, directory{schema: fleetSchema(), stores: []users.Store{{ID: "uk", Title: "Meridian UK"}}})
	return reader, oracle{tenant: tenant, people: people, types: fleetTypes(), accounts: accountNames}
}
