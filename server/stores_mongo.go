package main

import (
	"context"
	"log/slog"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/transfer"
)

// openMongoDB opens all stores in MongoDB, and creates the missing indexes of the control database.
func (s *stores) openMongoDB(ctx context.Context, cfg *config.Config, key *audit.ChainKey, log *slog.Logger) error {
	db, err := mongo.Connect(ctx, mongo.Options{
		URI: cfg.MongoDBURI.Reveal(), UsersURI: cfg.UsersMongoDBURI.Reveal(), Database: cfg.MongoDBDatabase, Logger: log,
	})
	if err != nil {
		return mongoSettingError(err)
	}
	s.addMongoDB(db)
	if state, err := transfer.StateOf(ctx, mongo.NewTransfer(db)); err != nil {
		return mongoSettingError(err)
	} else if state == transfer.Incomplete {
		return errs.Invalid("EGRESS_MONGODB_URI", "The database %s has an incomplete copy of an embedded database. Run the same egress migrate again.", cfg.MongoDBDatabase)
	}
	admins := mongo.NewAdmins(db)
	s.controlStores = controlStores{
		jobs: mongo.NewJobs(db), admins: admins, auditLog: mongo.NewAuditLog(db, key), outbox: mongo.NewOutbox(db), peers: mongo.NewPeers(db),
		filters: mongo.NewSavedFilters(db), choices: mongo.NewPreferences(db),
	}
	if err := db.EnsureControlIndexes(ctx); err != nil {
		return mongoSettingError(err)
	}
	return mongoSettingError(admins.Upgrade(ctx))
}

// openUsersMongoDB opens the user stores in a MongoDB that has no control database.
func (s *stores) openUsersMongoDB(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	db, err := mongo.Connect(ctx, mongo.Options{URI: cfg.UsersMongoDBURI.Reveal(), Database: cfg.MongoDBDatabase, Logger: log})
	if err != nil {
		return settingError("EGRESS_USERS_MONGODB_URI", mongo.Outage(err))
	}
	s.addMongoDB(db)
	return nil
}

// addMongoDB adds a connection, and uses it for the user stores.
func (s *stores) addMongoDB(db *mongo.DB) {
	s.databases = append(s.databases, database{name: "mongodb", ping: db.Ping, close: db.Close})
	s.userStores = userStores{
		ensureTenant: db.EnsureTenantIndexes,
		directory:    mongo.NewDirectory(db), users: mongo.NewUsers(db), events: mongo.NewEvents(db), writer: mongo.NewUserWriter(db),
	}
}
