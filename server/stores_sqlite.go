package main

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/ferretdb"
	"github.com/egress-io/egress/internal/sqlite"
)

// openSQLite opens all stores in the SQLite files of a directory, which only this process may use.
// It copies the database of an earlier version into them first.
func (s *stores) openSQLite(ctx context.Context, cfg *config.Config, dir string, key *audit.ChainKey, log *slog.Logger) error {
	db, err := sqlite.Open(ctx, sqlite.Options{Dir: dir, Logger: log})
	if err != nil {
		return settingError("EGRESS_DATA_DIR", err)
	}
	s.databases = append(s.databases, database{name: "database", ping: db.Ping, close: func(context.Context) error { return db.Close() }})
	if err := ferretdb.Upgrade(ctx, ferretdb.UpgradeOptions{
		DataDir: filepath.Dir(dir), Database: cfg.MongoDBDatabase, Target: sqlite.NewTransfer(db), Logger: log,
	}); err != nil {
		return err
	}
	s.controlStores = controlStores{
		jobs: sqlite.NewJobs(db), admins: sqlite.NewAdmins(db), auditLog: sqlite.NewAuditLog(db, key), outbox: sqlite.NewOutbox(db),
		filters: sqlite.NewSavedFilters(db), choices: sqlite.NewPreferences(db),
	}
	s.userStores = userStores{
		ensureTenant: func(ctx context.Context, tenant string) error {
			return settingError("EGRESS_DATA_DIR", db.EnsureTenant(ctx, tenant))
		},
		directory: sqlite.NewDirectory(db), users: sqlite.NewUsers(db), events: sqlite.NewEvents(db), snapshots: db, writer: sqlite.NewUserWriter(db),
	}
	return nil
}
