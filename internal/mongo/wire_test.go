package mongo

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// wire stands between a client and the embedded engine, and can be cut or held.
type wire struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	held  bool
	freed *sync.Cond
	conns map[net.Conn]bool
	done  sync.WaitGroup
}

// connectThrough opens a fresh database on the embedded engine behind a wire.
func connectThrough(t *testing.T) (*DB, *wire) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	uri := embeddedtest.Shared(t, embeddedtest.MongoDB).MongoDBURI() // names a Unix socket
	socket, err := url.PathUnescape(strings.Trim(strings.TrimPrefix(uri, "mongodb:"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{target: socket, conns: map[net.Conn]bool{}}
	w.freed = sync.NewCond(&w.mu)
	if w.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	w.done.Go(w.accept)
	db, err := Connect(ctx, Options{URI: "mongodb://" + w.listener.Addr().String(), Database: embeddedtest.Database(t), SingleWriter: true, Logger: testLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.release()
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := w.listener.Close(); err != nil {
			t.Error(err)
		}
		w.cut()
		w.done.Wait()
	})
	return db, w
}

func (w *wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(context.Background(), "unix", w.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		w.mu.Lock()
		w.conns[client], w.conns[server] = true, true
		w.mu.Unlock()
		w.done.Go(func() { w.pipe(server, client) })
		w.done.Go(func() { w.pipe(client, server) })
	}
}

func (w *wire) pipe(to, from net.Conn) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.Lock()
		for w.held {
			w.freed.Wait()
		}
		w.mu.Unlock()
		if _, werr := to.Write(buffer[:n]); werr != nil || err != nil {
			return
		}
	}
}

// cut ends every connection there is; new ones work.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.Close()
		delete(w.conns, c)
	}
}

// hold lets nothing through until release.
func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = true
}

func (w *wire) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = false
	w.freed.Broadcast()
}
