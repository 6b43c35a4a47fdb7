package sqlite

import (
	"context"
	"os"
)

// limitLog shortens the write-ahead log if it has grown above walLimit. SQLite copies the log into
// the file after about every thousand pages, but starts the log again only when no reader needs it
// any more. The caller holds the connection that writes.
func (f *file) limitLog(ctx context.Context, c *conn) {
	info, err := os.Stat(f.path + "-wal")
	if err != nil || info.Size() <= walLimit {
		return
	}
	if err := c.exec("PRAGMA wal_checkpoint(truncate)"); err != nil {
		f.logger.WarnContext(ctx, "cannot shorten the write-ahead log yet", "bytes", info.Size(), "error", err)
	}
}
