package mongo

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
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
