package sqlite

import (
	"context"
	"errors"
	"os"
	"slices"
)

// logLimits are sizes of the write-ahead log in bytes.
type logLimits struct {
	checkpoint int64 // above it, a checkpoint shortens the log
	snapshots  int64 // above it, snapshots are moved on before that
}

// limitLog shortens the write-ahead log if it has become too long. SQLite itself copies the log into
// the file after about every thousand pages, but begins the log again only when no reader needs it
// any more. The caller holds the connection that writes, c.
func (f *file) limitLog(ctx context.Context, c *conn) {
	info, err := os.Stat(f.path + "-wal")
	if err != nil || info.Size() <= f.limits.checkpoint {
		return
	}
	checkpoint := func() {
		c.raw.SetBusyTimeout(0) // do not wait for readers
		defer c.raw.SetBusyTimeout(busyTimeout)
		if err := c.exec("PRAGMA wal_checkpoint(truncate)"); err != nil {
			f.logger.WarnContext(ctx, "cannot shorten the write-ahead log", "bytes", info.Size(), "error", err)
		}
	}
	f.mu.Lock()
	snapshots := slices.Clone(f.snapshots)
	f.mu.Unlock()
	if info.Size() <= f.nextMove || len(snapshots) == 0 {
		checkpoint()
		return
	}
	f.logger.InfoContext(ctx, "the write-ahead log has become long; exports continue with the present data",
		"bytes", info.Size(), "snapshots", len(snapshots))
	moveAll(snapshots, checkpoint)
	f.nextMove = f.limits.snapshots
	if info, err := os.Stat(f.path + "-wal"); err == nil && info.Size() > f.limits.snapshots {
		f.nextMove += info.Size() // another reader needs the log: to move again at once would not help
		f.logger.WarnContext(ctx, "a reader keeps the write-ahead log long", "bytes", info.Size())
	}
}

// moveAll moves snapshots on. Checkpoint runs once, while none of them needs an old state.
func moveAll(snapshots []*snapshot, checkpoint func()) {
	if len(snapshots) == 0 {
		checkpoint()
		return
	}
	snapshots[0].move(func() { moveAll(snapshots[1:], checkpoint) })
}

// addSnapshot begins the transactions of a snapshot between two writes.
func (f *file) addSnapshot(ctx context.Context, s *snapshot) error {
	c, err := f.takeWriter(ctx)
	if err != nil {
		return err
	}
	defer func() { f.writer <- c }()
	if err := s.begin(); err != nil {
		return errors.Join(err, s.end())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.snapshots = append(f.snapshots, s)
	return nil
}

func (f *file) removeSnapshot(s *snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.snapshots, s); i >= 0 {
		f.snapshots = slices.Delete(f.snapshots, i, i+1)
	}
}
