package sqlite

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
)

// version returns a user whose documents of one moment all have the same version.
func version(t *testing.T, n, version int) bson.Raw {
	t.Helper()
	doc, err := bson.Marshal(bson.D{{Key: "_id", Value: fmt.Sprintf("u%04d", n)}, {Key: "version", Value: int64(version)}})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// writeVersion replaces n users in one write.
func writeVersion(t *testing.T, db *DB, n, v int) {
	t.Helper()
	err := db.writeTenant(t.Context(), "acme", func(c *conn) error {
		for i := range n {
			if _, err := putUser(c, version(t, i, v)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func openSnapshot(t *testing.T, db *DB, readers int) pipeline.Snapshot {
	t.Helper()
	s, err := db.Snapshot(t.Context(), "acme", readers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openCursor(t *testing.T, s pipeline.Snapshot, after string) pipeline.Cursor {
	t.Helper()
	c, err := s.Users().Read(t.Context(), "acme", filter.Selection{}, nil, pipeline.IDRange{After: after})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func wantVersion(t *testing.T, c pipeline.Cursor, want int64) {
	t.Helper()
	doc, err := c.Next(t.Context())
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	if v := doc.Lookup("version").Int64(); v != want {
		t.Errorf("the cursor returns version %d, want %d", v, want)
	}
}

func TestSnapshotShowsOneMoment(t *testing.T) {
	db := open(t, t.TempDir())
	writeVersion(t, db, 10, 1)
	s := openSnapshot(t, db, 2)
	early := openCursor(t, s, "")
	wantVersion(t, early, 1)
	writeVersion(t, db, 20, 2)
	late := openCursor(t, s, "u0005")
	wantVersion(t, early, 1)
	wantVersion(t, late, 1)
	if n, err := s.Users().Count(t.Context(), "acme", filter.Selection{}); err != nil || n != 10 {
		t.Errorf("the snapshot counts %d, %v; want 10", n, err)
	}
	if n, err := NewUsers(db).Count(t.Context(), "acme", filter.Selection{}); err != nil || n != 20 {
		t.Errorf("outside of the snapshot: %d, %v; want 20", n, err)
	}
	if n := len(s.Moments()); n != 1 {
		t.Errorf("%d moments, want 1", n)
	}
}

// TestSnapshotMovesOnWhenTheLogIsLong wants the log short again, although a snapshot is open.
func TestSnapshotMovesOnWhenTheLogIsLong(t *testing.T) {
	db := open(t, t.TempDir())
	writeVersion(t, db, 10, 1)
	f := db.tenants["acme"]
	s := openSnapshot(t, db, 1)
	c := openCursor(t, s, "")
	wantVersion(t, c, 1)
	f.limits, f.nextMove = logLimits{1, 1}, 1
	writeVersion(t, db, 10, 2)
	if _, err := c.Next(t.Context()); !errors.Is(err, pipeline.ErrCursorLost) {
		t.Fatalf("Next of the earlier moment returns %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, openCursor(t, s, "u0000"), 2)
	if n := len(s.Moments()); n != 2 {
		t.Errorf("%d moments, want 2", n)
	}
	if info, err := os.Stat(f.path + "-wal"); err != nil || info.Size() > 0 {
		t.Errorf("the log has %d bytes, %v", info.Size(), err)
	}
}

// TestSnapshotsWhileWriting reads whole snapshots next to writes, of which every second one moves them
// on. Between two losses of its cursor, a reader sees one version.
func TestSnapshotsWhileWriting(t *testing.T) {
	const people, versions, readers = 40, 20, 3
	db := open(t, t.TempDir())
	writeVersion(t, db, people, 0)
	f := db.tenants["acme"]
	var others sync.WaitGroup
	done := make(chan struct{})
	for range 2 { // readers at any moment of a write
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					readSnapshot(t, db, people, func() {})
				}
			}
		})
	}
	for v := range int64(versions) {
		moves := v%2 == 1
		limit := int64(math.MaxInt64)
		if moves {
			limit = 1
		}
		var inside sync.WaitGroup
		inside.Add(readers)
		written, lost := make(chan struct{}), make(chan int, readers)
		for range readers {
			go func() {
				lost <- readSnapshot(t, db, people, func() {
					inside.Done()
					<-written
				})
			}()
		}
		inside.Wait()
		f.limits, f.nextMove = logLimits{limit, limit}, limit
		writeVersion(t, db, people, int(v)+1)
		close(written)
		for range readers {
			if n := <-lost; (n > 0) != moves || n > 1 {
				t.Errorf("version %d: the cursor was lost %d times", v+1, n)
			}
		}
	}
	close(done)
	others.Wait()
}

// readSnapshot reads a snapshot, and calls pause once before it has read all users. It returns how
// often the cursor was lost.
func readSnapshot(t *testing.T, db *DB, people int, pause func()) (lost int) {
	pause = sync.OnceFunc(pause)
	defer pause() // also after an error: others wait for it
	s, err := db.Snapshot(t.Context(), "acme", 1)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer s.Close()
	last, read, version, pauseAt := "", 0, int64(-1), 1+rand.IntN(people-1)
	for {
		c, err := s.Users().Read(t.Context(), "acme", filter.Selection{}, nil, pipeline.IDRange{After: last})
		if errors.Is(err, pipeline.ErrCursorLost) { // the snapshot moved on before the cursor was open
			lost, version = lost+1, -1
			continue
		}
		if err != nil {
			t.Error(err)
			return lost
		}
		for err == nil {
			var doc bson.Raw
			if doc, err = c.Next(t.Context()); err != nil {
				break
			}
			v := doc.Lookup("version").Int64()
			if version >= 0 && v != version {
				t.Errorf("versions %d and %d in one snapshot", version, v)
			}
			last, version = doc.Lookup("_id").StringValue(), v
			if read++; read == pauseAt {
				pause()
			}
		}
		if e := c.Close(); e != nil {
			t.Error(e)
		}
		if !errors.Is(err, pipeline.ErrCursorLost) {
			break
		}
		lost, version = lost+1, -1 // the next moment
	}
	if read != people {
		t.Errorf("read %d users, want %d", read, people)
	}
	return lost
}
