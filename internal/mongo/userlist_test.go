package mongo

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

var _ run.Cursor = (*documentCursor)(nil)

// town stores a few users of two stores, and returns what reads them.
func town(t *testing.T, db *DB) *Users {
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
	return NewUsers(db, directory{
		schema: users.Schema{
			{Slug: "first_name", Label: "First name", Type: users.Text}, {Slug: "note", Label: "Note", Type: users.Textarea},
			{Slug: "pin", Label: "PIN", Type: users.Password}, {Slug: "pin_name", Label: "PIN", Type: users.Password},
		},
		stores: []users.Store{{ID: "uk", Title: "Meridian UK"}, {ID: "se", Title: "Meridian Nordics"}},
	})
}

func TestSelectionOfADefinition(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := town(t, db)
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
			def, err := export.Decode([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			match, err := u.Match(t.Context(), fleetTenant, def)
			if err != nil {
				t.Fatal(err)
			}
			c, err := u.Read(t.Context(), fleetTenant, match, nil, run.Span{})
			if err != nil {
				t.Fatal(err)
			}
			ids, err := drain(t.Context(), c)
			if err != nil || c.Close() != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s", ids); got != fmt.Sprintf("%s", letters(want)) {
				t.Errorf("%s: got %s, want %s", body, got, want)
			}
			if n, err := u.Count(t.Context(), fleetTenant, match); err != nil || n != int64(len(want)) {
				t.Errorf("%s: count %d, %v", body, n, err)
			}
		}
		_, err := u.Match(t.Context(), fleetTenant, export.Definition{Users: export.Selection{UserStoreID: "nope"}})
		if export.CodeOf(err) != export.CodeInvalid {
			t.Errorf("an unknown store: %v", err)
		}
	})
}

func letters(s string) (out []string) {
	for _, r := range s {
		out = append(out, string(r))
	}
	return out
}

func TestForeignIDs(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]any{"below strings": int32(7), "above strings": bson.NewObjectID()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEngines(t, func(t *testing.T, db *DB) {
				u := NewUsers(db, directory{})
				if kind, err := u.ForeignIDs(t.Context(), fleetTenant); err != nil || kind != "" {
					t.Fatalf("no users: %q, %v", kind, err)
				}
				crowd(t, db, 5)
				if kind, err := u.ForeignIDs(t.Context(), fleetTenant); err != nil || kind != "" {
					t.Fatalf("strings alone: %q, %v", kind, err)
				}
				insert(t, db, usersCollection, bson.D{{Key: "_id", Value: id}})
				if kind, err := u.ForeignIDs(t.Context(), fleetTenant); err != nil || kind == "" {
					t.Fatalf("a foreign id among strings: %q, %v", kind, err)
				}
			})
		})
	}
}

func TestListPagesBothWays(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := NewUsers(db, directory{})
		ids := crowd(t, db, 7)
		read := func(cursor string) (users.Page, []string) {
			t.Helper()
			p, err := u.ListUsers(t.Context(), fleetTenant, users.Query{}, cursor, 3)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, user := range p.Users {
				got = append(got, user.ID)
			}
			return p, got
		}
		first, got := read("")
		if !slices.Equal(got, ids[:3]) || first.Previous != "" || first.Next == "" {
			t.Fatalf("first page: %v, %+v", got, first)
		}
		second, got := read(first.Next)
		if !slices.Equal(got, ids[3:6]) || second.Previous == "" || second.Next == "" {
			t.Fatalf("second page: %v, %+v", got, second)
		}
		third, got := read(second.Next)
		if !slices.Equal(got, ids[6:]) || third.Previous == "" || third.Next != "" {
			t.Fatalf("third page: %v, %+v", got, third)
		}
		back, got := read(third.Previous)
		if !slices.Equal(got, ids[3:6]) || back.Previous == "" || back.Next != second.Next {
			t.Fatalf("back on the second page: %v, %+v", got, back)
		}
		back, got = read(back.Previous)
		if !slices.Equal(got, ids[:3]) || back.Previous != "" || back.Next != first.Next {
			t.Fatalf("back on the first page: %v, %+v", got, back)
		}
	})
}

func TestListRefusesForeignCursors(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	for _, cursor := range []string{"!", "eA", "YQ==", "{}"} {
		_, err := NewUsers(db, directory{}).ListUsers(ctx, fleetTenant, users.Query{}, cursor, 0)
		if export.CodeOf(err) != export.CodeInvalid {
			t.Errorf("%q: %v", cursor, err)
		}
	}
}

func TestListSearches(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := town(t, db)
		for _, c := range []struct {
			query users.Query
			want  string
		}{
			{users.Query{}, "abcde"},
			{users.Query{Search: " EXAMPLE.org "}, "b"},
			{users.Query{Search: "user-"}, "abcde"},
			{users.Query{Search: "USER-C"}, "c"},
			{users.Query{Search: "an"}, "ad"},
			{users.Query{Search: "çID"}, "c"},
			{users.Query{Search: ".*"}, "d"},
			{users.Query{Search: "ANN example user-a"}, "a"}, // each word somewhere else
			{users.Query{Search: "example.com Ann"}, "a"},    // in any order
			{users.Query{Search: "an example.com"}, "ad"},
			{users.Query{Search: "ann bob"}, ""},
			{users.Query{Search: "ann quill"}, ""},
			{users.Query{Search: "quill"}, ""}, // not a name
			{users.Query{Search: "1234"}, ""},  // a password
			{users.Query{Search: "example.com", StoreID: "uk"}, "ae"},
			{users.Query{StoreID: "all"}, "abcde"},
			{users.Query{Filter: firstName("e")}, "e"},
			{users.Query{Filter: firstName("d"), StoreID: "se", Search: "dan"}, "d"},
		} {
			p, err := u.ListUsers(t.Context(), fleetTenant, c.query, "", 0)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, user := range p.Users {
				got += user.ID
			}
			if got != c.want {
				t.Errorf("%+v: got %s, want %s", c.query, got, c.want)
			}
			if n, err := u.CountUsers(t.Context(), fleetTenant, c.query); err != nil || n != int64(len(c.want)) {
				t.Errorf("%+v: count %d, %v; want %d", c.query, n, err, len(c.want))
			}
		}
		_, err := u.ListUsers(t.Context(), fleetTenant, users.Query{Search: fmt.Sprintf("%0300d", 1)}, "", 0)
		if export.CodeOf(err) != export.CodeInvalid {
			t.Errorf("a long search: %v", err)
		}
	})
}

func TestSearchFindsAWholeIDOnly(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	u := NewUsers(db, directory{})
	crowd(t, db, 12)
	for search, want := range map[string]int64{"u000011": 1, "u00001": 0} {
		if n, err := u.CountUsers(ctx, fleetTenant, users.Query{Search: search}); err != nil || n != want {
			t.Errorf("%s: %d, %v; want %d", search, n, err, want)
		}
	}
}

func TestPasswordsAreNeverReturned(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	u := town(t, db)
	one, err := u.GetUser(ctx, fleetTenant, "a")
	if err != nil {
		t.Fatal(err)
	}
	p, err := u.ListUsers(ctx, fleetTenant, users.Query{}, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range append(p.Users, one) {
		if _, there := user.Attributes["pin"]; there || user.Attributes["note"] != "Quill" {
			t.Errorf("%s: %v", user.ID, user.Attributes)
		}
	}
	if _, err := u.GetUser(ctx, fleetTenant, "nobody"); export.CodeOf(err) != export.CodeNotFound {
		t.Errorf("nobody: %v", err)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := town(t, db)
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		for store, want := range map[string]users.Figures{
			"": {Total: 5, LastSevenDays: 4}, "all": {Total: 5, LastSevenDays: 4}, "uk": {Total: 3, LastSevenDays: 2},
			"se": {Total: 2, LastSevenDays: 2}, "none": {},
		} {
			got, err := u.Figures(t.Context(), fleetTenant, store, now)
			if err != nil || got != want {
				t.Errorf("%q: %+v, %v; want %+v", store, got, err, want)
			}
		}
	})
}

// firstName asks for users whose first name contains text.
func firstName(text string) *export.Rule {
	return &export.Rule{Field: "attributes.first_name", Operator: export.Contains, Value: export.String(text)}
}
