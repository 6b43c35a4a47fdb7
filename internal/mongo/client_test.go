package mongo

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// connect opens a new control database on FerretDB.
func connect(t testing.TB) (*DB, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	db, err := Connect(ctx, Options{
		URI: embeddedtest.Engine(t), Database: embeddedtest.Database(t), SingleWriter: true, Logger: testLogger(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return db, ctx
}

func TestConnect(t *testing.T) {
	t.Parallel()

	t.Run("uses separate clients for writes and reads on FerretDB", func(t *testing.T) {
		t.Parallel()
		db, ctx := connect(t)
		if db.control == db.controlReads || len(db.clients) != 2 {
			t.Fatalf("%d clients, writes and reads the same: %v", len(db.clients), db.control == db.controlReads)
		}
		if err := db.Ping(ctx); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("keeps tenants in databases named after the control database", func(t *testing.T) {
		t.Parallel()
		db, _ := connect(t)
		want := db.name + "_t_daily-news"
		if got := db.Tenant("daily-news").Name(); got != want {
			t.Errorf("Tenant: %s, want %s", got, want)
		}
		if got := db.TenantReads("daily-news").Name(); got != want {
			t.Errorf("TenantReads: %s, want %s", got, want)
		}
		if db.Control().Name() != db.name || db.ControlReads().Name() != db.name {
			t.Error("the control database has another name")
		}
	})

	t.Run("fails before the deadline if no server listens", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		_, err := Connect(ctx, Options{URI: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50"})
		if err == nil || ctx.Err() != nil {
			t.Fatalf("err %v, context %v", err, ctx.Err())
		}
	})

	t.Run("rejects other URIs", func(t *testing.T) {
		t.Parallel()
		if _, err := Connect(t.Context(), Options{URI: "postgres://127.0.0.1"}); err == nil {
			t.Fatal("no error")
		}
	})
}

func TestReadPreference(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]readpref.Mode{
		"mongodb://127.0.0.1":                                  readpref.PrimaryMode,
		"mongodb://127.0.0.1/?readPreference=primary":          readpref.PrimaryMode,
		"mongodb://127.0.0.1/?readPreference=nearest":          readpref.NearestMode,
		"mongodb://127.0.0.1/?readPreference=primaryPreferred": readpref.PrimaryPreferredMode,
	} {
		if got := readPreference(uri).Mode(); got != want {
			t.Errorf("%s: %v, want %v", uri, got, want)
		}
	}
}

// FerretDB is atomic only because all writes use one connection. Through several
// connections it would lose concurrent updates of one document.
func TestWritesAreAtomic(t *testing.T) {
	t.Parallel()
	const writers = 50

	t.Run("increments are not lost", func(t *testing.T) {
		t.Parallel()
		db, ctx := connect(t)
		c := db.Control().Collection("counters")
		if _, err := c.InsertOne(ctx, bson.D{{Key: "_id", Value: "n"}, {Key: "n", Value: 0}}); err != nil {
			t.Fatal(err)
		}
		g, ctx := errgroup.WithContext(ctx)
		for range writers {
			g.Go(func() error {
				_, err := c.UpdateByID(ctx, "n", bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}})
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		var got struct{ N int }
		if err := c.FindOne(t.Context(), bson.D{}).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.N != writers {
			t.Fatalf("counted %d, want %d", got.N, writers)
		}
	})

	t.Run("a compare-and-set has one winner", func(t *testing.T) {
		t.Parallel()
		db, ctx := connect(t)
		c := db.Control().Collection("jobs")
		if _, err := c.InsertOne(ctx, bson.D{{Key: "_id", Value: "j"}, {Key: "status", Value: "queued"}}); err != nil {
			t.Fatal(err)
		}
		won := make(chan int64, writers)
		g, ctx := errgroup.WithContext(ctx)
		for i := range writers {
			g.Go(func() error {
				r, err := c.UpdateOne(ctx, bson.D{{Key: "_id", Value: "j"}, {Key: "status", Value: "queued"}},
					bson.D{{Key: "$set", Value: bson.D{{Key: "status", Value: fmt.Sprint("taken by ", i)}}}})
				if err == nil {
					won <- r.ModifiedCount
				}
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		close(won)
		var winners int64
		for n := range won {
			winners += n
		}
		if winners != 1 {
			t.Fatalf("%d winners", winners)
		}
	})
}

// docs/operations.md states the sizes. The URI overrides them.
func TestPoolSizes(t *testing.T) {
	t.Parallel()
	type sizes struct {
		most, opening uint64
		idle          time.Duration
	}
	for uri, want := range map[string]sizes{
		"mongodb://db.example": {100, 8, 10 * time.Minute},
		"mongodb://db.example/?maxPoolSize=2&maxConnecting=3&maxIdleTimeMS=5000": {2, 3, 5 * time.Second},
	} {
		o := clientOptions(uri)
		if o.MaxPoolSize == nil || o.MaxConnecting == nil || o.MaxConnIdleTime == nil {
			t.Fatalf("%s: a size is left to the driver", uri)
		}
		if err := o.Validate(); err != nil {
			t.Errorf("%s: %v", uri, err)
		}
		if got := (sizes{*o.MaxPoolSize, *o.MaxConnecting, *o.MaxConnIdleTime}); got != want {
			t.Errorf("%s: %+v, want %+v", uri, got, want)
		}
	}
}
