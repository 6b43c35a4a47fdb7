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

	"github.com/egress-io/egress/internal/errs"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// sqlitePragmas configures SQLite for durability. SQLite writes each commit to the write-ahead log
// and syncs the log to disk before it acknowledges the commit, and writes the database file only
// from the log. A crash, kill -9 or power cut therefore loses no acknowledged write, and the next
// start replays the log. Each commit waits for the disk, so seeding inserts many documents at a
// time.
var sqlitePragmas = []string{
	"busy_timeout(10000)", // must be first, since the next one may wait for a lock
	"journal_mode(wal)",
	"synchronous(full)",
}

// ferretMu serializes calls of ferretdb.New, which writes a package variable.
var ferretMu sync.Mutex

// mongoDB is FerretDB on SQLite. It has no passwords, so it listens on a Unix socket that only the
// user of the process can open.
type mongoDB struct {
	uri    string
	cancel context.CancelFunc
	done   chan error // receives the result when the server has stopped
}

func startMongoDB(ctx context.Context, dir string, sockets *socketDir, logger *slog.Logger) (*mongoDB, error) {
	if strings.ContainsAny(dir, "?#%") { // FerretDB passes the path to SQLite in a URI without escaping
		return nil, errs.Invalid("EGRESS_DATA_DIR", "The path of the data directory must not contain ?, # or %%.")
	}
	data := filepath.Join(dir, "mongodb")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("create the database directory: %w", err)
	}
	socket, err := sockets.path("mongodb.sock") // the driver requires the extension .sock
	if err != nil {
		return nil, err
	}
	ferretMu.Lock()
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socket},
		Logger:    quietLogger(logger.With("part", "mongodb")),
		Handler:   "sqlite",
		SQLiteURL: "file:" + data + "/?" + url.Values{"_pragma": sqlitePragmas}.Encode(),
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

// Close stops the server and closes the database. FerretDB closes remaining client connections
// after three seconds.
func (m *mongoDB) Close() error {
	m.cancel()
	return <-m.done
}
