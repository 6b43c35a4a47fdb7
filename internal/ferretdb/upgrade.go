package ferretdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/egress-io/egress/internal/transfer"
)

// Names in the data directory.
const (
	directory    = "mongodb"
	directoryOld = "mongodb-before-sqlite" // after the upgrade
)

// progressInterval is the time between two log messages of an upgrade.
const progressInterval = 10 * time.Second

// UpgradeOptions configure Upgrade.
type UpgradeOptions struct {
	DataDir  string // its lock must be held
	Database string // name of the control database, and prefix of the tenants' databases
	Target   transfer.Target
	Logger   *slog.Logger
}

// Upgrade copies the database that an earlier version left in a data directory into the target,
// verifies the copy, and renames the directory of the database, which is kept. It does nothing if
// there is no such database. The next call resumes an upgrade that ended early. Call it before
// anything is stored in the target: a target with documents is used as it is.
func Upgrade(ctx context.Context, o UpgradeOptions) error {
	dir := filepath.Join(o.DataDir, directory)
	if _, err := os.Stat(filepath.Join(dir, o.Database+extension)); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("look for the database of an earlier version: %w", err)
	}
	u := upgrade{UpgradeOptions: o, dir: dir}
	if err := u.run(ctx); err != nil {
		return fmt.Errorf("upgrade the database of an earlier version in %s: %w", dir, err)
	}
	return nil
}

type upgrade struct {
	UpgradeOptions

	dir string
}

func (u *upgrade) run(ctx context.Context) error {
	state, err := transfer.StateOf(ctx, u.Target)
	switch {
	case err != nil:
		return err
	case state == transfer.Complete:
		return u.rename(ctx)
	}
	err = u.copy(ctx)
	if state == transfer.None && errors.Is(err, transfer.ErrInUse) {
		u.Logger.WarnContext(ctx, "the directory of an earlier version's database is ignored, because the new database has documents", "directory", u.dir, "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	return u.rename(ctx)
}

func (u *upgrade) copy(ctx context.Context) (err error) {
	source, err := Open(ctx, u.dir, u.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	u.Logger.InfoContext(ctx, "copying the database of an earlier version", "directory", u.dir)
	started := time.Now()
	logged := started
	r, err := transfer.Copy(ctx, source, u.Target, transfer.Options{Source: "the database of an earlier version", Progress: func(p transfer.Progress) {
		if time.Since(logged) < progressInterval {
			return
		}
		logged = time.Now()
		u.Logger.InfoContext(ctx, "copying the database of an earlier version", "documents", p.Done, "total", p.Total)
	}})
	if err != nil {
		return err
	}
	u.Logger.InfoContext(ctx, "copied and verified the database of an earlier version",
		"tenants", r.Tenants, "documents", r.Documents, "took", time.Since(started))
	return nil
}

// rename renames the directory after a completed copy. If that is impossible, the directory stays,
// and is ignored.
func (u *upgrade) rename(ctx context.Context) error {
	kept := filepath.Join(u.DataDir, directoryOld)
	if _, err := os.Lstat(kept); err == nil {
		u.Logger.WarnContext(ctx, "the database of an earlier version is not used any more and may be deleted", "directory", u.dir)
		return nil
	}
	if err := os.Rename(u.dir, kept); err != nil {
		return err
	}
	u.Logger.InfoContext(ctx, "the database of an earlier version is kept and may be deleted", "directory", kept)
	return nil
}
