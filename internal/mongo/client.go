// Package mongo stores users, jobs and admins in MongoDB.
//
// A DB has one client for each cluster. Tests run on FerretDB too, which speaks MongoDB's protocol
// and is not atomic under concurrency. For them, [Options.SingleWriter] separates a write client
// with one connection, through which writes and all compare-and-set operations go, from a client for
// long reads.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/egress-io/egress/internal/errs"
)

const (
	appName = "egress"

	// selectionTimeout is how long an operation looks for a server before it fails. A replica set
	// needs that time to elect a primary.
	selectionTimeout = 10 * time.Second
	connectTimeout   = 10 * time.Second

	defaultDatabase = "egress"

	// The pool of one client to one server. A process uses at most 8 connections for heavy reads,
	// 12 for unpaged exports, 2 for snapshots of sockets, and one per segment reader of an export;
	// the rest serves short requests. The driver opens 2 connections at a time by default, which is
	// slow after a failover.
	maxPoolSize   = 100
	maxConnecting = 8
	maxIdleTime   = 10 * time.Minute // idle connections are closed, so that a peak does not hold them forever
)

// ErrUsersCluster marks errors of the users' cluster, if that is not the control cluster.
var ErrUsersCluster = errors.New("mongo: at the users' cluster")

// Options configure Connect.
type Options struct {
	URI          string // of the control database; its parameters override the defaults of this package
	UsersURI     string // of the tenants' databases; empty: URI
	Database     string // name of the control database, and prefix of the tenants' databases; empty: egress
	SingleWriter bool   // for tests only: URI is FerretDB, so send all writes through one connection
	Logger       *slog.Logger
}

// DB is the connection to the control database and to the tenants' databases. It is safe for
// concurrent use.
type DB struct {
	name    string
	clients []*driver.Client // without duplicates, to ping and close

	control      *driver.Client
	controlReads *driver.Client
	tenant       *driver.Client
	tenantReads  *driver.Client

	tenantReadPref *readpref.ReadPref // for long reads
	singleWriter   bool               // the tenants' databases are on FerretDB
	userWrites     *writeCounter
	logger         *slog.Logger
}

// Connect opens the clients and checks for each that the server answers and grants access. It
// creates nothing. An error of a server or a connection wraps an errs.OutageError; one of the
// users' cluster wraps ErrUsersCluster too.
func Connect(ctx context.Context, o Options) (*DB, error) {
	db := &DB{name: o.Database, logger: o.Logger, singleWriter: o.SingleWriter, userWrites: &writeCounter{}}
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
	if err := db.checkAccess(ctx); err != nil {
		return nil, errors.Join(err, db.Close(context.WithoutCancel(ctx)))
	}
	db.logger.DebugContext(ctx, "connected to MongoDB", "database", db.name, "clients", len(db.clients),
		"single_writer", o.SingleWriter)
	return db, nil
}

func (db *DB) open(o Options) (err error) {
	if db.control, db.controlReads, err = db.connectPair(o.URI, o.SingleWriter); err != nil {
		return fmt.Errorf("connect to the control database: %w", err)
	}
	db.tenant, db.tenantReads = db.control, db.controlReads
	usersURI := o.URI
	if o.UsersURI != "" && o.UsersURI != o.URI {
		usersURI = o.UsersURI
		// A separate cluster is never FerretDB.
		db.singleWriter = false
		if db.tenant, db.tenantReads, err = db.connectPair(usersURI, false); err != nil {
			return fmt.Errorf("connect to the users' cluster: %w", err)
		}
	}
	db.tenantReadPref = readPreference(usersURI)
	return nil
}

// connectPair opens a client for writes and one for reads. They are the same client unless
// singleWriter is set.
func (db *DB) connectPair(uri string, singleWriter bool) (writes, reads *driver.Client, err error) {
	if !singleWriter {
		writes, err = db.connectClient(clientOptions(uri))
		return writes, writes, err
	}
	if writes, err = db.connectClient(clientOptions(uri).SetMaxPoolSize(1)); err != nil {
		return nil, nil, err
	}
	reads, err = db.connectClient(clientOptions(uri))
	return writes, reads, err
}

func (db *DB) connectClient(o *options.ClientOptions) (*driver.Client, error) {
	c, err := driver.Connect(o)
	if err != nil {
		return nil, err
	}
	db.clients = append(db.clients, c)
	return c, nil
}

// clientOptions returns our defaults, overridden by the parameters of the URI. The URI cannot
// override the read and write concerns: an admission that a failover can undo would let two jobs
// run.
func clientOptions(uri string) *options.ClientOptions {
	return options.Client().
		SetAppName(appName).
		SetServerSelectionTimeout(selectionTimeout).
		SetConnectTimeout(connectTimeout).
		SetMaxPoolSize(maxPoolSize).
		SetMaxConnecting(maxConnecting).
		SetMaxConnIdleTime(maxIdleTime).
		ApplyURI(uri).
		SetReadConcern(readconcern.Majority()).
		SetWriteConcern(writeconcern.Majority())
}

// readPreference returns the read preference for exports: the URI's, else primary, because a
// secondary that lags lacks recent users.
func readPreference(uri string) *readpref.ReadPref {
	if p := clientOptions(uri).ReadPreference; p != nil {
		return p
	}
	return readpref.Primary()
}

// Close closes the connections. Cursors that are still open fail.
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

// checkAccess checks each client.
func (db *DB) checkAccess(ctx context.Context) error {
	for _, c := range db.clients {
		if err := checkClient(ctx, c, db.name); err != nil {
			if c == db.tenant && c != db.control {
				return fmt.Errorf("%w: %w", ErrUsersCluster, err)
			}
			return err
		}
	}
	return nil
}

// Ping pings the primary of each cluster.
func (db *DB) Ping(ctx context.Context) error {
	for _, c := range db.clients {
		if err := c.Ping(ctx, readpref.Primary()); err != nil {
			return fmt.Errorf("ping MongoDB: %w", Outage(err))
		}
	}
	return nil
}

// Control returns the control database of the write client, read from the primary: for admission,
// claims, sessions and all compare-and-set operations.
func (db *DB) Control() *driver.Database {
	return db.control.Database(db.name, options.Database().SetReadPreference(readpref.Primary()))
}

// ControlReads returns the control database for lists and polling. Never decide a write by its
// results.
func (db *DB) ControlReads() *driver.Database { return db.controlReads.Database(db.name) }

// Tenant returns a tenant's database for writes.
func (db *DB) Tenant(tenant string) *driver.Database {
	return db.tenant.Database(db.tenantDatabase(tenant), options.Database().SetReadPreference(readpref.Primary()))
}

// TenantReads returns a tenant's database for long reads. They use the primary unless the URI names
// another read preference.
func (db *DB) TenantReads(tenant string) *driver.Database {
	return db.tenantReads.Database(db.tenantDatabase(tenant), options.Database().SetReadPreference(db.tenantReadPref))
}

// tenantDatabase returns the name of a tenant's database. A tenant id has at most 39 characters of
// [a-z0-9-]; MongoDB accepts names of up to 63 bytes.
func (db *DB) tenantDatabase(tenant string) string { return db.name + "_t_" + tenant }

// checkClient checks that a cluster answers and that the user may list the collections of a
// database. MongoDB lets every client ping, so a ping alone proves no access. It lists collections,
// not databases, because FerretDB reads all files of all databases to list those.
func checkClient(ctx context.Context, c *driver.Client, database string) error {
	if err := c.Ping(ctx, readpref.Primary()); err != nil {
		return fmt.Errorf("ping MongoDB: %w", Outage(err))
	}
	_, err := c.Database(database).ListCollectionNames(ctx, bson.D{}, options.ListCollections().SetAuthorizedCollections(true).SetNameOnly(true))
	if o, ok := errors.AsType[*errs.OutageError](Outage(err)); ok && o.Kind.Permanent() {
		return fmt.Errorf("list the collections of MongoDB: %w", o)
	}
	return nil // an engine may not know this command
}
