package mongo

import (
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// insertSampleUsers inserts a few users of two user stores, and returns their reader.
func insertSampleUsers(t *testing.T, db *DB) testReader {
	t.Helper()
	registered := func(day int) time.Time { return time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC) }
	person := func(id, store, email, first string, day int, more ...bson.E) bson.D {
		return append(bson.D{
			{Key: "_id", Value: id}, {Key: "user_store_id", Value: store}, {Key: "registered", Value: registered(day)}, {Key: "updated", Value: registered(day + 1)},
			{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: email}, {Key: "username", Value: "user-" + id}}},
			{Key: "attributes", Value: bson.D{{Key: "first_name", Value: first}, {Key: "note", Value: "Quill"}, {Key: "pin", Value: "1234"}}},
		}, more...)
	}
	insert(t, db, usersCollection,
		person("a", "uk", "ann@example.com", "Ann", 10, bson.E{Key: "extended_profiles", Value: bson.D{{Key: "news%2Ev2", Value: `{"a":1}`}}}),
		person("b", "uk", "bob@example.org", "Bob", 16, bson.E{Key: "extended_profiles", Value: bson.D{}}),
		person("c", "se", "cid@example.com", "Çid", 17, bson.E{Key: "extended_profiles", Value: bson.D{{Key: "crm", Value: bson.D{{Key: "x", Value: 1}}}}}),
		person("d", "se", "dan@example.com", "Dan.*", 22, bson.E{Key: "extended_profiles", Value: nil}),
		person("e", "uk", "eve@example.com", "Eve", 23, bson.E{Key: "extended_profiles", Value: bson.D{{Key: "crm", Value: nil}}}),
	)
	return newReader(db, fakeDirectory{
		schema: users.Schema{
			{Slug: "first_name", Label: "First name", Type: users.Text}, {Slug: "note", Label: "Note", Type: users.Textarea},
			{Slug: "pin", Label: "PIN", Type: users.Password}, {Slug: "pin_name", Label: "PIN", Type: users.Password},
		},
		stores: []users.Store{{ID: "uk", Title: "Meridian UK"}, {ID: "se", Title: "Meridian Nordics"}},
	})
}

func TestMatchSelectsUsers(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := insertSampleUsers(t, db)
		for body, want := range map[string]string{
			`{"include":{"grants":true}}`:                                                     "abcde",
			`{"include":{"grants":true},"users":{"userStoreId":"uk"}}`:                        "abe",
			`{"include":{"grants":true},"users":{"since":"2026-11-23T12:00:00Z"}}`:            "de",
			`{"include":{"grants":true},"users":{"since":"2026-11-23T12:00:00.001Z"}}`:        "e",
			`{"include":{"grants":true},"users":{"registeredSince":"2026-11-17T12:00:00Z"}}`:  "cde",
			`{"include":{"grants":true},"users":{"registeredBefore":"2026-11-17T12:00:00Z"}}`: "ab",
			`{"include":{"grants":true},"users":{"userStoreId":"se","registeredSince":"2026-11-01","registeredBefore":"2026-11-20",
				"filter":{"combinator":"or","rules":[{"field":"attributes.first_name","operator":"contains","value":"N"},{"field":"attributes.first_name","operator":"starts_with","value":"ç"}]}}}`: "c",
			`{"include":{"extendedProfiles":true}}`:                                                               "ace",
			`{"include":{"extendedProfiles":true,"attributes":true}}`:                                             "abcde",
			`{"include":{"extendedProfiles":{"appIds":["crm"]}}}`:                                                 "c",
			`{"include":{"extendedProfiles":{"appIds":["crm","news.v2"],"onlyMatching":true},"attributes":true}}`: "ac",
			`{"include":{"extendedProfiles":{"appIds":["news"]}}}`:                                                "",
			`{"include":{"extendedProfiles":{"appIds":["news.v2"]}},"users":{"userStoreId":"se"}}`:                "",
		} {
			def, err := decode.Definition([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			match, err := compileUsers(t.Context(), u, testTenant, def)
			if err != nil {
				t.Fatal(err)
			}
			c, err := u.Read(t.Context(), testTenant, match, nil, pipeline.IDRange{})
			if err != nil {
				t.Fatal(err)
			}
			ids, err := readAllIDs(t.Context(), c)
			if err != nil || c.Close() != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s", ids); got != fmt.Sprintf("%s", splitLetters(want)) {
				t.Errorf("%s: got %s, want %s", body, got, want)
			}
			if n, err := u.Count(t.Context(), testTenant, match); err != nil || n != int64(len(want)) {
				t.Errorf("%s: count %d, %v", body, n, err)
			}
		}
		_, err := compileUsers(t.Context(), u, testTenant, export.Definition{Users: export.Selection{UserStoreID: "nope"}})
		if errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("an unknown store: %v", err)
		}
	})
}

func splitLetters(s string) (out []string) {
	for _, r := range s {
		out = append(out, string(r))
	}
	return out
}

func TestPasswordsAreNeverReturned(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	u := insertSampleUsers(t, db)
	one, err := u.GetUser(ctx, testTenant, "a")
	if err != nil {
		t.Fatal(err)
	}
	p, err := u.ListUsers(ctx, testTenant, users.Query{}, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range append(p.Users, one) {
		if _, there := user.Attributes["pin"]; there || user.Attributes["note"] != "Quill" {
			t.Errorf("%s: %v", user.ID, user.Attributes)
		}
	}
	if _, err := u.GetUser(ctx, testTenant, "nobody"); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("nobody: %v", err)
	}
}
