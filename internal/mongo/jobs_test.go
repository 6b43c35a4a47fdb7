package mongo

import (
	"context"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
)

func TestJobs(t *testing.T) {
	t.Parallel()
	t.Run("on FerretDB", func(t *testing.T) {
		t.Parallel()
		jobstest.TestStore(t, func(t *testing.T) jobs.Store {
			db, ctx := connect(t)
			return newTestJobs(t, ctx, db)
		})
	})
	uri := embeddedtest.MongoDBServer()
	if uri == "" {
		return
	}
	t.Run("on MongoDB", func(t *testing.T) {
		t.Parallel()
		jobstest.TestStore(t, func(t *testing.T) jobs.Store {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			t.Cleanup(cancel)
			db, err := Connect(ctx, Options{URI: uri, Database: embeddedtest.Database(t), Logger: testLogger(t)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := db.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
			return newTestJobs(t, ctx, db)
		})
	})
}

func newTestJobs(t *testing.T, ctx context.Context, db *DB) Jobs {
	t.Helper()
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	return NewJobs(db)
}
