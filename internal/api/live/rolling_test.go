package live

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// cluster is servers that share a feed and a database, in which each admin has one running job.
type cluster struct {
	admins   int
	sequence atomic.Int64 // of all jobs

	mu      sync.Mutex
	ended   bool
	servers []*server // those that run
}

func token(admin int) string     { return fmt.Sprintf("token%d", admin) }
func requester(admin int) string { return fmt.Sprintf("admin:01admin%d", admin) }

// jobOf returns the job of a requester as of now.
func (c *cluster) jobOf(requester string) *export.Job {
	job := ticking(c.sequence.Load())
	job.ID, job.Requester.ID = "job of "+requester, requester
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		job.Status, job.Sequence = export.Completed, job.Sequence+1
	}
	return job
}

func (c *cluster) Snapshot(_, requester string) ([]*export.Job, error) {
	return []*export.Job{c.jobOf(requester)}, nil
}

func (c *cluster) start(t testing.TB) *server {
	s := start(t, func(s *server) {
		s.snapshot = c.Snapshot
		for i := range c.admins {
			s.sessions[token(i)] = admin{id: strings.TrimPrefix(requester(i), "admin:"), roles: map[string]auth.Role{"meridian": auth.Exporter}}
		}
	})
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

// running returns the servers that run.
func (c *cluster) running() []*server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.servers)
}

// publish publishes the next version of all jobs to all servers, spread over a time, until stop is
// closed.
func (c *cluster) publish(every time.Duration, stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		c.sequence.Add(1)
		for i := range c.admins {
			select {
			case <-stop:
				return
			default:
			}
			e := progressOf(c.jobOf(requester(i)), 1<<32+1)
			for _, s := range c.running() {
				s.listener.Progress(e)
			}
			if i%max(1, c.admins/50) == 0 {
				<-tick.C
			}
		}
	}
}

// finish publishes the end of all jobs.
func (c *cluster) finish() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	for i := range c.admins {
		job := c.jobOf(requester(i))
		for _, s := range c.running() {
			s.listener.Job(job)
		}
	}
}

// follow reads until the job has ended. When its server stops, it moves to another one as the console
// does: it opens the new socket at the time that the server says, and closes the old one when the new one
// has delivered its snapshot. It returns how often it moved, and the longest time without a newer state.
func (c *cluster) follow(admin int, at *client) (moves int, gap time.Duration) {
	last, lastAt := int64(0), time.Time{}
	newer := func(version int64, status string) bool {
		if version < last {
			at.t.Errorf("version %d after %d", version, last)
		}
		if version > last {
			if last > 0 { // before, states were not published yet
				gap = max(gap, time.Since(lastAt))
			}
			last, lastAt = version, time.Now()
		}
		return status == string(export.Completed)
	}
	var moveAt time.Time // zero: the server does not stop
	for {
		until := time.Now().Add(waitTimeout)
		if !moveAt.IsZero() {
			until = moveAt
		}
		m, err := at.readUntil(until)
		switch {
		case m.Type == "reconnect":
			moveAt = time.Now().Add(time.Duration(*m.AfterMS) * time.Millisecond)
		case errors.Is(err, os.ErrDeadlineExceeded) && !moveAt.IsZero():
			next := c.last().dial(token(admin), "&progress=true")
			if m = next.next(); m.Type != "snapshot" || newer(m.Jobs[0].Version, m.Jobs[0].Status) {
				at.t.Errorf("the new socket begins with %+v", m)
				return moves, gap
			}
			_ = at.Close()
			at, moves, moveAt = next, moves+1, time.Time{}
		case err != nil:
			at.t.Errorf("after %d moves: %v", moves, err)
			return moves, gap
		case m.Type == "progress" && newer(m.Version, ""), m.Type == "job" && newer(m.Job.Version, m.Job.Status):
			return moves, gap
		}
	}
}

// restart restarts two servers, one after the other, while admins have a number of sockets at each, and
// states are published at a rate. It returns the longest time that a socket was without a newer state.
func restart(t testing.TB, admins, each int, every time.Duration) time.Duration {
	t.Helper()
	c := &cluster{admins: admins}
	c.sequence.Store(1)
	first, second := c.start(t), c.start(t)
	var moves, longest atomic.Int64
	var following, publishing sync.WaitGroup
	for i := range admins {
		for _, s := range []*server{first, second} {
			for range each {
				at := s.open(token(i), "&progress=true")
				following.Go(func() {
					n, gap := c.follow(i, at)
					moves.Add(int64(n))
					for old := longest.Load(); int64(gap) > old && !longest.CompareAndSwap(old, int64(gap)); old = longest.Load() {
					}
				})
			}
		}
	}
	stop := make(chan struct{})
	publishing.Go(func() { c.publish(every, stop) })
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
	total := 2 * each * admins
	if n := third.sockets(); n != total {
		t.Errorf("%d sockets have arrived, want %d", n, total)
	}
	c.finish()
	following.Wait()
	if n := int(moves.Load()); n != total+total/2 {
		t.Errorf("%d moves, want %d", n, total+total/2)
	}
	return time.Duration(longest.Load())
}

// While two servers restart one after the other, every client has the newest state all the time, no
// socket breaks, and none misses the end of the job.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	restart(t, 3, 5, time.Millisecond)
}

// 9,000 sockets of 450 admins; each job has a new state about four times a second.
func BenchmarkRollingRestart(b *testing.B) {
	for b.Loop() {
		gap := restart(b, 450, 10, 5*time.Millisecond)
		b.ReportMetric(gap.Seconds(), "s-without-state")
	}
}
