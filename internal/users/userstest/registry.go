package userstest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/users"
)

func registryIsWrittenConcurrently(t *testing.T, db Database) {
	group, ctx := errgroup.WithContext(t.Context())
	for i := range 8 {
		group.Go(func() error {
			return db.Writer.AddRegistry(ctx, tenant, users.Registry{ForeignSystems: []string{"crm", fmt.Sprint("own-", i)}, AppIDs: []string{"crm"}})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	got, err := db.Directory.Registry(t.Context(), tenant)
	if err != nil || len(got.ForeignSystems) != 9 || !slices.Equal(got.AppIDs, []string{"crm"}) {
		t.Errorf("registry %v, error %v", got, err)
	}
}

func scanRebuildsRegistry(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	if err := w.AddRegistry(ctx, tenant, users.Registry{ForeignSystems: []string{"gone", "kept"}, AppIDs: []string{"gone.app"}}); err != nil {
		t.Fatal(err)
	}
	db.Put(t, tenant, "users", raw(t, // as another program may write them
		bson.D{{Key: "_id", Value: "a"}, {Key: "foreign_keys", Value: bson.D{{Key: "kept", Value: 12}}}},
		bson.D{{Key: "_id", Value: "b"}, {Key: "extended_profiles", Value: bson.D{{Key: "quiz%2Ev2", Value: bson.D{{Key: "x", Value: 1}}}}}},
		bson.D{{Key: "_id", Value: "c"}, {Key: "foreign_keys", Value: "none"}, {Key: "extended_profiles", Value: nil}},
	)...)
	var scanned int64
	got, err := w.Scan(ctx, tenant, func(n int64) { scanned = n })
	want := users.Registry{ForeignSystems: []string{"kept"}, AppIDs: []string{"quiz.v2"}}
	if err != nil || !reflect.DeepEqual(got, users.ScanResult{Registry: want}) || scanned != 3 {
		t.Errorf("registry %v of %d users, error %v", got, scanned, err)
	}
	if got, err := db.Directory.Registry(ctx, tenant); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("registry %v, error %v", got, err)
	}
}
