package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/sqlite"
)

const secretKeyFile = "secret-key"

type backupCmd struct {
	File string `arg:"" type:"path" help:"The archive to write, for example egress-backup.tar.zst. It must not exist."`
}

// Help is shown with --help.
func (*backupCmd) Help() string {
	return `Works while Egress runs. The archive contains the database and the secret key in the data directory,
without which key pairs and authenticator apps stop working: it is a secret. It does not contain the
files of exports, or a key from EGRESS_SECRET_KEY.`
}

// Run writes the archive. It does not lock the data directory, which a server may use meanwhile.
func (cmd *backupCmd) Run(ctx context.Context, cfg *config.Config, term terminal) error {
	o, err := backupOptions(cfg)
	if err != nil {
		return err
	}
	bar := newProgressBar(term, "Backing up", -1, progressbar.OptionShowBytes(true))
	o.Progress = func(done, _ int64) { bar.set(done) }
	m, err := sqlite.Backup(ctx, cmd.File, o)
	bar.finish()
	switch {
	case errors.Is(err, fs.ErrExist):
		return errs.Invalid("FILE", "%s exists already", cmd.File)
	case errors.Is(err, sqlite.ErrNoDatabase):
		return errs.Invalid("EGRESS_DATA_DIR", "%s has no database", cfg.DataDir)
	case err != nil:
		return settingError("EGRESS_DATA_DIR", err)
	}
	fmt.Fprintf(term.out, "%s: the database of %s, as of %s.\n", cmd.File,
		export.Pluralize(int64(m.Databases()-1), "tenant", "tenants"), export.NewTime(m.Created))
	if m.Has(secretKeyFile) {
		fmt.Fprintln(term.out, "It contains the secret key: keep it as safe as the data directory.")
	} else {
		fmt.Fprintln(term.out, "It does not contain the secret key: keep EGRESS_SECRET_KEY too.")
	}
	return nil
}

type restoreCmd struct {
	File string `arg:"" type:"existingfile" help:"An archive that egress backup wrote."`
}

// Help is shown with --help.
func (*restoreCmd) Help() string {
	return `The data directory must have no database, and Egress must not run. The archive is checked completely
before anything is restored. If EGRESS_SECRET_KEY was set for the backup, set the same key again.`
}

// Run restores the archive into the data directory, which it locks.
func (cmd *restoreCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	o, err := backupOptions(cfg)
	if err != nil {
		return err
	}
	stack, err := embedded.Start(ctx, embedded.Options{Dir: cfg.DataDir, Logger: newLogger(cfg, term.err)}) // locks the directory
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stack.Close()) }()
	// An earlier version kept its database there; the next start would find two databases.
	if _, err := os.Stat(filepath.Join(cfg.DataDir, "mongodb")); err == nil {
		return errs.Invalid("EGRESS_DATA_DIR", "%s has the database of an earlier version. Restore into an empty directory.", cfg.DataDir)
	}
	bar := newProgressBar(term, "Restoring", -1, progressbar.OptionShowBytes(true))
	o.Progress = func(done, _ int64) { bar.set(done) }
	m, err := sqlite.Restore(ctx, cmd.File, o)
	bar.finish()
	switch {
	case errors.Is(err, sqlite.ErrHasData):
		return errs.Invalid("EGRESS_DATA_DIR", "%v. Restore into an empty directory.", err)
	case errors.Is(err, sqlite.ErrDamagedArchive):
		return fmt.Errorf("nothing was restored: %w", err)
	case err != nil:
		return settingError("FILE", err)
	}
	fmt.Fprintf(term.out, "%s: restored the database of %s, as of %s.\n", cfg.DataDir,
		export.Pluralize(int64(m.Databases()-1), "tenant", "tenants"), export.NewTime(m.Created))
	if !m.Has(secretKeyFile) {
		fmt.Fprintln(term.out, "The archive contains no secret key: set EGRESS_SECRET_KEY to the key that was set before.")
	}
	return nil
}

// backupOptions returns the paths of the embedded database and of the small files that belong to it.
func backupOptions(cfg *config.Config) (sqlite.BackupOptions, error) {
	if cfg.MongoDBURI != "" {
		return sqlite.BackupOptions{}, errs.Invalid("EGRESS_MONGODB_URI", "must not be set: the command is for the embedded database. Use the tools of MongoDB.")
	}
	return sqlite.BackupOptions{
		Dir:         embedded.DatabaseDir(cfg.DataDir),
		SecretFiles: []string{filepath.Join(cfg.DataDir, secretKeyFile), firstLoginPath(cfg)},
		Version:     version,
	}, nil
}
