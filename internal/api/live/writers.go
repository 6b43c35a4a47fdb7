package live

import (
	"fmt"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
)

// writerIdleTime is how long a goroutine that has nothing to write waits for another socket.
const writerIdleTime = time.Second

// writers are the goroutines that write to sockets. There are as many as sockets are written to at the
// same time: a client that does not read occupies one until its write times out.
type writers struct {
	work     chan *socket
	stopping chan struct{} // closed when no goroutine must wait for another socket
	running  sync.WaitGroup
}

func newWriters() *writers {
	return &writers{work: make(chan *socket), stopping: make(chan struct{})}
}

// stop waits for all goroutines. All sockets are closed.
func (w *writers) stop() {
	close(w.stopping)
	w.running.Wait()
}

// start makes a goroutine write what a socket has pending.
func (w *writers) start(s *socket) {
	select {
	case w.work <- s:
	default:
		w.running.Go(func() { w.run(s) })
	}
}

func (w *writers) run(s *socket) {
	idle := time.NewTimer(writerIdleTime)
	defer idle.Stop()
	for {
		s.flush()
		idle.Reset(writerIdleTime)
		select {
		case s = <-w.work:
		case <-idle.C:
			return
		case <-w.stopping:
			return
		}
	}
}

// wakeWriter makes a goroutine look at what is pending. The caller holds the socket's mutex.
func (s *socket) wakeWriter() {
	if !s.writing {
		s.writing = true
		s.hub.writers.start(s)
	}
}

// flush writes until nothing is pending that can be sent, or the socket is closed.
func (s *socket) flush() {
	defer s.endOnPanic()
	if len(s.rest) > 0 {
		rest := s.rest
		s.rest = nil
		if s.write(rest) != nil || s.clearDeadline() != nil {
			s.close(closeTooSlow)
			return
		}
	}
	for {
		d, reason := s.takePending()
		switch {
		case reason != nil:
			s.close(*reason)
			return
		case d.empty():
			return
		}
		if s.send(d) != nil {
			s.close(closeTooSlow)
			return
		}
	}
}

// close sends a reason to the client and closes the connection. Nothing is sent afterwards, since
// writing stays true.
func (s *socket) close(e closeReason) {
	deadline := time.Now().Add(s.hub.writeTimeout)
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(e.code, e.reason), deadline)
	_ = s.conn.Close() // ends read
}

// send writes pending messages. An error means that the client does not read.
func (s *socket) send(d pendingMessages) error {
	if d.ping {
		if err := s.write(pingFrame); err != nil {
			return err
		}
	}
	if d.pong != nil {
		if err := s.conn.WriteControl(websocket.PongMessage, d.pong, time.Now().Add(s.hub.writeTimeout)); err != nil {
			return fmt.Errorf("write a pong: %w", err)
		}
	}
	if d.reconnect != nil {
		if err := s.write(d.reconnect); err != nil {
			return err
		}
	}
	if err := s.sendPending(d); err != nil {
		return err
	}
	return s.clearDeadline()
}

// clearDeadline removes the deadline of the last write: an instantWriter cannot write after it.
func (s *socket) clearDeadline() error {
	return s.conn.NetConn().SetWriteDeadline(time.Time{}) //nolint:wrapcheck // the caller needs no reason
}
