package live

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// encodings counts how often jobs are encoded, with and without links.
type encodings struct{ plain, linked atomic.Int64 }

// count makes a server count its encodings.
func (e *encodings) count(s *server) {
	view := s.options.View
	s.options.View = func(ctx context.Context, job *export.Job, position int64, downloads bool) gen.Job {
		if downloads {
			e.linked.Add(1)
		} else {
			e.plain.Add(1)
		}
		return view(ctx, job, position, downloads)
	}
}

// addViewer adds a session of the admin "exporter" that opens sockets without links.
func addViewer(s *server) {
	s.sessions["readonly"] = admin{id: "01exporter", roles: map[string]auth.Role{"meridian": auth.Viewer}}
}

func (e *encodings) expect(t *testing.T, plain, linked int64) {
	t.Helper()
	if p, l := e.plain.Swap(0), e.linked.Swap(0); p != plain || l != linked {
		t.Errorf("encoded %d times without links and %d times with links, want %d and %d", p, l, plain, linked)
	}
}

// A state and a snapshot are encoded once without links and once with links, for any number of
// sockets.
func TestJobIsEncodedOncePerAudience(t *testing.T) {
	t.Parallel()
	var count encodings
	source := newSnapshotSource()
	l := start(t, count.count, addViewer, func(s *server) { s.snapshot = source.Snapshot })
	var clients []*client
	for range 5 {
		clients = append(clients, l.open("exporter", ""), l.open("readonly", ""))
	}
	expectAll := func(kind string) {
		t.Helper()
		for i, c := range clients {
			m := c.next()
			url := m.Job.address()
			if len(m.Jobs) > 0 {
				url = m.Jobs[0].address()
			}
			if m.Type != kind || m.Job.Status == "completed" && (url != "") != (i%2 == 0) {
				t.Fatalf("socket %d: message %+v", i, m)
			}
		}
	}
	l.listener.Job(running("j1", 1))
	expectAll("job")
	count.expect(t, 1, 0) // a job without files has no links
	l.listener.Job(finished("01exporter"))
	expectAll("job")
	count.expect(t, 1, 1)
	source.mu.Lock()
	source.answer = func(string) ([]*export.Job, error) { return []*export.Job{finished("01exporter")}, nil }
	source.mu.Unlock()
	l.listener.Resubscribed()
	expectAll("snapshot")
	count.expect(t, 1, 1)
}

// The queue is read once per change, for the queued jobs of all requesters and all their sockets.
func TestQueueIsReadOncePerChange(t *testing.T) {
	t.Parallel()
	const admins, sockets = 8, 3
	var reads, moved atomic.Int64
	var hold atomic.Pointer[chan struct{}] // not nil: the next read waits for it
	l := start(t, func(s *server) {
		for i := range admins {
			s.sessions[fmt.Sprintf("token%d", i)] = admin{id: fmt.Sprintf("01admin%d", i), roles: map[string]auth.Role{"meridian": auth.Exporter}}
		}
		s.queue = func() map[string]int64 {
			reads.Add(1)
			if wait := hold.Swap(nil); wait != nil {
				<-*wait
			}
			all := map[string]int64{}
			for i := range int64(admins) {
				all[fmt.Sprintf("j%d", i)] = i + 100 - moved.Load()
			}
			return all
		}
	})
	clients := make([][]*client, admins)
	for i := range clients {
		for range sockets {
			clients[i] = append(clients[i], l.open(fmt.Sprintf("token%d", i), ""))
		}
	}
	expectPositions := func() {
		t.Helper()
		for i := range clients {
			for _, c := range clients[i] {
				m := c.next()
				if want := i + 100 - int(moved.Load()); m.Job.QueuePosition == nil || *m.Job.QueuePosition != want {
					t.Fatalf("a socket of admin %d: message %+v, want position %d", i, m, want)
				}
			}
		}
	}
	for i := range clients {
		job := queued(fmt.Sprintf("j%d", i), 1)
		job.Requester.ID = fmt.Sprintf("admin:01admin%d", i)
		l.listener.Job(job)
	}
	expectPositions()
	for n := int64(1); n <= 3; n++ {
		reads.Store(0)
		moved.Store(n)
		l.listener.Control(jobs.ControlMessage{Kind: jobs.ControlQueue})
		expectPositions()
		if got := reads.Load(); got != 1 {
			t.Errorf("change %d: the queue was read %d times, want once", n, got)
		}
	}

	release := make(chan struct{})
	hold.Store(&release)
	reads.Store(0)
	for range 5 { // changes during a read share the next one
		l.listener.Control(jobs.ControlMessage{Kind: jobs.ControlQueue})
		waitFor(t, func() bool { return reads.Load() == 1 })
	}
	moved.Store(50)
	close(release)
	expectPositions()
	if got := reads.Load(); got > 2 {
		t.Errorf("5 changes: the queue was read %d times, want at most twice", got)
	}
}

// A snapshot that one socket requested may be newer than what the others have received.
func TestSnapshotOfOneSocketReachesTheOthers(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	l := start(t, func(s *server) { s.snapshot = source.Snapshot })
	first := l.open("exporter", "")
	done := finished("01exporter")
	source.mu.Lock()
	source.answer = func(string) ([]*export.Job, error) { return []*export.Job{done}, nil }
	source.mu.Unlock()
	l.open("exporter", "") // its snapshot is read before the event arrives
	l.listener.Job(done)
	if m := first.next(); m.Type != "job" || m.Job.Status != "completed" {
		t.Errorf("message %+v", m)
	}
}
