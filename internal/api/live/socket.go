package live

import (
	"encoding/json"
	"errors"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/errs"
)

const (
	maxIncomingBytes = 1 << 10          // bytes of a message from a client
	readLimit        = 10 * time.Second // to read the data for one message
	maxPendingJobs   = 50               // jobs per socket; when exceeded, a snapshot replaces them
)

// upgrader makes sockets small: they read pongs and a few bytes of JSON, and write frames that are
// encoded once for all of them. The library allows no smaller reading buffer than one control frame.
// The caller of Serve has checked the origin.
var upgrader = websocket.FastHTTPUpgrader{
	ReadBufferSize:  1,
	WriteBufferPool: &sync.Pool{},
	CheckOrigin:     func(*fasthttp.RequestCtx) bool { return true },
}

// socket is one WebSocket connection. It has one goroutine, which reads. A goroutine of the hub
// writes while there is something to send; mu decides which one.
type socket struct {
	hub        *Hub
	conn       *websocket.Conn
	raw        syscall.RawConn // of conn; nil: no access
	subscriber Subscriber
	place      place         // guarded by the hub's mutex
	checkedAt  time.Duration // when a check of the session was requested, on the hub's clock; guarded by the hub's mutex
	heardAt    atomic.Int64  // when the client opened the connection or answered a ping; on the hub's clock

	mu      sync.Mutex
	pending pendingMessages
	checked bool         // the session was checked after the socket was added; before that nothing is sent
	writing bool         // a goroutine writes; it looks at pending before it sets this to false
	reason  *closeReason // set once
	ticks   socketTicks

	// Owned by the goroutine that writes:
	snapshotSent bool           // the first snapshot was sent
	sent         []sentJob      // live jobs
	spare        []*update      // reused for pending updates
	instant      *instantWriter // not nil: writes must not wait
	rest         frame          // the end of a message whose beginning was sent
}

// sentJob is what a socket has sent about a live job.
type sentJob struct {
	id       string
	version  int64
	position int64 // in the queue; 0: none
	state    int64 // the number of the last update that was sent whole
	series   int64 // the number of the last update that was sent with its throughput
}

// Serve upgrades a request to a WebSocket, or returns fiber.ErrUpgradeRequired if the client did not
// ask for one. The connection outlives the request, so the server must have KeepHijackedConns. The
// caller has checked session, origin and tenant.
func (h *Hub) Serve(c *fiber.Ctx, m Subscriber) error {
	if !websocket.FastHTTPIsWebSocketUpgrade(c.Context()) {
		return fiber.ErrUpgradeRequired
	}
	if h.Draining() {
		return errs.Errorf(errs.CodeUnavailable, "This server is shutting down. Connect again.")
	}
	if upgrader.Upgrade(c.Context(), func(conn *websocket.Conn) { h.serveSocket(conn, m) }) != nil {
		return fiber.ErrUpgradeRequired
	}
	return nil
}

// serveSocket starts the WebSocket protocol with a client and returns. Only what outlives the request
// stays in memory.
func (h *Hub) serveSocket(conn *websocket.Conn, m Subscriber) {
	now := h.now()
	s := &socket{hub: h, conn: conn, raw: rawConn(conn.NetConn()), subscriber: m, checkedAt: now}
	s.heardAt.Store(int64(now))
	h.add(s) // before the snapshot is read, so that no change is missed
	s.awaitSnapshot(h.snapshots.request(m.Slot, 0))
	h.checks.request(s) // the session may have ended between its request and add
	go s.read()
}

// read handles messages of the client until the connection closes.
func (s *socket) read() {
	defer s.hub.remove(s)
	defer s.conn.Close()
	defer s.endOnPanic()
	s.conn.SetReadLimit(maxIncomingBytes)
	s.conn.SetPongHandler(s.heard)
	s.conn.SetPingHandler(s.pinged)
	s.conn.SetCloseHandler(s.closedByClient)
	for {
		kind, r, err := s.conn.NextReader()
		if _, closed := errors.AsType[*websocket.CloseError](err); closed {
			s.awaitAnswer()
		}
		if err != nil {
			return
		}
		if kind == websocket.TextMessage && s.receive(r) != nil {
			return
		}
	}
}

// heard records that the client has answered a ping.
func (s *socket) heard(string) error {
	s.heardAt.Store(int64(s.hub.now()))
	return nil
}

// pinged answers a ping of the client.
func (s *socket) pinged(data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.pong = []byte(data)
	s.wakeWriter()
	return nil
}

// closedByClient makes the writer answer the client's close, after the message that it writes.
func (s *socket) closedByClient(code int, _ string) error {
	s.closeWith(closeReason{code: code})
	return nil
}

// awaitAnswer waits until the writer has answered the client's close and closed the connection.
func (s *socket) awaitAnswer() {
	conn := s.conn.NetConn()
	if conn.SetReadDeadline(time.Now().Add(s.hub.writeTimeout)) == nil {
		_, _ = io.Copy(io.Discard, conn)
	}
}

// receive handles a message of the client. Unknown messages are ignored. An error means that the
// connection has failed.
func (s *socket) receive(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var m gen.ClientSocketMessage
	if json.Unmarshal(text, &m) == nil && m.Type == gen.Visibility && m.Hidden != nil {
		s.setHidden(*m.Hidden)
	}
	return nil
}

// closeWith closes the socket with a reason. The first reason wins. A blocked writer fails at its
// deadline.
func (s *socket) closeWith(e closeReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == nil {
		s.reason = &e
		s.wakeWriter()
	}
}

// endOnPanic is deferred: a panic ends one socket, not the server.
func (s *socket) endOnPanic() {
	if v := recover(); v != nil {
		s.hub.logger.Error("panic in a socket", "stack", string(debug.Stack()))
		_ = s.conn.Close()
	}
}
