package main

import (
	"context"
	"errors"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/mongo"
)

// openMongoStores connects to MongoDB and creates the missing indexes of the control database. On an
// error it closes the connections. An error of a setting names the variable of its URI.
func openMongoStores(ctx context.Context, o mongo.Options, key *audit.ChainKey) (_ *stores, err error) {
	db, err := mongo.Connect(ctx, o)
	if err != nil {
		return nil, mongoSettingError(err)
	}
	s := &stores{mongoControlStores(db, key), mongoUserStores(db)}
	if o.SingleWriter {
		s.peers = nil
	}
	err = db.EnsureControlIndexes(ctx)
	if err == nil {
		err = mongo.NewAdmins(db).Upgrade(ctx)
	}
	if err != nil {
		return nil, errors.Join(mongoSettingError(err), s.close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func mongoControlStores(db *mongo.DB, key *audit.ChainKey) controlStores {
	return controlStores{
		control: db, jobs: mongo.NewJobs(db), admins: mongo.NewAdmins(db), auditLog: mongo.NewAuditLog(db, key),
		outbox: mongo.NewOutbox(db), peers: mongo.NewPeers(db),
	}
}

func mongoUserStores(db *mongo.DB) userStores {
	directory := mongo.NewDirectory(db)
	return userStores{
		tenants: db, ensureTenant: db.EnsureTenantIndexes,
		directory: directory, users: mongo.NewUsers(db), events: mongo.NewEvents(db), writer: mongo.NewUserWriter(db),
	}
}
