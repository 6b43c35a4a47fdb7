// Package storetest opens the stores on which the suites of the other packages run: SQLite, or the
// MongoDB that embeddedtest.MongoDBVariable names. A suite does not know which of them it runs on.
package storetest

import (
	"context"
	"sync"
	"testing"

	"github.com/egress-io/egress/internal/audit/audittest"
	"github.com/egress-io/egress/internal/auth/authtest"
	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/mail"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/users/userstest"
)

// Stores are the stores of an empty database.
type Stores struct {
	Jobs     jobs.Store
	Admins   authtest.Store
	AuditLog audittest.Log // with the key of audittest.Key
	Outbox   mail.Outbox

	Directory userstest.Directory
	Users     browse.Source
	Events    pipeline.Documents
	Snapshots pipeline.Snapshots // nil: the database has none
	Writer    userstest.Writer

	// EnsureTenant creates what a tenant's database lacks.
	EnsureTenant func(ctx context.Context, tenant string) error
	// Close closes the database, which otherwise happens when the test ends. A second call does
	// nothing.
	Close func() error
}

// Open opens the stores of an empty database. They are closed, and the database is deleted, when t
// ends.
func Open(t testing.TB) *Stores {
	t.Helper()
	s := &Stores{}
	if uri := embeddedtest.MongoDBServer(); uri != "" {
		s.openMongoDB(t, uri)
	} else {
		s.openSQLite(t)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return s
}

func (s *Stores) openSQLite(t testing.TB) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	*s = Stores{
		Jobs: sqlite.NewJobs(db), Admins: sqlite.NewAdmins(db), AuditLog: sqlite.NewAuditLog(db, audittest.Key(t)), Outbox: sqlite.NewOutbox(db),
		Directory: sqlite.NewDirectory(db), Users: sqlite.NewUsers(db), Events: sqlite.NewEvents(db), Snapshots: db, Writer: sqlite.NewUserWriter(db),
		EnsureTenant: db.EnsureTenant, Close: sync.OnceValue(db.Close),
	}
}

func (s *Stores) openMongoDB(t testing.TB, uri string) {
	t.Helper()
	ctx := t.Context()
	db, err := mongo.Connect(ctx, mongo.Options{URI: uri, Database: embeddedtest.Database(t)})
	if err != nil {
		t.Fatalf("connect to MongoDB: %v", err)
	}
	*s = Stores{
		Jobs: mongo.NewJobs(db), Admins: mongo.NewAdmins(db), AuditLog: mongo.NewAuditLog(db, audittest.Key(t)), Outbox: mongo.NewOutbox(db),
		Directory: mongo.NewDirectory(db), Users: mongo.NewUsers(db), Events: mongo.NewEvents(db), Writer: mongo.NewUserWriter(db),
		EnsureTenant: db.EnsureTenantIndexes, Close: sync.OnceValue(func() error { return db.Close(context.WithoutCancel(ctx)) }),
	}
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Errorf("create the indexes: %v", err)
	}
}
