package mongo

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"
)

func TestEnsureIndexes(t *testing.T) {
	t.Parallel()
	const tenant = "daily-news"
	db, ctx := connect(t)
	for range 2 { // the second run changes nothing
		if err := db.EnsureControlIndexes(ctx); err != nil {
			t.Fatal(err)
		}
		if err := db.EnsureTenantIndexes(ctx, tenant); err != nil {
			t.Fatal(err)
		}
	}
	for collection, want := range map[string][]string{
		"admins":   {"_id_", "email_1"},
		"sessions": {"_id_", "admin_id_1", "expires_1"},
		"outbox":   {"_id_", "tenant_1_key_-1", "tenant_1_user_id_1_key_-1"},
		"jobs":     {"_id_", "dirty_1_completed_1", "idem_1", "live_1", "mail_due_1", "status_1_expires_1", "tenant_1__id_-1_status_1_email_1_search_1", "tenant_1_requester_id_1__id_-1"},
	} {
		if got := indexNames(ctx, t, db.Control().Collection(collection)); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", collection, got, want)
		}
	}
	for collection, want := range map[string][]string{
		"users": {
			"_id_", "account_ids_1", "identifiers.email_address_1", "identifiers.username_1", "user_store_id_1__id_1",
		},
		"accounts": {"_id_", "name_1"},
	} {
		if got := indexNames(ctx, t, db.Tenant(tenant).Collection(collection)); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", collection, got, want)
		}
	}
}

// FerretDB 1 would create the wildcard index for a field of its name, and then fail every insert.
func TestForeignKeyIndex(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		for range 2 { // the second run changes nothing
			if err := db.createLateIndexes(t.Context(), testTenant); err != nil {
				t.Fatal(err)
			}
		}
		insert(t, db, usersCollection, bson.D{{Key: "_id", Value: "u1"}, {Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: "7"}}}})
		names := indexNames(t.Context(), t, db.Tenant(testTenant).Collection(usersCollection))
		if got := slices.Contains(names, "foreign_keys.$**_1"); got == db.singleWriter { // a single writer is FerretDB
			t.Errorf("the indexes are %v", names)
		}
	})
}

// A server without wildcard indexes starts; another error is retried.
func TestIsUnsupportedIndex(t *testing.T) {
	t.Parallel()
	for code, want := range map[int32]bool{115: true, 238: true, 303: true, 67: true, 13: false, 11600: false} {
		if got := isUnsupportedIndex(fmt.Errorf("create: %w", driver.CommandError{Code: code})); got != want {
			t.Errorf("code %d: %v", code, got)
		}
	}
	if isUnsupportedIndex(nil) || isUnsupportedIndex(context.Canceled) || !isUnsupportedIndex(errFerretDB) {
		t.Error("other errors are confused")
	}
}

func indexNames(ctx context.Context, t *testing.T, c *driver.Collection) []string {
	t.Helper()
	specs, err := c.Indexes().ListSpecifications(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range specs {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return names
}

// The field live holds a requester's slot. Admission relies on the unique index of the engine.
func TestLiveIndex(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) (*driver.Collection, context.Context) {
		t.Helper()
		db, ctx := connect(t)
		if err := db.EnsureControlIndexes(ctx); err != nil {
			t.Fatal(err)
		}
		return db.Control().Collection(jobsCollection), ctx
	}
	job := func(id string) bson.D {
		return bson.D{{Key: "_id", Value: id}, {Key: "live", Value: "daily-news:ada"}}
	}

	t.Run("many jobs may hold no slot", func(t *testing.T) {
		t.Parallel()
		jobs, ctx := setup(t)
		for i := range 20 {
			if _, err := jobs.InsertOne(ctx, bson.D{{Key: "_id", Value: fmt.Sprint(i)}}); err != nil {
				t.Fatal(err)
			}
		}
	})

	t.Run("one of many concurrent jobs gets the slot", func(t *testing.T) {
		t.Parallel()
		jobs, ctx := setup(t)
		const requests = 50
		var won, lost atomic.Int64
		g, ctx := errgroup.WithContext(ctx)
		for i := range requests {
			g.Go(func() error {
				_, err := jobs.InsertOne(ctx, job(fmt.Sprint(i)))
				switch {
				case err == nil:
					won.Add(1)
				case driver.IsDuplicateKeyError(err):
					lost.Add(1)
				default:
					return err
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if won.Load() != 1 || lost.Load() != requests-1 {
			t.Fatalf("%d won and %d lost", won.Load(), lost.Load())
		}
	})

	t.Run("a freed slot can be taken again", func(t *testing.T) {
		t.Parallel()
		jobs, ctx := setup(t)
		if _, err := jobs.InsertOne(ctx, job("first")); err != nil {
			t.Fatal(err)
		}
		if _, err := jobs.InsertOne(ctx, job("second")); !driver.IsDuplicateKeyError(err) {
			t.Fatalf("the slot was given twice: %v", err)
		}
		r, err := jobs.UpdateByID(ctx, "first", bson.D{{Key: "$unset", Value: bson.D{{Key: "live", Value: ""}}}})
		if err != nil || r.ModifiedCount != 1 {
			t.Fatalf("give the slot back: %+v, %v", r, err)
		}
		if _, err := jobs.InsertOne(ctx, job("second")); err != nil {
			t.Fatalf("take it again: %v", err)
		}
	})
}
