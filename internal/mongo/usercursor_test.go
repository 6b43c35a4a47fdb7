package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/export/run"
)

const cursorNotFound = 43

// many are more users than a reply holds.
const many = readBatch + 500

// crowd stores n users with ids that ascend, and returns the ids.
func crowd(t *testing.T, db *DB, n int) []string {
	t.Helper()
	ids := make([]string, n)
	documents := make([]bson.D, n)
	for i := range n {
		ids[i] = fmt.Sprintf("u%06d", i)
		documents[n-1-i] = bson.D{{Key: "_id", Value: ids[i]}} // stored in another order than read
	}
	insert(t, db, usersCollection, documents...)
	return ids
}

// open reads all users after an id.
func open(ctx context.Context, t *testing.T, db *DB, after string) *documentCursor {
	t.Helper()
	c, err := NewUsers(db, directory{}).Read(ctx, fleetTenant, bson.D{}, nil, run.Span{After: after})
	if err != nil {
		t.Fatal(err)
	}
	cursor, ok := c.(*documentCursor)
	if !ok {
		t.Fatalf("a cursor of type %T", c)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return cursor
}

// take reads n users.
func take(ctx context.Context, t *testing.T, c *documentCursor, n int) (ids []string) {
	t.Helper()
	for range n {
		raw, err := c.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, raw.Lookup("_id").StringValue())
	}
	return ids
}

// lives reports whether the server still has the cursor.
func lives(t *testing.T, db *DB, id int64) bool {
	t.Helper()
	err := db.TenantReads(fleetTenant).RunCommand(t.Context(), bson.D{
		{Key: "getMore", Value: id}, {Key: "collection", Value: usersCollection}, {Key: "batchSize", Value: int32(1)},
	}).Err()
	if server, ok := errors.AsType[driver.ServerError](err); ok && server.HasErrorCode(cursorNotFound) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return true
}

func TestReadYieldsEachUserOnceInOrder(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		ids := crowd(t, db, many)
		for _, c := range []struct {
			after string
			from  int
		}{{"", 0}, {ids[0], 1}, {ids[readBatch], readBatch + 1}, {ids[many-1], many}, {"t", 0}, {"v", many}} {
			cursor := open(t.Context(), t, db, c.after)
			got, err := drain(t.Context(), cursor)
			if err != nil || !slices.Equal(got, ids[c.from:]) {
				t.Errorf("after %q: %d users, %v; want %d", c.after, len(got), err, many-c.from)
			}
			if _, err := cursor.Next(t.Context()); !errors.Is(err, io.EOF) {
				t.Errorf("after %q: after the end: %v", c.after, err)
			}
		}
	})
}

func TestReadStartsWithTheEmptyID(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	insert(t, db, usersCollection, bson.D{{Key: "_id", Value: "b"}}, bson.D{{Key: "_id", Value: ""}}, bson.D{{Key: "_id", Value: int32(5)}})
	got, err := drain(ctx, open(ctx, t, db, ""))
	if err != nil || !slices.Equal(got, []string{"", "b"}) {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestReadProjects(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	insert(t, db, usersCollection, bson.D{{Key: "_id", Value: "a"}, {Key: "attributes", Value: bson.D{{Key: "x", Value: 1}}}, {Key: "grants", Value: bson.A{}}})
	c, err := NewUsers(db, directory{}).Read(ctx, fleetTenant, bson.D{{Key: "attributes.x", Value: 1}}, bson.D{{Key: "attributes", Value: 1}}, run.Span{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := c.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.LookupErr("grants"); err == nil || raw.Lookup("attributes", "x").AsInt64() != 1 {
		t.Fatalf("got %s", raw)
	}
}

func TestCursorThatTheServerForgot(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		ids := crowd(t, db, many)
		c := open(ctx, t, db, "")
		got := take(ctx, t, c, 10)
		err := db.TenantReads(fleetTenant).RunCommand(ctx, bson.D{
			{Key: "killCursors", Value: usersCollection}, {Key: "cursors", Value: bson.A{c.cursor.ID()}},
		}).Err()
		if err != nil {
			t.Fatal(err)
		}
		rest, err := drain(ctx, c)
		got = append(got, rest...)
		if !errors.Is(err, run.ErrCursorLost) {
			t.Fatalf("got %v after %d users, want ErrCursorLost", err, len(got))
		}
		rest, err = drain(ctx, open(ctx, t, db, got[len(got)-1]))
		if got = append(got, rest...); err != nil || !slices.Equal(got, ids) {
			t.Fatalf("%d users after reopening, %v; want %d", len(got), err, many)
		}
	})
}

func TestCursorWhoseConnectionBreaks(t *testing.T) {
	t.Parallel()
	db, wire := connectThrough(t)
	ids := crowd(t, db, many)
	c := open(t.Context(), t, db, "")
	got := take(t.Context(), t, c, readBatch)
	wire.cut()
	if _, err := c.Next(t.Context()); !errors.Is(err, run.ErrCursorLost) {
		t.Fatalf("got %v, want ErrCursorLost", err)
	}
	rest, err := drain(t.Context(), open(t.Context(), t, db, got[len(got)-1]))
	if got = append(got, rest...); err != nil || !slices.Equal(got, ids) {
		t.Fatalf("%d users after reopening, %v; want %d", len(got), err, many)
	}
}

func TestReadFromAServerThatIsGone(t *testing.T) {
	t.Parallel()
	db, err := disconnected()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if _, err := NewUsers(db, directory{}).Read(t.Context(), fleetTenant, bson.D{}, nil, run.Span{}); !errors.Is(err, run.ErrCursorLost) {
		t.Fatalf("got %v, want ErrCursorLost", err)
	}
}

// disconnected opens a database that nobody serves, without the ping of Connect.
func disconnected() (*DB, error) {
	db := &DB{name: "gone"}
	return db, db.open(Options{URI: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50"})
}

func TestCancelEndsNextInABatch(t *testing.T) {
	t.Parallel()
	db, _ := connect(t)
	crowd(t, db, 10)
	ctx, cancel := context.WithCancelCause(t.Context())
	c := open(ctx, t, db, "")
	take(ctx, t, c, 3)
	why := errors.New("the admin cancelled")
	cancel(why)
	if _, err := c.Next(ctx); !errors.Is(err, why) {
		t.Fatalf("got %v, want the cause", err)
	}
}

func TestCancelEndsNextThatWaitsForTheServer(t *testing.T) {
	t.Parallel()
	db, wire := connectThrough(t)
	crowd(t, db, many)
	ctx, cancel := context.WithCancel(t.Context())
	c := open(ctx, t, db, "")
	take(ctx, t, c, readBatch)
	wire.hold()
	ended := make(chan error, 1)
	go func() {
		_, err := c.Next(ctx)
		ended <- err
	}()
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) || errors.Is(err, run.ErrCursorLost) {
			t.Fatalf("got %v, want the context's error", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Next did not end")
	}
}

func TestCloseFreesTheCursorAfterACancel(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		crowd(t, db, many)
		ctx, cancel := context.WithCancel(t.Context())
		c := open(ctx, t, db, "")
		take(ctx, t, c, 1)
		id := c.cursor.ID()
		if id == 0 || !lives(t, db, id) {
			t.Fatal("the server has no cursor while it is read")
		}
		cancel()
		for range 2 { // the second time does nothing
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if lives(t, db, id) {
			t.Fatal("the server still has the cursor")
		}
		if _, err := c.Next(t.Context()); err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("a closed cursor says %v", err)
		}
	})
}

func TestCloseDoesNotWaitForAServerThatHangs(t *testing.T) {
	t.Parallel()
	db, wire := connectThrough(t)
	crowd(t, db, many)
	c := open(t.Context(), t, db, "")
	take(t.Context(), t, c, 1)
	wire.hold()
	start := time.Now()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > closeTimeout+2*time.Second {
		t.Fatalf("took %s", d)
	}
}

// Segments that are cut by boundaries hold each user once, whatever they are cut from, matching or not.
func TestSegmentsHoldEachUserOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		const people = 100
		var documents []bson.D
		for i := range people {
			documents = append(documents, bson.D{
				{Key: "_id", Value: fmt.Sprintf("u%03d", i)}, {Key: "user_store_id", Value: fmt.Sprint("s", i%2)},
				{Key: "attributes", Value: bson.D{{Key: "x", Value: i % 10}}},
			})
		}
		insert(t, db, usersCollection, append(documents, bson.D{{Key: "_id", Value: int32(5)}}, bson.D{{Key: "_id", Value: ""}})...)
		if err := db.EnsureTenantIndexes(t.Context(), fleetTenant); err != nil {
			t.Fatal(err)
		}
		store := bson.D{{Key: "user_store_id", Value: "s1"}}
		rare := bson.D{{Key: "attributes.x", Value: 7}}
		u := NewUsers(db, directory{})
		for name, c := range map[string]struct {
			match bson.D
			users int // that match
			spans int // of seven users that are passed over
		}{
			"everyone":        {bson.D{}, people + 1, 15},
			"a rare value":    {rare, people / 10, 15},
			"one store":       {store, people / 2, 8},
			"one store, rare": {and(store, rare), people / 10, 8},
		} {
			var got []string
			spans := 0
			for after, more := "", true; more; spans++ {
				until, err := u.Boundary(t.Context(), fleetTenant, c.match, after, 7)
				if err != nil {
					t.Fatal(err)
				}
				cursor, err := u.Read(t.Context(), fleetTenant, c.match, nil, run.Span{After: after, Until: until})
				if err != nil {
					t.Fatal(err)
				}
				ids, err := drain(t.Context(), cursor)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, ids...)
				after, more = until, until != ""
			}
			if len(got) != c.users || !slices.IsSorted(got) || len(slices.Compact(got)) != c.users {
				t.Errorf("%s: %d users of %d: %q", name, len(got), c.users, got)
			}
			if spans != c.spans {
				t.Errorf("%s: %d spans, want %d", name, spans, c.spans)
			}
		}
	})
}
