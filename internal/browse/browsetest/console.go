package browsetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// TestConsole checks what the console and the API read of a store.
func TestConsole(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, context.Context, Store){
		"lists and counts": listsUsers, "figures": countsFigures, "registered days": countsRegisteredDays, "look-ups": looksUpUsers, "definitions": selectsByDefinition, "passwords": hidesPasswords,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			t.Cleanup(cancel)
			s := open(t)
			writeSampleUsers(t, s)
			test(t, ctx, s)
		})
	}
}

var sampleSchema = users.Schema{
	{Slug: "first_name", Label: "First name", Type: users.Text}, {Slug: "note", Label: "Note", Type: users.Textarea},
	{Slug: "pin", Label: "PIN", Type: users.Password}, {Slug: "pin_name", Label: "PIN", Type: users.Password},
}

// writeSampleUsers writes a few users of two user stores.
func writeSampleUsers(t *testing.T, s Store) {
	t.Helper()
	registered := func(day int) time.Time { return time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC) }
	person := func(id, store, email, first string, day int, profiles any) bson.D {
		d := bson.D{
			{Key: "_id", Value: id}, {Key: "user_store_id", Value: store}, {Key: "registered", Value: registered(day)}, {Key: "updated", Value: registered(day + 1)},
			{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: email}, {Key: "username", Value: "user-" + id}}},
			{Key: "attributes", Value: bson.D{{Key: "first_name", Value: first}, {Key: "note", Value: "Quill"}, {Key: "pin", Value: "1234"}}},
			{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: "k-" + id}}}, {Key: "extended_profiles", Value: profiles},
		}
		if folded := users.FoldedUser(marshal(t, d)); len(folded) > 0 {
			d = append(d, bson.E{Key: users.FoldedKey, Value: folded})
		}
		return d
	}
	write(t, s, Tenant,
		person("a", "uk", "ann@example.com", "Ann", 10, bson.D{{Key: "news%2Ev2", Value: `{"a":1}`}}),
		person("b", "uk", "bob@example.org", "Bob", 16, bson.D{}),
		person("c", "se", "cid@example.com", "Çid", 17, bson.D{{Key: "crm", Value: bson.D{{Key: "x", Value: 1}}}}),
		person("d", "se", "Dan@example.com", "Dan.*", 22, nil),
		person("e", "uk", "eve@example.com", "Eve", 23, bson.D{{Key: "crm", Value: nil}}),
	)
}

// letters returns the ids of the sample users in a list.
func letters(list []users.User) string { return strings.Join(userIDs(list), "") }

func listsUsers(t *testing.T, ctx context.Context, s Store) {
	u := s.Console(sampleSchema)
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
		{users.Query{Search: "ANN example user-a"}, "a"}, // each word matches another field
		{users.Query{Search: "example.com Ann"}, "a"},    // in any order
		{users.Query{Search: "an example.com"}, "ad"},
		{users.Query{Search: "ann bob"}, ""},
		{users.Query{Search: "ann quill"}, ""},
		{users.Query{Search: "quill"}, ""}, // not a name attribute
		{users.Query{Search: "1234"}, ""},  // a password
		{users.Query{Search: "example.com", StoreID: "uk"}, "ae"},
		{users.Query{StoreID: "all"}, "abcde"},
		{users.Query{Filter: firstName("e")}, "e"},
		{users.Query{Filter: firstName("d"), StoreID: "se", Search: "dan"}, "d"},
	} {
		p, err := u.ListUsers(ctx, Tenant, c.query, "", 0)
		if got := letters(p.Users); err != nil || got != c.want {
			t.Errorf("%+v: got %s, %v; want %s", c.query, got, err, c.want)
		}
		if n, err := u.CountUsers(ctx, Tenant, c.query); err != nil || n != int64(len(c.want)) {
			t.Errorf("%+v: count %d, %v; want %d", c.query, n, err, len(c.want))
		}
	}
	if _, err := u.ListUsers(ctx, Tenant, users.Query{Search: fmt.Sprintf("%0300d", 1)}, "", 0); errs.CodeOf(err) != errs.CodeInvalidRequest {
		t.Errorf("a long search: %v", err)
	}
}

// firstName returns a rule for users whose first name contains the text.
func firstName(text string) *export.Rule {
	return &export.Rule{Field: "attributes.first_name", Operator: export.Contains, Value: export.String(text)}
}

func countsFigures(t *testing.T, ctx context.Context, s Store) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for store, want := range map[string]users.Figures{
		"": {Total: 5, LastSevenDays: 4}, "all": {Total: 5, LastSevenDays: 4}, "uk": {Total: 3, LastSevenDays: 2},
		"se": {Total: 2, LastSevenDays: 2}, "none": {},
	} {
		if got, err := s.Console(sampleSchema).Figures(ctx, Tenant, store, now); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", store, got, err, want)
		}
	}
}

// The sample users registered at noon UTC; in Auckland that is on the next day.
func countsRegisteredDays(t *testing.T, ctx context.Context, s Store) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	auckland, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		store       string
		zone        *time.Location
		first, last string
		want        string // the days with users
	}{
		"all":            {"all", time.UTC, "2026-10-25", "2026-11-23", "2026-11-10 1, 2026-11-16 1, 2026-11-17 1, 2026-11-22 1, 2026-11-23 1, "},
		"a store":        {"uk", time.UTC, "2026-10-25", "2026-11-23", "2026-11-10 1, 2026-11-16 1, 2026-11-23 1, "},
		"no store":       {"none", time.UTC, "2026-10-25", "2026-11-23", ""},
		"a zone's dates": {"", auckland, "2026-10-26", "2026-11-24", "2026-11-11 1, 2026-11-17 1, 2026-11-18 1, 2026-11-23 1, 2026-11-24 1, "},
	} {
		days, err := s.Console(sampleSchema).RegisteredDays(ctx, Tenant, c.store, now, c.zone)
		if err != nil || len(days) != 30 || days[0].Day != c.first || days[29].Day != c.last {
			t.Errorf("%s: %+v, %v; want 30 days from %s to %s", name, days, err, c.first, c.last)
			continue
		}
		var got strings.Builder
		for _, day := range days {
			if day.Users > 0 {
				fmt.Fprintf(&got, "%s %d, ", day.Day, day.Users)
			}
		}
		if got.String() != c.want {
			t.Errorf("%s: %s; want %s", name, got.String(), c.want)
		}
	}
}

func looksUpUsers(t *testing.T, ctx context.Context, s Store) {
	for name, c := range map[string]struct {
		l     users.Lookup
		want  string
		total int64
	}{
		"everybody":              {users.Lookup{Limit: 9}, "abcde", 5},
		"a page":                 {users.Lookup{Skip: 2, Limit: 2}, "cd", 5},
		"beyond the end":         {users.Lookup{Skip: 9, Limit: 2}, "", 5},
		"an e-mail address":      {users.Lookup{Email: "eve@example.com", Limit: 9}, "e", 1},
		"in another case":        {users.Lookup{Email: "EVE@example.com", Limit: 9}, "e", 1},
		"stored in another case": {users.Lookup{Email: "dan@example.com", Limit: 9}, "d", 1},
		"a part of an address":   {users.Lookup{Email: "eve@example.co", Limit: 9}, "", 0},
		"a user name":            {users.Lookup{Username: "User-B", Limit: 9}, "b", 1},
		"a foreign key":          {users.Lookup{ForeignKeys: map[string]string{"crm": "k-a"}, Limit: 9}, "a", 1},
		"a key in another case":  {users.Lookup{ForeignKeys: map[string]string{"crm": "K-a"}, Limit: 9}, "", 0},
		"both":                   {users.Lookup{Email: "eve@example.com", ForeignKeys: map[string]string{"crm": "k-a"}, Limit: 9}, "", 0},
		"a store":                {users.Lookup{Query: users.Query{StoreID: "se"}, Limit: 1}, "c", 2},
		"an attribute":           {users.Lookup{Query: users.Query{Filter: firstName("V")}, Limit: 9}, "e", 1},
		"a search":               {users.Lookup{Query: users.Query{Search: "bob"}, Limit: 9}, "b", 1},
		"a search of attributes": {users.Lookup{Query: users.Query{Search: "*quill*"}, Limit: 2}, "ab", 5},
		"a search of passwords":  {users.Lookup{Query: users.Query{Search: "1234"}, Limit: 9}, "", 0},
	} {
		found, total, err := s.Console(sampleSchema).FindUsers(ctx, Tenant, c.l)
		if got := letters(found); err != nil || got != c.want || total != c.total {
			t.Errorf("%s: %s of %d, %v; want %s of %d", name, got, total, err, c.want, c.total)
		}
	}
}

func selectsByDefinition(t *testing.T, ctx context.Context, s Store) {
	stores := []users.Store{{ID: "uk", Title: "Meridian UK"}, {ID: "se", Title: "Meridian Nordics"}}
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
		selection, err := filter.Users(ctx, def, sampleSchema, stores, s.Source.Catalog(Tenant))
		if err != nil {
			t.Fatal(err)
		}
		ids, err := readIDs(ctx, s.Source, Tenant, selection, pipeline.IDRange{})
		if got := strings.Join(ids, ""); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", body, got, err, want)
		}
		if n, err := s.Source.Count(ctx, Tenant, selection); err != nil || n != int64(len(want)) {
			t.Errorf("%s: count %d, %v", body, n, err)
		}
	}
	unknown := export.Definition{Users: export.Selection{UserStoreID: "nope"}}
	if _, err := filter.Users(ctx, unknown, sampleSchema, stores, s.Source.Catalog(Tenant)); errs.CodeOf(err) != errs.CodeInvalidRequest {
		t.Errorf("an unknown store: %v", err)
	}
}

func hidesPasswords(t *testing.T, ctx context.Context, s Store) {
	u := s.Console(sampleSchema)
	one, err := u.GetUser(ctx, Tenant, "a")
	if err != nil {
		t.Fatal(err)
	}
	p, err := u.ListUsers(ctx, Tenant, users.Query{}, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := u.FindUsers(ctx, Tenant, users.Lookup{})
	if err != nil {
		t.Fatal(err)
	}
	walked, err := u.WalkUsers(Tenant, filter.Selection{}, sampleSchema)(ctx, "b", 1, 2)
	if err != nil || letters(walked) != "de" {
		t.Errorf("walked %v, %v", walked, err)
	}
	for _, user := range append(append(append(p.Users, found...), walked...), one) {
		if _, there := user.Attributes["pin"]; there || user.Attributes["note"] != "Quill" {
			t.Errorf("%s: %v", user.ID, user.Attributes)
		}
	}
	if _, err := u.GetUser(ctx, Tenant, "nobody"); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("nobody: %v", err)
	}
}
