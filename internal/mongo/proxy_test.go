package mongo

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// proxy is a TCP proxy in front of FerretDB that can cut, hold and rewrite connections.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	held  bool
	freed *sync.Cond
	conns map[net.Conn]bool
	// rewrite returns a message of a client as it is to be sent; nil sends all as they are.
	rewrite func(message []byte) []byte
	drops   func(from net.Conn, data []byte) bool // reports whether to drop data; no data means that the connection ended
	done    sync.WaitGroup
}

// connectViaProxy opens a new database on FerretDB through a proxy.
func connectViaProxy(t testing.TB) (*DB, *proxy) { return connectRewriting(t, nil) }

// connectRewriting is connectViaProxy with a proxy that rewrites the messages of its clients.
func connectRewriting(t testing.TB, rewrite func(message []byte) []byte) (*DB, *proxy) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	uri := embeddedtest.Engine(t) // the path of a Unix socket
	socket, err := url.PathUnescape(strings.Trim(strings.TrimPrefix(uri, "mongodb:"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	w := &proxy{target: socket, rewrite: rewrite, conns: map[net.Conn]bool{}}
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

func (w *proxy) accept() {
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
		if w.rewrite != nil {
			w.done.Go(func() { w.pipeMessages(server, client) })
		} else {
			w.done.Go(func() { w.pipe(server, client) })
		}
		w.done.Go(func() { w.pipe(client, server) })
	}
}

func (w *proxy) pipe(to, from net.Conn) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.Lock()
		for w.held {
			w.freed.Wait()
		}
		dropped := w.drops != nil && w.drops(from, buffer[:n])
		w.mu.Unlock()
		if dropped && err == nil {
			continue
		}
		if _, werr := to.Write(buffer[:n]); werr != nil || err != nil {
			return
		}
	}
}

// pipeMessages is pipe for a client whose messages are rewritten.
func (w *proxy) pipeMessages(server, client net.Conn) {
	defer func() { _ = server.Close() }()
	var length [4]byte
	for {
		if _, err := io.ReadFull(client, length[:]); err != nil {
			return
		}
		message := make([]byte, binary.LittleEndian.Uint32(length[:]))
		copy(message, length[:])
		if _, err := io.ReadFull(client, message[len(length):]); err != nil {
			return
		}
		if _, err := server.Write(w.rewrite(message)); err != nil {
			return
		}
	}
}

// cut closes all connections. New ones work.
func (w *proxy) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.Close()
		delete(w.conns, c)
	}
}

// swallow drops the next message that contains a word, and all later data of its connection. It
// closes the first channel when the message arrives, and the second when the client closes the
// connection.
func (w *proxy) swallow(word string) (messageReceived, connectionClosed <-chan struct{}) {
	received, clientClosed := make(chan struct{}), make(chan struct{})
	var victim net.Conn
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drops = func(from net.Conn, data []byte) bool {
		switch {
		case victim == nil && bytes.Contains(data, []byte(word)):
			victim = from
			close(received)
		case from == victim && len(data) == 0:
			close(clientClosed)
			w.drops = nil
		}
		return from == victim
	}
	return received, clientClosed
}

// hold stops all data until release.
func (w *proxy) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = true
}

func (w *proxy) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = false
	w.freed.Broadcast()
}
