package mongo

import (
	"reflect"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// dropEntry restores an entry that a user has.
func TestDropEntryKeepsUsedEntry(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	insert(t, db, usersCollection, bson.D{{Key: "_id", Value: "b"}, {Key: "extended_profiles", Value: bson.D{{Key: "quiz%2Ev2", Value: "{}"}}}})
	want := users.Registry{ForeignSystems: []string{}, AppIDs: []string{"quiz.v2"}}
	if err := w.AddRegistry(ctx, testTenant, want); err != nil {
		t.Fatal(err)
	}
	if err := w.dropEntry(ctx, testTenant, stored.NewRegistryEntry(stored.ProfileKind, "quiz.v2")); err != nil {
		t.Fatal(err)
	}
	if got, err := NewDirectory(db).Registry(ctx, testTenant); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("registry %v, error %v", got, err)
	}
}
