package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/api"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/flags"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/mail"
	"github.com/egress-io/egress/internal/peers"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/preferences"
	"github.com/egress-io/egress/internal/savedfilters"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/seed"
)

// stores are what the commands read and write in databases. Each is created once per process.
type stores struct {
	databases []database
	controlStores
	userStores
}

// database is an open database.
type database struct {
	name  string // of its check in /readyz
	ping  func(ctx context.Context) error
	close func(ctx context.Context) error
}

// controlStores keep what belongs to no tenant's users: jobs, admins and records.
type controlStores struct {
	jobs     jobs.Store
	admins   adminStore
	auditLog auditLog
	outbox   outbox
	filters  savedfilters.Store
	choices  preferences.Store
	peers    peers.Store // nil: no other process can use the database
}

// userStores keep the tenants' users.
type userStores struct {
	// ensureTenant creates what a tenant's database lacks. It may run at every start.
	ensureTenant func(ctx context.Context, tenant string) error

	directory tenantDirectory
	users     browse.Source
	events    pipeline.Documents
	snapshots pipeline.Snapshots // nil: the database has none
	writer    userWriter
}

// adminStore stores admins and what belongs to them, and the tenants.
type adminStore interface {
	auth.Store
	auth.KeyStore
	auth.FactorStore
	api.Settings
	flags.Records
	// InsertTenant adds a tenant, or returns auth.ErrDuplicate.
	InsertTenant(ctx context.Context, t auth.Tenant) error
	// Retention returns how long a tenant's files are kept, 0 for the default.
	Retention(ctx context.Context, tenant string) (time.Duration, error)
}

// auditLog is an audit log whose chains can be verified.
type auditLog interface {
	audit.Log
	// Tenants returns the tenants that have a chain; "" is the chain of records without a tenant.
	Tenants(ctx context.Context) ([]string, error)
	// Verify checks the chain of a tenant. It must contain the record of expect, unless that is nil.
	Verify(ctx context.Context, tenant string, expect *audit.Anchor) (audit.Report, error)
}

// outbox keeps e-mails instead of sending them.
type outbox interface {
	mail.Outbox
	api.Outbox
}

// userWriter writes the tenants' users and what they refer to.
type userWriter interface {
	seed.Writer
	userEditor
	textFolder
	// Scan rebuilds the registry and the folded text from a tenant's users. It calls progress with
	// the number of users scanned.
	Scan(ctx context.Context, tenant string, progress func(scanned int64)) (users.ScanResult, error)
}

// userEditor makes the changes of api.Records.
type userEditor interface {
	api.UserChanges
	api.AccountChanges

	DeleteField(ctx context.Context, tenant, slug string) (bool, error)
}

// textFolder stores the folded text that filters compare.
type textFolder interface {
	// PrepareFolding marks a tenant without users as folded. For other tenants it does nothing.
	PrepareFolding(ctx context.Context, tenant string) error
	// RunFolding folds the text of the tenants that an earlier version has not folded. It blocks
	// until it is done or ctx is done.
	RunFolding(ctx context.Context, tenants func(context.Context) ([]string, error), logger *slog.Logger)
}

// tenantDirectory reads a tenant's data other than users.
type tenantDirectory interface {
	api.Directory
	AccountsByID(ctx context.Context, tenant string, ids []string) (map[string]users.Account, error)
}

// records reads and changes users for programs.
type records struct {
	*browse.Users
	userWriter
}

// openStores opens the databases of the configuration. dir is the directory of the SQLite files, ""
// if the control database is in MongoDB. On an error it closes what it opened. An error of a setting
// names its variable.
func openStores(ctx context.Context, cfg *config.Config, dir string, log *slog.Logger) (*stores, error) {
	key, err := chainKey(cfg)
	if err != nil {
		return nil, err
	}
	s := &stores{}
	switch {
	case dir == "":
		err = s.openMongoDB(ctx, cfg, key, log)
	default:
		err = s.openSQLite(ctx, cfg, dir, key, log)
		if err == nil && cfg.UsersMongoDBURI != "" {
			err = s.openUsersMongoDB(ctx, cfg, log)
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// chainKey returns the key that chains the records of the audit log.
func chainKey(cfg *config.Config) (*audit.ChainKey, error) {
	secret, err := secretKey(cfg)
	if err != nil {
		return nil, err
	}
	return audit.NewChainKey(secret)
}

// close closes the databases, the last one first.
func (s *stores) close(ctx context.Context) error {
	var errs []error
	for _, d := range slices.Backward(s.databases) {
		errs = append(errs, d.close(ctx))
	}
	return errors.Join(errs...)
}
