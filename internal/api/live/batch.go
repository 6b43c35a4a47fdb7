package live

import (
	"net"
	"sync"
	"syscall"
	"time"
)

// batch is the sockets that the holder of the hub's mutex gave something to send. The goroutine that
// releases the mutex writes to them itself, without waiting: starting a goroutine for each socket takes
// about as long as the write. Only a socket whose client reads slowly needs a goroutine.
type batch struct {
	sockets []*socket
	writer  instantWriter
}

var batches = sync.Pool{New: func() any {
	b := &batch{}
	b.writer.attempt = b.writer.try
	return b
}}

// unlock releases the hub's mutex and writes what its holder gave to sockets.
func (h *Hub) unlock() {
	b := h.batch
	h.batch = nil
	h.mu.Unlock()
	if b == nil {
		return
	}
	began := time.Now()
	for _, s := range b.sockets {
		s.flushAtOnce(&b.writer)
	}
	h.pace.wrote(len(b.sockets), time.Since(began))
	clear(b.sockets)
	b.sockets = b.sockets[:0]
	batches.Put(b)
}

// join makes the holder of the hub's mutex write to a socket when it releases the mutex. It holds the
// socket's mutex too.
func (s *socket) join() {
	if s.writing {
		return
	}
	s.writing = true
	if s.hub.batch == nil {
		s.hub.batch, _ = batches.Get().(*batch)
	}
	s.hub.batch.sockets = append(s.hub.batch.sockets, s)
}

// flushAtOnce writes a ping or the progress of one job, which is what sockets mostly have to send. A
// goroutine writes everything else, and what the connection does not accept now. The caller has set
// writing.
func (s *socket) flushAtOnce(w *instantWriter) {
	defer s.endOnPanic()
	s.instant = w
	var err error
	if s.takePing() {
		err = s.write(pingFrame)
	}
	if u, sent := s.takeProgress(); u != nil {
		err = s.sendProgress(u, sent)
	}
	s.instant = nil
	if err != nil || len(s.rest) > 0 || !s.finish() {
		s.hub.writers.start(s)
	}
}

// takePing reports whether a ping is to be sent, which is not pending any more.
func (s *socket) takePing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ping := s.pending.ping && s.raw != nil && s.reason == nil
	s.pending.ping = s.pending.ping && !ping
	return ping
}

// takeProgress returns the pending update, and what the socket has sent about its job, if there is
// nothing else to send and the update is sent as progress. Otherwise it returns nil.
func (s *socket) takeProgress() (*update, *sentJob) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &s.pending
	if s.raw == nil || len(s.rest) > 0 || s.reason != nil || !s.checked || len(d.updates) != 1 || d.controls() ||
		d.snapshot != nil && d.snapshot.ready() {
		return nil, nil
	}
	u := d.updates[0]
	sent := s.sentOf(u.job.ID) // nil before the first snapshot
	if sent == nil || sent.version == u.job.Version() || !s.sendsProgress(u, sent) {
		return nil, nil
	}
	d.updates[0] = nil
	d.updates = d.updates[:0]
	s.tickSent()
	return u, sent
}

// finish reports whether nothing is pending; then the caller has stopped to be the writer.
func (s *socket) finish() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &s.pending
	s.writing = s.reason != nil || len(d.updates) > 0 || d.controls() || d.snapshot != nil && d.snapshot.ready()
	return !s.writing
}

// instantWriter writes to connections without waiting. It allocates nothing per write.
type instantWriter struct {
	attempt func(fd uintptr) bool // try
	data    []byte
	n       int
}

// write writes as much as the connection accepts now, and returns how much that was. A failed
// connection accepts nothing, as one that is full; the next write that waits returns the error.
func (w *instantWriter) write(c syscall.RawConn, data []byte) int {
	w.data, w.n = data, 0
	_ = c.Write(w.attempt)
	w.data = nil
	return w.n
}

// try returns true, which means that RawConn.Write must not wait.
func (w *instantWriter) try(fd uintptr) bool {
	w.n = max(0, writeNow(fd, w.data))
	return true
}

// rawConn returns access to the file descriptor of a connection, or nil if there is none, as with TLS.
func rawConn(conn net.Conn) syscall.RawConn {
	for {
		wrapped, ok := conn.(interface{ UnsafeConn() net.Conn })
		if !ok {
			break
		}
		conn = wrapped.UnsafeConn()
	}
	if c, ok := conn.(*net.TCPConn); ok && canWriteNow {
		if raw, err := c.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}
