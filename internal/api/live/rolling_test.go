package live

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// cluster is servers that share a feed and a database with one job.
type cluster struct {
	mu      sync.Mutex
	job     *export.Job
	servers []*server // those that run
}

func (c *cluster) Snapshot(string, string) ([]*export.Job, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return []*export.Job{c.job}, nil
}

func (c *cluster) start(t *testing.T) *server {
	s := start(t, func(s *server) { s.snapshot = c.Snapshot })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers = append(c.servers, s)
	return s
}

// remove removes the first server, which gets no more events.
func (c *cluster) remove() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers = c.servers[1:]
}

// last returns the server that started last.
func (c *cluster) last() *server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.servers[len(c.servers)-1]
}

// publish publishes the next version of the job to all servers.
func (c *cluster) publish() int64 {
	c.mu.Lock()
	sequence := c.job.Sequence + 1
	c.job = ticking(sequence)
	servers := append([]*server(nil), c.servers...)
	c.mu.Unlock()
	for _, s := range servers {
		s.listener.Progress(progressOf(ticking(sequence), 1<<32+1))
	}
	return sequence
}

// finish publishes the end of the job.
func (c *cluster) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := *c.job
	done.Status, done.Sequence = export.Completed, done.Sequence+1
	c.job = &done
	for _, s := range c.servers {
		s.listener.Job(&done)
	}
}

// follow reads until the job has ended. When its server stops, it moves to another one as the console
// does: it opens the new socket at the time that the server says, and closes the old one when the new one
// has delivered its snapshot. It returns how often it moved.
func (c *cluster) follow(at *client) (moves int) {
	last := int64(0)
	newer := func(version int64, status string) bool {
		if version < last {
			at.t.Errorf("version %d after %d", version, last)
		}
		last = version
		return status == string(export.Completed)
	}
	for {
		m, err := at.read()
		switch {
		case err != nil:
			at.t.Errorf("after %d moves: %v", moves, err)
			return moves
		case m.Type == "reconnect":
			<-time.After(time.Duration(*m.AfterMS) * time.Millisecond)
			next := c.last().dial("exporter", "&progress=true")
			if m = next.next(); m.Type != "snapshot" || newer(m.Jobs[0].Version, m.Jobs[0].Status) {
				at.t.Errorf("the new socket begins with %+v", m)
				return moves
			}
			_ = at.Close()
			at, moves = next, moves+1
		case m.Type == "progress" && newer(m.Version, ""), m.Type == "job" && newer(m.Job.Version, m.Job.Status):
			return moves
		}
	}
}

// While two servers restart one after the other, every client has the newest state all the time, no
// socket breaks, and none misses the end of the job.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	const each = 10 // sockets of a server; all belong to one admin
	c := &cluster{job: ticking(1)}
	first, second := c.start(t), c.start(t)
	var moves atomic.Int64
	var following, publishing sync.WaitGroup
	for _, s := range []*server{first, second} {
		for range each {
			at := s.open("exporter", "&progress=true")
			following.Go(func() { moves.Add(int64(c.follow(at))) })
		}
	}
	stop := make(chan struct{})
	publishing.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				c.publish()
			}
		}
	})
	first.hub.Drain(t.Context())
	if n := first.sockets(); n > 0 {
		t.Errorf("%d sockets have not left the first server", n)
	}
	c.remove()
	third := c.start(t)
	second.hub.Drain(t.Context())
	if n := second.sockets(); n > 0 {
		t.Errorf("%d sockets have not left the second server", n)
	}
	close(stop)
	publishing.Wait()
	if n := third.sockets(); n != 2*each {
		t.Errorf("%d sockets have arrived, want %d", n, 2*each)
	}
	c.finish()
	following.Wait()
	if n := moves.Load(); n != 3*each {
		t.Errorf("%d moves, want %d", n, 3*each)
	}
}
