package main

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// server is FerretDB on SQLite. Its files are in the folder mongodb of the data directory, where
// earlier versions of Egress had them. It has no passwords, so it listens on a Unix socket in the data
// directory, which only the user of the process can enter.
type server struct {
	uri    string
	cancel context.CancelFunc
	done   chan error // receives the result when the server has stopped
}

func startServer(dir string) (*server, error) {
	data := filepath.Join(dir, "mongodb")
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "mongodb.sock") // the driver requires the extension .sock
	ferret, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{Unix: socket},
		Logger:   slog.New(slog.DiscardHandler),
		Handler:  "sqlite",
		// The timeout must be first, since the next pragma may wait for a lock. The data is deleted
		// after the tests, so nothing waits for the disk.
		SQLiteURL: "file:" + data + "/?" + url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(off)"}}.Encode(),
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{uri: "mongodb://" + url.PathEscape(socket) + "/", cancel: cancel, done: make(chan error, 1)}
	go func() { s.done <- ferret.Run(ctx) }()
	return s, nil
}

// Close stops the server and closes its files. It closes remaining connections after three seconds.
func (s *server) Close() error {
	s.cancel()
	return <-s.done
}
