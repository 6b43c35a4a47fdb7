package mongo

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

func TestAddRegistryConcurrently(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	group, ctx := errgroup.WithContext(ctx)
	for i := range 8 {
		group.Go(func() error {
			return w.AddRegistry(ctx, testTenant, users.Registry{ForeignSystems: []string{"crm", fmt.Sprint("own-", i)}, AppIDs: []string{"crm"}})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	got, err := NewDirectory(db).Registry(t.Context(), testTenant)
	if err != nil || len(got.ForeignSystems) != 9 || !slices.Equal(got.AppIDs, []string{"crm"}) {
		t.Errorf("registry %v, error %v", got, err)
	}
}

func TestScanRebuildsRegistry(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	if err := w.AddRegistry(ctx, testTenant, users.Registry{ForeignSystems: []string{"gone", "kept"}, AppIDs: []string{"gone.app"}}); err != nil {
		t.Fatal(err)
	}
	others := []bson.D{ // as another program may write them
		{{Key: "_id", Value: "a"}, {Key: "foreign_keys", Value: bson.D{{Key: "kept", Value: 12}}}},
		{{Key: "_id", Value: "b"}, {Key: "extended_profiles", Value: bson.D{{Key: "quiz%2Ev2", Value: bson.D{{Key: "x", Value: 1}}}}}},
		{{Key: "_id", Value: "c"}, {Key: "foreign_keys", Value: "none"}, {Key: "extended_profiles", Value: nil}},
	}
	if _, err := db.Tenant(testTenant).Collection(usersCollection).InsertMany(ctx, others); err != nil {
		t.Fatal(err)
	}
	var scanned int64
	got, err := w.Scan(ctx, testTenant, func(n int64) { scanned = n })
	want := users.Registry{ForeignSystems: []string{"kept"}, AppIDs: []string{"quiz.v2"}}
	if err != nil || !reflect.DeepEqual(got, users.ScanResult{Registry: want}) || scanned != 3 {
		t.Errorf("registry %v of %d users, error %v", got, scanned, err)
	}
	// dropEntry restores an entry that a user has.
	e := stored.NewRegistryEntry(stored.ProfileKind, "quiz.v2")
	if err := w.dropEntry(ctx, testTenant, e); err != nil {
		t.Fatal(err)
	}
	if got, err := NewDirectory(db).Registry(ctx, testTenant); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("registry %v, error %v", got, err)
	}
}
