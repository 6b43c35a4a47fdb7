package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/transfer"
)

type migrateCmd struct {
	To config.Secret `required:"" placeholder:"URI" help:"URI of the MongoDB to copy to."`
}

// Run copies the embedded database to MongoDB, verifies the copy, and prints what to set. It changes
// nothing in the data directory. If it ends early, another run resumes it.
func (cmd *migrateCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	if err := cmd.validate(cfg); err != nil {
		return err
	}
	log := newLogger(cfg, term.err)
	stack, err := embedded.Start(ctx, embedded.Options{Dir: cfg.DataDir, Database: true, Logger: log}) // locks the directory
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stack.Close()) }()
	source, err := sqlite.Open(ctx, sqlite.Options{Dir: stack.DatabaseDir(), Logger: log})
	if err != nil {
		return settingError("EGRESS_DATA_DIR", err)
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := mongo.Connect(ctx, mongo.Options{
		URI: cmd.To.Reveal(), UsersURI: cfg.UsersMongoDBURI.Reveal(), Database: cfg.MongoDBDatabase, Logger: log,
	})
	if err != nil {
		return cmd.connectError(err)
	}
	defer func() { err = errors.Join(err, target.Close(context.WithoutCancel(ctx))) }()

	bar := newProgressBar(term, "Copying documents", -1)
	result, err := transfer.Copy(ctx, migrationSource(cfg, source), mongo.NewTransfer(target), transfer.Options{
		Source: "the data directory " + cfg.DataDir, Progress: func(p transfer.Progress) { bar.setOf(p.Done, p.Total) },
	})
	bar.finish()
	if err != nil {
		return cmd.copyError(ctx, cfg, err)
	}
	cmd.printNextSteps(term, cfg, result)
	return nil
}

// migrationSource returns what to copy. With a cluster for the users, the tenants' databases are
// there already.
func migrationSource(cfg *config.Config, db *sqlite.DB) transfer.Source {
	all := sqlite.NewTransfer(db)
	if cfg.UsersMongoDBURI == "" {
		return all
	}
	return controlSource{all}
}

// controlSource is a source without the tenants' databases.
type controlSource struct{ transfer.Source }

// Tenants implements transfer.Source.
func (controlSource) Tenants(context.Context) ([]string, error) { return nil, nil }

func (cmd *migrateCmd) validate(cfg *config.Config) error {
	if uri := cmd.To.Reveal(); !strings.HasPrefix(uri, "mongodb://") && !strings.HasPrefix(uri, "mongodb+srv://") {
		return errs.Invalid("--to", "must begin with mongodb:// or mongodb+srv://")
	}
	if cfg.MongoDBURI != "" {
		return errs.Invalid("EGRESS_MONGODB_URI", "must not be set: the command copies the embedded database")
	}
	_, err := os.Stat(filepath.Join(embedded.DatabaseDir(cfg.DataDir), "control.db"))
	if errors.Is(err, fs.ErrNotExist) {
		return errs.Invalid("EGRESS_DATA_DIR", "has no database. If an earlier version wrote it, start this version once.")
	}
	return err
}

func (cmd *migrateCmd) connectError(err error) error {
	if errors.Is(err, mongo.ErrUsersCluster) {
		return mongoSettingError(err)
	}
	return settingError("--to", mongo.Outage(err))
}

// copyError says what to do about a copy that was refused or ended early.
func (cmd *migrateCmd) copyError(ctx context.Context, cfg *config.Config, err error) error {
	databases := fmt.Sprintf("the databases %s and %s_t_<tenant>", cfg.MongoDBDatabase, cfg.MongoDBDatabase)
	switch {
	case errors.Is(err, transfer.ErrInUse):
		return errs.Invalid("--to", "%v. Nothing was written. Set EGRESS_MONGODB_DATABASE to another name, or drop %s.", err, databases)
	case ctx.Err() != nil:
		return fmt.Errorf("the copy is incomplete; run the command again to resume it: %w", err)
	default:
		return fmt.Errorf("the copy is incomplete; run the command again to resume it. If Egress has used the data directory since the copy began, first drop %s: %w", databases, err)
	}
}

// printNextSteps prints what to set, without secrets.
func (cmd *migrateCmd) printNextSteps(term terminal, cfg *config.Config, r transfer.Result) {
	key := "the content of " + filepath.Join(cfg.DataDir, "secret-key")
	if cfg.SecretKey != "" {
		key = "the same as now"
	}
	files := ""
	if cfg.EmbeddedServices().S3 {
		files = fmt.Sprintf(`
The files of exports stay in %s, in the embedded file storage: keep EGRESS_DATA_DIR.
`, cfg.DataDir)
	}
	fmt.Fprintf(term.out, `MongoDB holds %d documents, with the users of %d tenants. Their numbers and SHA-256 are those of the
data directory.

Set these variables, leave the others as they are, then start Egress:
  EGRESS_MONGODB_URI       the URI of --to
  EGRESS_MONGODB_DATABASE  %s
  EGRESS_SECRET_KEY        %s

The secret key must be the same as before: it encrypts the secrets of key pairs and authenticator
apps, and the audit log is verified with it.
%s
The data directory still has the database as it was. Without EGRESS_MONGODB_URI, Egress would use it.
`, r.Documents, r.Tenants, cfg.MongoDBDatabase, key, files)
}
