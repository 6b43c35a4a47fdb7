package sqlite

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"modernc.org/libc"
	libsqlite "modernc.org/sqlite/lib"
)

// pageCacheHighWater returns the most bytes that the page caches of all connections of this process
// have held since the last call. SQLite does not count the first 20 pages of each cache.
func pageCacheHighWater(t *testing.T) int64 {
	t.Helper()
	tls := libc.NewTLS()
	defer tls.Close()
	values := tls.Alloc(16)
	defer tls.Free(16)
	const reset = 1
	if rc := libsqlite.Xsqlite3_status64(tls, libsqlite.SQLITE_STATUS_PAGECACHE_OVERFLOW, values, values+8, reset); rc != libsqlite.SQLITE_OK {
		t.Fatalf("sqlite3_status64 returns %d", rc)
	}
	return libc.AtomicLoadPInt64(values + 8)
}

// writeLargeUsers writes n users of 4 kB.
func writeLargeUsers(t *testing.T, db *DB, n int) {
	t.Helper()
	w, filler := NewUserWriter(db), strings.Repeat("x", 4000)
	const batch = 1000
	if err := w.WriteManyUsers(t.Context(), "acme", func() error {
		for first := 0; first < n; first += batch {
			var docs []bson.Raw
			for i := first; i < first+batch; i++ {
				docs = append(docs, encode(t, bson.D{{Key: "_id", Value: fmt.Sprintf("u%06d", i)}, {Key: "filler", Value: filler}}))
			}
			if _, err := w.WriteUsers(t.Context(), "acme", docs); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestPageCachesDoNotGrowWithTheFile reads a file that is much larger than the caches of all its
// connections, after an import. It is not parallel: other tests have caches too.
func TestPageCachesDoNotGrowWithTheFile(t *testing.T) { //nolint:paralleltest // see above
	const users, readers = 10_000, 2
	db := open(t, t.TempDir())
	writeLargeUsers(t, db, users)
	s := openSnapshot(t, db, readers)
	pageCacheHighWater(t) // of the import
	for range readers {
		c, n := openCursor(t, s, ""), 0
		var err error
		for ; err == nil; n++ {
			_, err = c.Next(t.Context())
		}
		if !errors.Is(err, io.EOF) || n-1 != users {
			t.Fatalf("read %d users, %v", n-1, err)
		}
	}
	// Of the other connections two are the writers of the two files, and two may be idle.
	const limit = (readers + spareConnections + 4) * cacheSize << 10
	if held := pageCacheHighWater(t); held > limit {
		t.Errorf("the page caches held %d bytes, want at most %d", held, limit)
	}
}
