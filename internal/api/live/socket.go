package live

import (
	"context"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
)

const (
	maxIncomingBytes = 1 << 10          // bytes of a message from a client; none is expected
	readLimit        = 10 * time.Second // to read the data for one message
	maxPendingJobs   = 50               // jobs per socket; when exceeded, a snapshot replaces them
)

// socket is one WebSocket connection. The fields after mu, up to readStopped, are guarded by it.
// The others belong to the writing goroutine.
type socket struct {
	hub        *Hub
	conn       *websocket.Conn
	subscriber Subscriber
	wake       chan struct{} // signals that pending has changed
	closing    chan struct{} // closed when reason is set

	mu          sync.Mutex
	pending     pendingMessages
	reason      *closeReason // set once
	readStopped bool         // true: the read deadline must not be extended

	snapshotSent bool               // the first snapshot was sent
	sent         map[string]sentJob // live jobs, by id
	spare        []*update          // reused for pending updates
}

// sentJob is what a socket has sent about a live job.
type sentJob struct {
	version  int64
	position int64 // in the queue; 0: none
	state    int64 // the number of the last update that was sent whole
	series   int64 // the number of the last update that was sent with its throughput
}

// Serve upgrades a request to a WebSocket, or returns fiber.ErrUpgradeRequired if the client did not
// ask for one. The connection outlives the request. The caller has checked session, origin and tenant.
func (h *Hub) Serve(c *fiber.Ctx, m Subscriber) error {
	if !websocket.IsWebSocketUpgrade(c) {
		return fiber.ErrUpgradeRequired
	}
	return websocket.New(func(conn *websocket.Conn) { h.serveSocket(conn, m) }, websocket.Config{
		RecoverHandler: func(*websocket.Conn) {
			if v := recover(); v != nil {
				h.logger.Error("panic in a socket", "stack", string(debug.Stack()))
			}
		},
	})(c)
}

// serveSocket runs the WebSocket protocol with a client until either side closes. It does not use
// conn after it returns.
func (h *Hub) serveSocket(conn *websocket.Conn, m Subscriber) {
	s := &socket{
		hub: h, conn: conn, subscriber: m, wake: make(chan struct{}, 1), closing: make(chan struct{}),
		sent: map[string]sentJob{},
	}
	h.add(s) // before the snapshot is read, so that no change is missed
	defer h.remove(s)
	s.requestSnapshot()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var reader sync.WaitGroup
	reader.Go(func() {
		defer cancel()
		s.readLoop()
	})
	reason, sendClose := s.writeLoop(ctx)
	if sendClose {
		deadline := time.Now().Add(h.writeTimeout)
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(reason.code, reason.reason), deadline)
	}
	s.stopReading()
	reader.Wait()
}

// readLoop reads pongs until the client closes the connection.
func (s *socket) readLoop() {
	s.conn.SetReadLimit(maxIncomingBytes)
	s.conn.SetPongHandler(s.extendReadDeadline)
	if s.extendReadDeadline("") != nil {
		return
	}
	for {
		if _, _, err := s.conn.ReadMessage(); err != nil {
			return
		}
	}
}

// extendReadDeadline sets the deadline for the client's pongs. It tolerates one missing pong.
func (s *socket) extendReadDeadline(string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readStopped {
		return net.ErrClosed
	}
	return s.conn.SetReadDeadline(time.Now().Add(2*s.hub.pingInterval + s.hub.writeTimeout))
}

// stopReading ends readLoop. Closing conn would not: fasthttp closes the connection only after
// serveSocket has returned.
func (s *socket) stopReading() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readStopped = true
	_ = s.conn.SetReadDeadline(time.Now())
}

// writeLoop sends pending messages until the socket must close. SendClose reports whether to send
// the reason to the client.
func (s *socket) writeLoop(ctx context.Context) (reason closeReason, sendClose bool) {
	if reason, gone := s.hub.checkSession(ctx, s.subscriber); gone { // the session may have ended between its request and add
		return reason, true
	}
	ping := time.NewTicker(s.hub.pingInterval)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return closeReason{}, false
		case <-s.closing:
			return *s.reason, true
		case <-ping.C:
			if reason, gone := s.hub.checkSession(ctx, s.subscriber); gone {
				return reason, true
			}
			if s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(s.hub.writeTimeout)) != nil {
				return closeReason{}, false
			}
		case <-s.wake:
			if s.sendPending(s.takePending()) != nil {
				return closeTooSlow, true
			}
		case <-s.snapshotReady():
			if s.sendPending(s.takePending()) != nil {
				return closeTooSlow, true
			}
		}
	}
}

// closeWith closes the socket with a reason. The first reason wins. A blocked writer fails at its
// deadline.
func (s *socket) closeWith(e closeReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == nil {
		s.reason = &e
		close(s.closing)
	}
}
