package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
)

const (
	maxIncoming = 1 << 10          // bytes of a message from a client; none is expected
	readLimit   = 10 * time.Second // of what one message is made of
	maxPending  = 50               // jobs that wait for a socket; more, and it gets a snapshot instead
	maxSent     = 500              // jobs whose version is remembered; more, and a snapshot begins anew
)

// socket is one connection. Its fields under mu are what it still has to say; the rest belongs to its writer.
type socket struct {
	hub    *Hub
	conn   *websocket.Conn
	member member
	wake   chan struct{} // something is to be said
	over   chan struct{} // closed when the socket is to end

	mu     sync.Mutex
	due    due
	ending *ending // set once
	deaf   bool    // nothing more is read

	sent     map[string]int64 // the version of each job as last said
	waiting  *export.Job      // the queued job last said, whose position may change
	position *int             // of waiting, as last said
}

// due is what a socket still has to say.
type due struct {
	snapshot bool
	queue    bool // positions have changed
	jobs     map[string]*export.Job
}

// serve speaks with a client until either side ends. The connection is not used after it returns.
func (h *Hub) serve(conn *websocket.Conn, m member) {
	s := &socket{
		hub: h, conn: conn, member: m, wake: make(chan struct{}, 1), over: make(chan struct{}),
		due: due{snapshot: true, jobs: map[string]*export.Job{}}, sent: map[string]int64{},
	}
	h.join(s) // before the snapshot is read, so that nothing is missed between
	defer h.leave(s)
	s.raise()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var reader sync.WaitGroup
	reader.Go(func() {
		defer cancel()
		s.read()
	})
	end, told := s.write(ctx)
	if told {
		deadline := time.Now().Add(h.writeTimeout)
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(end.code, end.reason), deadline)
	}
	s.stopReading()
	reader.Wait()
}

// read takes what the client sends, which is pongs and the end.
func (s *socket) read() {
	s.conn.SetReadLimit(maxIncoming)
	s.conn.SetPongHandler(s.heard)
	if s.heard("") != nil {
		return
	}
	for {
		if _, _, err := s.conn.ReadMessage(); err != nil {
			return
		}
	}
}

// heard gives the client time until its next pong but one.
func (s *socket) heard(string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deaf {
		return net.ErrClosed
	}
	return s.conn.SetReadDeadline(time.Now().Add(2*s.hub.pingEvery + s.hub.writeTimeout))
}

// stopReading ends the reader. Closing would not: fasthttp closes the connection only after serve has returned.
func (s *socket) stopReading() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = true
	_ = s.conn.SetReadDeadline(time.Now())
}

// write says what is due until the socket is to end. Told is whether the client is to hear why.
func (s *socket) write(ctx context.Context) (end ending, told bool) {
	if end, gone := s.hub.check(ctx, s.member); gone { // between its request and join the session may have ended
		return end, true
	}
	ping := time.NewTicker(s.hub.pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return ending{}, false
		case <-s.over:
			return *s.ending, true
		case <-ping.C:
			if end, gone := s.hub.check(ctx, s.member); gone {
				return end, true
			}
			if s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(s.hub.writeTimeout)) != nil {
				return ending{}, false
			}
		case <-s.wake:
			if end, failed := s.say(ctx, s.take()); failed {
				return end, true
			}
		}
	}
}

// say writes what is due. A snapshot that cannot be read ends the socket: the client polls and tries again.
func (s *socket) say(ctx context.Context, d due) (end ending, failed bool) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	if d.snapshot {
		list, err := s.hub.jobs.Snapshot(ctx, s.member.slot.Tenant, s.member.slot.RequesterID)
		if err != nil {
			if ctx.Err() == nil {
				s.hub.logger.WarnContext(ctx, "could not read a snapshot", "error", err)
			}
			return endUnavailable, true
		}
		clear(s.sent)
		s.waiting = nil
		views := make([]gen.Job, len(list))
		for i, job := range list {
			views[i] = s.view(ctx, job)
		}
		if s.send(gen.SocketMessage{Type: gen.SocketMessageTypeSnapshot, Jobs: &views}) != nil {
			return endSlow, true
		}
	}
	for id, job := range d.jobs {
		if version, said := s.sent[id]; said && job.Version() <= version {
			continue
		}
		v := s.view(ctx, job)
		if s.send(gen.SocketMessage{Type: gen.SocketMessageTypeJob, Job: &v}) != nil {
			return endSlow, true
		}
	}
	if d.queue && s.waiting != nil {
		before := s.position
		if v := s.view(ctx, s.waiting); !samePosition(before, v.QueuePosition) {
			if s.send(gen.SocketMessage{Type: gen.SocketMessageTypeJob, Job: &v}) != nil {
				return endSlow, true
			}
		}
	}
	if len(s.sent) > maxSent {
		s.refresh()
	}
	return ending{}, false
}

// view returns a job as the socket says it, and remembers that it did.
func (s *socket) view(ctx context.Context, job *export.Job) gen.Job {
	v := viewJob(ctx, s.hub.jobs, s.hub.logger, job, s.member.links)
	s.sent[job.ID] = job.Version()
	if job.Status == export.Queued {
		s.waiting, s.position = job, v.QueuePosition
	} else if s.waiting != nil && s.waiting.ID == job.ID {
		s.waiting = nil
	}
	return v
}

func samePosition(a, b *int) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func (s *socket) send(m gen.SocketMessage) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.hub.writeTimeout)); err != nil {
		return fmt.Errorf("set the deadline of a message: %w", err)
	}
	if err := s.conn.WriteMessage(websocket.TextMessage, body); err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	return nil
}

// offer keeps a job's state until the writer has time, unless a newer one waits already.
func (s *socket) offer(job *export.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.due.jobs[job.ID]; old != nil && old.Version() > job.Version() {
		return
	}
	s.due.jobs[job.ID] = job
	if len(s.due.jobs) > maxPending {
		clear(s.due.jobs)
		s.due.snapshot = true
	}
	s.raise()
}

func (s *socket) refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due.snapshot = true
	s.raise()
}

func (s *socket) queueMoved() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due.queue = true
	s.raise()
}

// take returns what is due and begins anew.
func (s *socket) take() due {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.due
	s.due = due{jobs: map[string]*export.Job{}}
	return d
}

func (s *socket) raise() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// end has the socket close for a reason; the first one counts. A writer that is stuck gives up at its deadline.
func (s *socket) end(e ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending == nil {
		s.ending = &e
		close(s.over)
	}
}
