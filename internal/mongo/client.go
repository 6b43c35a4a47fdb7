// Package mongo keeps users, jobs and admins in MongoDB, or in the embedded engine that speaks its protocol.
//
// There are up to three clients. Writes and every compare-and-set go through a write client; long reads go through a
// read client, so that an export never waits behind a save, nor a save behind an export. The embedded engine (FerretDB on
// SQLite) is not atomic under concurrency: with [Options.SingleWriter] its write client has one connection, which makes
// it so. A real MongoDB needs no such care, and one client serves both.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

const (
	appName = "egress"

	// selectionTimeout is how long an operation looks for a server before it fails: the time that a replica set
	// needs for an election.
	selectionTimeout = 10 * time.Second
	connectTimeout   = 10 * time.Second

	defaultDatabase = "egress"
)

// Options configure Connect.
type Options struct {
	URI          string // where the control database is; what it says overrides the defaults set here
	UsersURI     string // where the tenants' databases are; empty: at URI
	Database     string // name of the control database, and the prefix of the tenants'; empty: egress
	SingleWriter bool   // what is at URI is the embedded engine: send all writes through one connection
	Logger       *slog.Logger
}

// DB is the control database and those of the tenants. It is safe for concurrent use.
type DB struct {
	name    string
	clients []*driver.Client // each once, to be pinged and closed

	control      *driver.Client
	controlReads *driver.Client
	tenant       *driver.Client
	tenantReads  *driver.Client

	tenantPreference *readpref.ReadPref // of long reads
	logger           *slog.Logger
}

// Connect opens the clients and pings each. It creates nothing.
func Connect(ctx context.Context, o Options) (*DB, error) {
	db := &DB{name: o.Database, logger: o.Logger}
	if db.name == "" {
		db.name = defaultDatabase
	}
	if db.logger == nil {
		db.logger = slog.New(slog.DiscardHandler)
	}
	db.logger = db.logger.With("component", "mongo")

	if err := db.open(o); err != nil {
		return nil, errors.Join(err, db.Close(context.WithoutCancel(ctx)))
	}
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(err, db.Close(context.WithoutCancel(ctx)))
	}
	db.logger.DebugContext(ctx, "connected to MongoDB", "database", db.name, "clients", len(db.clients),
		"single_writer", o.SingleWriter)
	return db, nil
}

func (db *DB) open(o Options) (err error) {
	if db.control, db.controlReads, err = db.pair(o.URI, o.SingleWriter); err != nil {
		return fmt.Errorf("connect to the control database: %w", err)
	}
	db.tenant, db.tenantReads = db.control, db.controlReads
	usersURI := o.URI
	if o.UsersURI != "" && o.UsersURI != o.URI {
		usersURI = o.UsersURI
		// A cluster of its own is never the embedded engine.
		if db.tenant, db.tenantReads, err = db.pair(usersURI, false); err != nil {
			return fmt.Errorf("connect to the users' cluster: %w", err)
		}
	}
	db.tenantPreference = readPreference(usersURI)
	return nil
}

// pair opens a client for writes and one for reads. They are the same client unless singleWriter asks for two.
func (db *DB) pair(uri string, singleWriter bool) (writes, reads *driver.Client, err error) {
	if !singleWriter {
		writes, err = db.client(clientOptions(uri))
		return writes, writes, err
	}
	if writes, err = db.client(clientOptions(uri).SetMaxPoolSize(1)); err != nil {
		return nil, nil, err
	}
	reads, err = db.client(clientOptions(uri))
	return writes, reads, err
}

func (db *DB) client(o *options.ClientOptions) (*driver.Client, error) {
	c, err := driver.Connect(o)
	if err != nil {
		return nil, err
	}
	db.clients = append(db.clients, c)
	return c, nil
}

// clientOptions sets our defaults first, so that whatever the URI says wins over them; but concerns are not a choice:
// an admission that a failover can undo would let two jobs run.
func clientOptions(uri string) *options.ClientOptions {
	return options.Client().
		SetAppName(appName).
		SetServerSelectionTimeout(selectionTimeout).
		SetConnectTimeout(connectTimeout).
		ApplyURI(uri).
		SetReadConcern(readconcern.Majority()).
		SetWriteConcern(writeconcern.Majority())
}

// readPreference is where exports read: from the primary, since a secondary that lags lacks users whom everyone can see,
// unless the URI names a preference of its own.
func readPreference(uri string) *readpref.ReadPref {
	if p := clientOptions(uri).ReadPreference; p != nil {
		return p
	}
	return readpref.Primary()
}

// Close ends the connections. Cursors that are still open fail.
func (db *DB) Close(ctx context.Context) error {
	var errs []error
	for _, c := range db.clients {
		errs = append(errs, c.Disconnect(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("disconnect from MongoDB: %w", err)
	}
	return nil
}

// Ping asks the primary of every cluster whether it answers.
func (db *DB) Ping(ctx context.Context) error {
	for _, c := range db.clients {
		if err := c.Ping(ctx, readpref.Primary()); err != nil {
			return fmt.Errorf("ping MongoDB: %w", err)
		}
	}
	return nil
}

// Control is the control database through the write client, read from the primary: for admission, claims, sessions and
// every compare-and-set.
func (db *DB) Control() *driver.Database {
	return db.control.Database(db.name, options.Database().SetReadPreference(readpref.Primary()))
}

// ControlReads is the control database for listings and polling. Never decide a write by what it returned.
func (db *DB) ControlReads() *driver.Database { return db.controlReads.Database(db.name) }

// Tenant is a tenant's database, for writes.
func (db *DB) Tenant(tenant string) *driver.Database {
	return db.tenant.Database(db.tenantName(tenant), options.Database().SetReadPreference(readpref.Primary()))
}

// TenantReads is a tenant's database for long reads. It prefers secondaries unless the URI says otherwise.
func (db *DB) TenantReads(tenant string) *driver.Database {
	return db.tenantReads.Database(db.tenantName(tenant), options.Database().SetReadPreference(db.tenantPreference))
}

// tenantName is the name of a tenant's database. A tenant's id has at most 39 characters of [a-z0-9-], and MongoDB takes
// 63 bytes.
func (db *DB) tenantName(tenant string) string { return db.name + "_t_" + tenant }
