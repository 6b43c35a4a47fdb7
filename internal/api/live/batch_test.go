package live

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// The lengths of RFC 6455, section 5.2.
func TestFrame(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 125, 126, 65_535, 65_536} {
		text := strings.Repeat("é", size)[:size]
		f := newFrame([]byte(text[:size/3]), []byte(text[size/3:]))
		header := []byte{0x81, byte(size)}
		switch {
		case size > 65_535:
			header = binary.BigEndian.AppendUint64([]byte{0x81, 127}, uint64(size))
		case size > 125:
			header = binary.BigEndian.AppendUint16([]byte{0x81, 126}, uint16(size))
		}
		if !bytes.Equal(f, append(header, text...)) {
			t.Errorf("%d bytes begin with % x, want % x", size, f[:min(10, len(f))], header)
		}
	}
}

// A connection that is full receives the rest of the message that was interrupted, then the newest
// state. Pings of its client, which are answered meanwhile, do not get into a message.
func TestFullConnection(t *testing.T) {
	t.Parallel()
	l, c := startUnthinned(t)
	var pongs []string
	c.SetPongHandler(func(data string) error {
		pongs = append(pongs, data)
		return nil
	})
	p := largeProgress{listener: l.listener, sequence: 1}
	p.fill(l)
	if err := c.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(waitTimeout)); err != nil {
		t.Fatal(err)
	}
	received, last := 0, int64(0)
	for last < 1<<32+p.sequence {
		m := c.next()
		if m.Type != "progress" || m.Version <= last || len(m.Progress.Throughput.Rows) != 60 {
			t.Fatalf("message %d is %+v after version %d", received, m, last)
		}
		received, last = received+1, m.Version
	}
	if int64(received) >= p.sequence-1 {
		t.Errorf("the socket received all %d states, so it was never full", received)
	}
	p.publish()
	if m := c.next(); m.Version != 1<<32+p.sequence {
		t.Errorf("afterwards: %+v", m)
	}
	if err := c.WriteControl(websocket.PingMessage, []byte("still"), time.Now().Add(waitTimeout)); err != nil {
		t.Fatal(err)
	}
	for !slices.Contains(pongs, "still") { // pongs are read with messages
		p.publish()
		c.next()
	}
	if !slices.Contains(pongs, "are you there") {
		t.Errorf("pongs %q", pongs)
	}
}

// startUnthinned starts a server that sends all progress, and opens a socket with one job.
func startUnthinned(t *testing.T) (*server, *client) {
	t.Helper()
	l := start(t)
	l.hub.mu.Lock()
	l.hub.pace.maxWriting = math.Inf(1)
	l.hub.mu.Unlock()
	c := l.open("exporter", "&progress=true")
	l.listener.Job(ticking(1))
	c.next()
	return l, c
}

// largeProgress publishes large states of the job ticking(sequence).
type largeProgress struct {
	listener jobs.Listener
	sequence int64
}

func (p *largeProgress) publish() {
	p.sequence++
	rows := int64(math.MaxInt64)
	e := progressOf(ticking(p.sequence), 1<<32+1)
	e.Progress.Throughput = &export.Throughput{IntervalMS: 1000 + p.sequence, Rows: slices.Repeat([]*int64{&rows}, 60)}
	p.listener.Progress(e)
}

// fill publishes until the connection of the server's only client, which does not read, is full.
func (p *largeProgress) fill(l *server) {
	for full := 0; full < 100; { // buffers of the kernel grow while they are filled
		if p.publish(); l.maxPending() == 0 {
			full = 0
		} else {
			full++
			runtime.Gosched() // the writer may only have waited for a processor
		}
	}
}

// A client that closes receives the same close as the answer, also after a message that was being written.
func TestClientCloses(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"while nothing is written": false, "while a message is written": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, c := startUnthinned(t)
			p := largeProgress{listener: l.listener, sequence: 1}
			if full {
				p.fill(l)
			}
			text := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			if err := c.WriteControl(websocket.CloseMessage, text, time.Now().Add(waitTimeout)); err != nil {
				t.Fatal(err)
			}
			if full {
				waitFor(t, func() bool { return l.closing() || l.sockets() == 0 }) // the server has the close before the client reads
			}
			for {
				m, err := c.read()
				if websocket.IsCloseError(err, websocket.CloseNormalClosure) {
					break
				}
				if err != nil || m.Type != "progress" {
					t.Fatalf("%+v, %v", m, err)
				}
			}
			waitFor(t, func() bool { return l.sockets() == 0 })
		})
	}
}

// closing reports whether a socket is being closed.
func (s *server) closing() (closing bool) {
	s.hub.each(func(o *socket) {
		o.mu.Lock()
		defer o.mu.Unlock()
		closing = closing || o.reason != nil
	})
	return closing
}

// All sockets of a session share the checks: one for each ping interval.
func TestSessionIsCheckedOncePerInterval(t *testing.T) {
	t.Parallel()
	const sockets, rounds = 10, 20
	var checks atomic.Int64
	l := start(t, func(s *server) {
		s.options.PingInterval = 20 * time.Millisecond
		s.options.Sessions = countedSessions{s, &checks}
	})
	var pings atomic.Int64 // of all clients
	for range sockets {
		c := l.open("exporter", "")
		answer := c.PingHandler()
		c.SetPingHandler(func(data string) error {
			pings.Add(1)
			return answer(data)
		})
		go func() { _, _ = c.read() }() // answers pings until the test ends
	}
	before := checks.Load()
	waitFor(t, func() bool { return pings.Load() > sockets*rounds })
	if n := checks.Load() - before; n < 2 || n > 4*rounds {
		t.Errorf("%d checks in %d intervals", n, rounds)
	}
	l.endSession("exporter")
	waitFor(t, func() bool { return l.sockets() == 0 })
}

type countedSessions struct {
	*server

	checks *atomic.Int64
}

func (s countedSessions) Check(ctx context.Context, session, tenant string) (auth.Membership, error) {
	s.checks.Add(1)
	return s.server.Check(ctx, session, tenant)
}

// Progress is written at once, without a goroutine for each socket, also while the sockets wait for a
// snapshot: after an outage of Redis all of them do.
func TestProgressIsWrittenAtOnceWhileASnapshotIsRead(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	l := start(t, func(s *server) { s.snapshot = source.Snapshot })
	c := l.open("exporter", "&progress=true")
	l.listener.Job(ticking(1))
	c.next()
	source.answer = func(string) ([]*export.Job, error) { return []*export.Job{ticking(1)}, nil }
	release := source.hold(t)
	l.listener.Resubscribed()
	<-source.entered

	state := func() (sent sentJob, writing bool) {
		l.hub.each(func(s *socket) {
			s.mu.Lock()
			defer s.mu.Unlock()
			sent, writing = *s.sentOf(ticking(1).ID), s.writing
		})
		return sent, writing
	}
	waitFor(t, func() bool { _, writing := state(); return !writing })

	l.listener.Progress(progressOf(ticking(2), 1<<32+1)) // writes before it returns
	if sent, writing := state(); sent.version != 1<<32+2 || writing {
		t.Errorf("version %d was sent, and a goroutine writes: %t", sent.version, writing)
	}
	if m := c.next(); m.Type != "progress" || m.Version != 1<<32+2 {
		t.Errorf("before the snapshot: %+v", m)
	}
	release()
	if m := c.next(); m.Type != "snapshot" || m.Jobs[0].Version != 1<<32+2 {
		t.Errorf("the snapshot: %+v", m)
	}
}
