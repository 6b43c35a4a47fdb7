package mongo

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// Each method that writes a user invalidates cached counts.
func TestUserWritesInvalidateCounts(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	for _, c := range []struct {
		name  string
		write func() error
	}{
		{"create", func() error { return w.CreateUser(ctx, testTenant, users.User{ID: "u1"}) }},
		{"put", func() error { _, err := w.PutUsers(ctx, testTenant, users.User{ID: "u2"}); return err }},
		{"attributes", func() error {
			return w.SetAttributes(ctx, testTenant, "u1", map[string]any{"a": "b"}, false, time.Now())
		}},
		{"foreign key", func() error { return w.SetForeignKey(ctx, testTenant, "u1", "crm", "7", time.Now()) }},
		{"profile", func() error { return w.SetProfile(ctx, testTenant, "u1", "app", []byte("{}"), time.Now()) }},
		{"delete", func() error { return w.DeleteUser(ctx, testTenant, "u1") }},
	} {
		before := db.userWriteCount(testTenant)
		if err := c.write(); err != nil || db.userWriteCount(testTenant) == before {
			t.Errorf("%s: %v, %d writes after %d", c.name, err, db.userWriteCount(testTenant), before)
		}
	}
	if n, err := newReader(db, fakeDirectory{}).CachedCount(ctx, testTenant, filter.Selection{}); err != nil || n != 1 {
		t.Errorf("%d users, %v", n, err)
	}
}

// The command "count" answers from the collection's metadata, which can be wrong after an unclean
// shutdown. No count may use it.
func TestCountsNeverUseMetadata(t *testing.T) {
	t.Parallel()
	db, recorder := connectRecorded(t)
	insert(t, db, usersCollection, bson.D{{Key: "_id", Value: "a"}}, bson.D{{Key: "_id", Value: "b"}})
	insert(t, db, eventsCollection, bson.D{{Key: "_id", Value: "2026-01-01T00:00:00.000Z/1"}})
	u := newReader(db, fakeDirectory{})
	allUsers := export.Definition{Users: export.Selection{UserStoreID: export.All}}
	for name, c := range map[string]struct {
		want  int64
		count func(ctx context.Context) (int64, error)
	}{
		"a run": {2, func(ctx context.Context) (int64, error) { return u.Count(ctx, testTenant, filter.Selection{}) }},
		"state events": {1, func(ctx context.Context) (int64, error) {
			return NewEvents(db).Count(ctx, testTenant, filter.Selection{})
		}},
		"a definition": {2, func(ctx context.Context) (int64, error) {
			match, err := compileUsers(ctx, u, testTenant, allUsers)
			if err != nil {
				return 0, err
			}
			return u.Count(ctx, testTenant, match)
		}},
		"a list": {2, func(ctx context.Context) (int64, error) {
			return u.CountUsers(ctx, testTenant, users.Query{StoreID: export.All})
		}},
		"figures": {2, func(ctx context.Context) (int64, error) {
			f, err := u.Figures(ctx, testTenant, export.All, time.Now())
			return f.Total, err
		}},
		"GET /v3/users": {2, func(ctx context.Context) (int64, error) {
			_, total, err := u.FindUsers(ctx, testTenant, users.Lookup{Limit: 1})
			return total, err
		}},
	} {
		got, err := c.count(t.Context())
		if err != nil || got != c.want {
			t.Errorf("%s: %d, %v; want %d", name, got, err, c.want)
		}
		sent := recorder.takeNames()
		for _, command := range sent {
			if command == "count" {
				t.Errorf("%s uses the metadata count: %v", name, sent)
			}
		}
	}
}
