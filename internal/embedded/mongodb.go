package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/FerretDB/FerretDB/ferretdb"

	"github.com/egress-io/egress/internal/export"
)

// pragmas are how SQLite keeps the data. Each commit goes to the write-ahead log, and the log to the disk, before the
// client hears of it, and the file proper is only written from the log. So kill -9, at any moment, loses nothing that was
// acknowledged and leaves nothing half written: the next start replays the log. With synchronous(full) that holds for
// a power cut too. Commits wait for the disk, which is why seeding inserts many documents at a time.
var pragmas = []string{
	"busy_timeout(10000)", // first: the next one may have to wait for a lock
	"journal_mode(wal)",
	"synchronous(full)",
}

// ferretMu serialises the making of servers, which writes a package variable of FerretDB's.
var ferretMu sync.Mutex

// mongoDB is FerretDB on SQLite. It has no passwords, so it listens on a socket that only its own user can open.
type mongoDB struct {
	uri    string
	cancel context.CancelFunc
	done   chan error // one value, when serving has ended
}

func startMongoDB(ctx context.Context, dir string, sockets *sockets, logger *slog.Logger) (*mongoDB, error) {
	if strings.ContainsAny(dir, "?#%") { // FerretDB hands the path to SQLite as a URI without escaping it
		return nil, export.Invalid("EGRESS_DATA_DIR", "The path of the data directory may not contain ?, # or %%.")
	}
	data := filepath.Join(dir, "mongodb")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("make its directory: %w", err)
	}
	socket, err := sockets.path("mongodb.sock") // the driver knows a socket by this ending
	if err != nil {
		return nil, err
	}
	ferretMu.Lock()
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socket},
		Logger:    quiet(logger.With("part", "mongodb")),
		Handler:   "sqlite",
		SQLiteURL: "file:" + data + "/?" + url.Values{"_pragma": pragmas}.Encode(),
	})
	ferretMu.Unlock()
	if err != nil {
		return nil, err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	m := &mongoDB{uri: "mongodb://" + url.PathEscape(socket) + "/", cancel: cancel, done: make(chan error, 1)}
	go func() { m.done <- server.Run(run) }()
	return m, nil
}

// Close cuts clients off, three seconds after they should have left, and closes the files.
func (m *mongoDB) Close() error {
	m.cancel()
	return <-m.done
}
