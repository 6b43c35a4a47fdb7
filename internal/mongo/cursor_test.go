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

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
)

const cursorNotFound = 43

// manyUsers is more users than one reply holds.
const manyUsers = readBatch + 500

// insertUsers inserts n users with ascending ids, and returns the ids.
func insertUsers(t *testing.T, db *DB, n int) []string {
	t.Helper()
	ids := make([]string, n)
	documents := make([]bson.D, n)
	for i := range n {
		ids[i] = fmt.Sprintf("u%06d", i)
		documents[n-1-i] = bson.D{{Key: "_id", Value: ids[i]}} // inserted in another order than read
	}
	insert(t, db, usersCollection, documents...)
	return ids
}

// openCursor opens a cursor over all users after an id.
func openCursor(ctx context.Context, t *testing.T, db *DB, after string) *documentCursor {
	t.Helper()
	c, err := newReader(db, fakeDirectory{}).Read(ctx, testTenant, filter.Selection{}, nil, pipeline.IDRange{After: after})
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

// readIDs reads the ids of the next n users.
func readIDs(ctx context.Context, t *testing.T, c *documentCursor, n int) (ids []string) {
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

// cursorExists reports whether the server has the cursor. ctx must carry the session of the cursor,
// because MongoDB rejects any other.
func cursorExists(ctx context.Context, t *testing.T, db *DB, id int64) bool {
	t.Helper()
	err := db.TenantReads(testTenant).RunCommand(ctx, bson.D{
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
		ids := insertUsers(t, db, manyUsers)
		for _, c := range []struct {
			after string
			from  int
		}{{"", 0}, {ids[0], 1}, {ids[readBatch], readBatch + 1}, {ids[manyUsers-1], manyUsers}, {"t", 0}, {"v", manyUsers}} {
			cursor := openCursor(t.Context(), t, db, c.after)
			got, err := readAllIDs(t.Context(), cursor)
			if err != nil || !slices.Equal(got, ids[c.from:]) {
				t.Errorf("after %q: %d users, %v; want %d", c.after, len(got), err, manyUsers-c.from)
			}
			if _, err := cursor.Next(t.Context()); !errors.Is(err, io.EOF) {
				t.Errorf("after %q: after the end: %v", c.after, err)
			}
		}
	})
}

func TestReadStartsWithEmptyID(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	insert(t, db, usersCollection, bson.D{{Key: "_id", Value: "b"}}, bson.D{{Key: "_id", Value: ""}}, bson.D{{Key: "_id", Value: int32(5)}})
	got, err := readAllIDs(ctx, openCursor(ctx, t, db, ""))
	if err != nil || !slices.Equal(got, []string{"", "b"}) {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestReadAppliesProjection(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	insert(t, db, usersCollection, bson.D{{Key: "_id", Value: "a"}, {Key: "attributes", Value: bson.D{{Key: "x", Value: 1}}}, {Key: "grants", Value: bson.A{}}})
	c, err := newReader(db, fakeDirectory{}).Read(ctx, testTenant, filter.Selection{Where: filter.Equal{Path: "attributes.x", Value: int64(1)}}, bson.D{{Key: "attributes", Value: 1}}, pipeline.IDRange{})
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

func TestKilledCursorIsLost(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		ids := insertUsers(t, db, manyUsers)
		c := openCursor(ctx, t, db, "")
		got := readIDs(ctx, t, c, 10)
		err := db.TenantReads(testTenant).RunCommand(ctx, bson.D{
			{Key: "killCursors", Value: usersCollection}, {Key: "cursors", Value: bson.A{c.cursor.ID()}},
		}).Err()
		if err != nil {
			t.Fatal(err)
		}
		rest, err := readAllIDs(ctx, c)
		got = append(got, rest...)
		if !errors.Is(err, pipeline.ErrCursorLost) {
			t.Fatalf("got %v after %d users, want ErrCursorLost", err, len(got))
		}
		rest, err = readAllIDs(ctx, openCursor(ctx, t, db, got[len(got)-1]))
		if got = append(got, rest...); err != nil || !slices.Equal(got, ids) {
			t.Fatalf("%d users after reopening, %v; want %d", len(got), err, manyUsers)
		}
	})
}

func TestCursorIsLostWhenConnectionBreaks(t *testing.T) {
	t.Parallel()
	db, wire := connectViaProxy(t)
	ids := insertUsers(t, db, manyUsers)
	c := openCursor(t.Context(), t, db, "")
	got := readIDs(t.Context(), t, c, readBatch)
	wire.cut()
	if _, err := c.Next(t.Context()); !errors.Is(err, pipeline.ErrCursorLost) {
		t.Fatalf("got %v, want ErrCursorLost", err)
	}
	rest, err := readAllIDs(t.Context(), openCursor(t.Context(), t, db, got[len(got)-1]))
	if got = append(got, rest...); err != nil || !slices.Equal(got, ids) {
		t.Fatalf("%d users after reopening, %v; want %d", len(got), err, manyUsers)
	}
}

func TestReadFromUnreachableServer(t *testing.T) {
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
	if _, err := newReader(db, fakeDirectory{}).Read(t.Context(), testTenant, filter.Selection{}, nil, pipeline.IDRange{}); !errors.Is(err, pipeline.ErrCursorLost) {
		t.Fatalf("got %v, want ErrCursorLost", err)
	}
}

// disconnected returns a database without a server, skipping the ping of Connect.
func disconnected() (*DB, error) {
	db := &DB{name: "gone"}
	return db, db.open(Options{URI: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50"})
}

func TestCancelEndsNextWithinBatch(t *testing.T) {
	t.Parallel()
	db, _ := connect(t)
	insertUsers(t, db, 10)
	ctx, cancel := context.WithCancelCause(t.Context())
	c := openCursor(ctx, t, db, "")
	readIDs(ctx, t, c, 3)
	why := errors.New("the admin cancelled")
	cancel(why)
	if _, err := c.Next(ctx); !errors.Is(err, why) {
		t.Fatalf("got %v, want the cause", err)
	}
}

func TestCancelEndsNextWaitingForServer(t *testing.T) {
	t.Parallel()
	db, wire := connectViaProxy(t)
	insertUsers(t, db, manyUsers)
	ctx, cancel := context.WithCancel(t.Context())
	c := openCursor(ctx, t, db, "")
	readIDs(ctx, t, c, readBatch)
	wire.hold()
	ended := make(chan error, 1)
	go func() {
		_, err := c.Next(ctx)
		ended <- err
	}()
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) || errors.Is(err, pipeline.ErrCursorLost) {
			t.Fatalf("got %v, want the context's error", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("Next did not end")
	}
}

func TestCloseFreesTheCursorAfterACancel(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		insertUsers(t, db, manyUsers)
		session, err := db.tenantReads.StartSession()
		if err != nil {
			t.Fatal(err)
		}
		defer session.EndSession(context.WithoutCancel(t.Context()))
		inSession := driver.NewSessionContext(t.Context(), session)
		ctx, cancel := context.WithCancel(inSession)
		c := openCursor(ctx, t, db, "")
		readIDs(ctx, t, c, 1)
		id := c.cursor.ID()
		if id == 0 || !cursorExists(inSession, t, db, id) {
			t.Fatal("the server has no cursor while it is read")
		}
		cancel()
		for range 2 { // the second time does nothing
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if cursorExists(inSession, t, db, id) {
			t.Fatal("the server still has the cursor")
		}
		if _, err := c.Next(t.Context()); err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("a closed cursor says %v", err)
		}
	})
}

func TestCloseDoesNotWaitForHangingServer(t *testing.T) {
	t.Parallel()
	db, wire := connectViaProxy(t)
	insertUsers(t, db, manyUsers)
	c := openCursor(t.Context(), t, db, "")
	readIDs(t.Context(), t, c, 1)
	wire.hold()
	start := time.Now()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > closeTimeout+30*time.Second {
		t.Fatalf("took %s", d)
	}
}

// Segments cut by SegmentEnd contain each user once, for any condition and any start.
func TestSegmentsContainEachUserOnce(t *testing.T) {
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
		rare := filter.Equal{Path: "attributes.x", Value: int64(7)}
		u := newReader(db, fakeDirectory{})
		for name, c := range map[string]struct {
			selection filter.Selection
			users     int // users that match
			spans     int // spans of seven index keys each
		}{
			"everyone":        {filter.Selection{}, people + 1, 15},
			"a rare value":    {filter.Selection{Where: rare}, people / 10, 15},
			"one store":       {filter.Selection{Store: "s1"}, people / 2, 8},
			"one store, rare": {filter.Selection{Store: "s1", Where: rare}, people / 10, 8},
		} {
			var got []string
			spans := 0
			for after, more := "", true; more; spans++ {
				until, err := u.SegmentEnd(t.Context(), testTenant, c.selection, after, 7)
				if err != nil {
					t.Fatal(err)
				}
				cursor, err := u.Read(t.Context(), testTenant, c.selection, nil, pipeline.IDRange{After: after, Until: until})
				if err != nil {
					t.Fatal(err)
				}
				ids, err := readAllIDs(t.Context(), cursor)
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
