package api

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/jobs"
)

const waitTimeout = 2 * time.Minute // for events that must happen

// liveServer is a testServer that listens on loopback, with its hub running.
type liveServer struct {
	*testServer
	address  string
	listener jobs.Listener
}

func startLive(t *testing.T, change ...func(*testServer)) *liveServer {
	t.Helper()
	b := setup(t)
	for _, f := range change {
		f(b)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	served := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := b.hub.Run(ctx); err != nil {
			t.Errorf("the hub: %v", err)
		}
	}()
	go func() {
		defer close(served)
		if err := b.app.Listener(ln); err != nil {
			t.Errorf("the app: %v", err)
		}
	}()
	l := &liveServer{testServer: b, address: ln.Addr().String(), listener: <-b.feed.listener}
	t.Cleanup(func() {
		stop()
		<-stopped
		if err := b.app.ShutdownWithTimeout(waitTimeout); err != nil {
			t.Errorf("shut down: %v", err)
		}
		<-served
	})
	return l
}

// dial opens a socket, or returns the status of the refusal.
func (l *liveServer) dial(token, query string, headers ...string) (*client, int) {
	l.t.Helper()
	h := http.Header{"Cookie": {auth.CookieName + "=" + token}}
	if !slices.Contains(headers, "Origin") {
		h.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	conn, resp, err := websocket.DefaultDialer.DialContext(l.t.Context(), "ws://"+l.address+"/ws"+query, h)
	if err != nil {
		if resp == nil {
			l.t.Fatal(err)
		}
		_ = resp.Body.Close()
		return nil, resp.StatusCode
	}
	l.t.Cleanup(func() { _ = conn.Close() })
	return &client{conn, l.t}, resp.StatusCode
}

// open opens a socket and reads its first snapshot.
func (l *liveServer) open(token, query string) *client {
	l.t.Helper()
	c, status := l.dial(token, query)
	if c == nil {
		l.t.Fatalf("refused: %d", status)
	}
	if m := c.next(); m.Type != "snapshot" {
		l.t.Fatalf("the first message is %+v", m)
	}
	return c
}

type client struct {
	*websocket.Conn
	t *testing.T
}

type message struct {
	Type string
	Jobs []struct{ DownloadURL string }
	Job  struct {
		JobID, Status, DownloadURL string
		Files                      []struct{ FileURL string }
	}
}

func (c *client) next() message {
	c.t.Helper()
	m, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

func (c *client) read() (m message, err error) {
	if err := c.SetReadDeadline(time.Now().Add(waitTimeout)); err != nil {
		return m, err
	}
	_, body, err := c.ReadMessage()
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(body, &m)
}

// expectClose reads until the server closes the socket, and checks the reason.
func (c *client) expectClose(code int, reason string) {
	c.t.Helper()
	for {
		_, err := c.read()
		if err == nil {
			continue
		}
		if e, ok := errors.AsType[*websocket.CloseError](err); !ok || e.Code != code || e.Text != reason {
			c.t.Errorf("closed by %v, want %d %s", err, code, reason)
		}
		return
	}
}
