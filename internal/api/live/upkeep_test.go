package live

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// slowSessions answers checks one after another when the test says so.
type slowSessions struct {
	*server

	checks  atomic.Int64
	release chan struct{}
	entered chan struct{}
}

func (s *slowSessions) Check(ctx context.Context, session, tenant string) (auth.Membership, error) {
	s.checks.Add(1)
	s.entered <- struct{}{}
	<-s.release
	return s.server.Check(ctx, session, tenant)
}

// Sockets of a session that open together share the check of the session, and send nothing before it
// has ended.
func TestSocketsShareSessionChecks(t *testing.T) {
	t.Parallel()
	sessions := &slowSessions{release: make(chan struct{}), entered: make(chan struct{}, 100)}
	l := start(t, func(s *server) {
		sessions.server = s
		s.options.Sessions = sessions
	})
	clients := []*client{l.dial("exporter", "")}
	<-sessions.entered
	for range 9 {
		clients = append(clients, l.dial("exporter", ""))
	}
	waitFor(t, func() bool { return l.sockets() == 10 })
	l.endSession("exporter")
	close(sessions.release)
	for _, c := range clients {
		_, err := c.read()
		if err == nil {
			t.Error("a socket received a message before its session was checked")
		}
	}
	if n := sessions.checks.Load(); n > 3 {
		t.Errorf("%d checks for 10 sockets of a session", n)
	}
}

// The connection of a client that does not answer pings is closed.
func TestSilentSocketIsClosed(t *testing.T) {
	t.Parallel()
	l := start(t, func(s *server) {
		s.options.PingInterval, s.options.WriteTimeout = 5*time.Millisecond, 20*time.Millisecond
	})
	c := l.dial("exporter", "")
	c.SetPingHandler(func(string) error { return nil }) // no pong
	for {
		if _, err := c.read(); err != nil {
			break
		}
	}
	waitFor(t, func() bool { return l.sockets() == 0 })
}

// A socket whose client answers stays open for many pings.
func TestSocketStaysOpen(t *testing.T) {
	t.Parallel()
	l := start(t, func(s *server) { s.options.PingInterval = 2 * time.Millisecond })
	c := l.dial("exporter", "")
	var pings atomic.Int64
	handler := c.PingHandler()
	c.SetPingHandler(func(data string) error {
		if pings.Add(1) == 50 {
			l.listener.Job(running("j1", 1))
		}
		return handler(data)
	})
	if m := c.next(); m.Type != "snapshot" {
		t.Fatalf("message %+v", m)
	}
	if m := c.next(); m.Job.JobID != "j1" || pings.Load() < 50 {
		t.Errorf("message %+v after %d pings", m, pings.Load())
	}
}

// A panic ends the socket in which it happens, and no other.
func TestPanicEndsOneSocket(t *testing.T) {
	t.Parallel()
	var once sync.Once
	l := start(t, func(s *server) {
		view := s.options.View
		s.options.View = func(ctx context.Context, job *export.Job, position int64, downloads bool) gen.Job {
			once.Do(func() { panic("a fault") })
			return view(ctx, job, position, downloads)
		}
	})
	first, second := l.open("exporter", ""), l.open("owner", "")
	l.listener.Job(finished("01exporter"))
	if _, err := first.read(); err == nil {
		t.Error("the socket is still open")
	}
	l.listener.Job(finished("01owner"))
	if m := second.next(); m.Job.Status != "completed" {
		t.Errorf("message %+v", m)
	}
}

func TestWheel(t *testing.T) {
	t.Parallel()
	var w wheel
	var all []*socket
	for range 3*wheelPlaces + 5 {
		s := &socket{}
		w.add(s)
		all = append(all, s)
	}
	for i, s := range all {
		if i%3 == 0 {
			w.remove(s)
		}
	}
	seen := map[*socket]int{}
	for range wheelPlaces {
		w.visit(1, func(s *socket) { seen[s]++ })
	}
	for i, s := range all {
		if want := min(1, i%3); seen[s] != want {
			t.Errorf("socket %d was visited %d times in a round, want %d", i, seen[s], want)
		}
	}
	w.visit(10*wheelPlaces, func(s *socket) { seen[s]++ })
	if n := seen[all[1]]; n != 2 {
		t.Errorf("a late round visits a socket %d times, want once", n-1)
	}
}
