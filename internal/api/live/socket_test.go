package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func TestSocketReceivesOwnJobs(t *testing.T) {
	t.Parallel()
	l := start(t)
	c := l.open("exporter", "&tenant=meridian")
	elsewhere := l.open("exporter", "&tenant=orion")
	other := l.open("owner", "")

	l.listener.Job(running("j1", 5))
	if m := c.next(); m.Type != "job" || m.Job.JobID != "j1" || m.Job.Version != 1<<32+5 {
		t.Fatalf("message %+v", m)
	}
	l.listener.Job(running("j1", 4)) // arrives late
	l.listener.Job(running("j1", 5)) // arrives twice
	done := finished("01exporter")
	l.listener.Job(done)
	if m := c.next(); m.Job.JobID != done.ID || m.Job.Status != "completed" || m.Job.address() == "" {
		t.Fatalf("message %+v", m)
	}

	// Its first message is the first one that it may see.
	theirs := finished("01owner")
	l.listener.Job(theirs)
	if m := other.next(); m.Job.JobID != theirs.ID {
		t.Errorf("the owner hears %+v", m)
	}
	orion := running("j9", 1)
	orion.Tenant = "orion"
	l.listener.Job(orion)
	if m := elsewhere.next(); m.Job.JobID != "j9" {
		t.Errorf("the other tenant hears %+v", m)
	}
}

func TestSocketMissesNoChangeDuringSnapshotRead(t *testing.T) {
	t.Parallel()
	reading, read := make(chan struct{}), make(chan struct{})
	l := start(t, func(b *server) {
		b.snapshot = func(tenant, requester string) ([]*export.Job, error) {
			if tenant != "meridian" || requester != "admin:01exporter" {
				t.Errorf("snapshot of %s in %s", requester, tenant)
			}
			close(reading)
			<-read
			return []*export.Job{running("j1", 7)}, nil
		}
	})
	c := l.dial("exporter", "")
	<-reading
	l.listener.Job(running("j1", 6)) // older than the snapshot
	l.listener.Job(running("j2", 1))
	close(read)
	if m := c.next(); m.Type != "snapshot" || len(m.Jobs) != 1 || m.Jobs[0].Version != 1<<32+7 {
		t.Fatalf("message %+v", m)
	}
	if m := c.next(); m.Job.JobID != "j2" {
		t.Errorf("message %+v", m)
	}
}

func TestSocketGetsAFreshSnapshotAfterResubscribing(t *testing.T) {
	t.Parallel()
	l := start(t)
	a, b := l.open("exporter", ""), l.open("owner", "")
	l.listener.Resubscribed()
	for _, c := range []*client{a, b} {
		if m := c.next(); m.Type != "snapshot" {
			t.Errorf("message %+v", m)
		}
	}
}

func TestSocketReceivesQueuePositions(t *testing.T) {
	t.Parallel()
	position := make(chan int64, 3)
	position <- 3
	position <- 3
	position <- 1
	l := start(t, func(b *server) {
		b.queue = func() map[string]int64 { return map[string]int64{"j1": <-position} }
	})
	c := l.open("exporter", "")
	l.listener.Job(queued("j1", 1))
	if m := c.next(); m.Job.QueuePosition == nil || *m.Job.QueuePosition != 3 {
		t.Fatalf("message %+v", m)
	}
	moved := jobs.ControlMessage{Kind: jobs.ControlQueue}
	l.listener.Control(moved) // still third: no message
	waitFor(t, func() bool { return len(position) == 1 })
	l.listener.Control(moved)
	if m := c.next(); *m.Job.QueuePosition != 1 || m.Job.Version != 1 {
		t.Fatalf("message %+v", m)
	}
	l.listener.Job(running("j1", 1))
	if m := c.next(); m.Job.QueuePosition != nil {
		t.Fatalf("message %+v", m)
	}
	l.listener.Control(moved) // must not read a position: the fake would block
	l.listener.Resubscribed()
	if m := c.next(); m.Type != "snapshot" {
		t.Errorf("message %+v", m)
	}
}

// For a client that does not read, few messages are kept, and its socket is closed.
func TestSlowSocketIsClosed(t *testing.T) {
	t.Parallel()
	l := start(t, func(b *server) { b.options.WriteTimeout = 50 * time.Millisecond })
	l.open("exporter", "")
	heard := l.open("owner", "") // reads, and is not delayed
	large := strings.Repeat("x", 1<<20)
	deadline := time.Now().Add(waitTimeout)
	for n := int64(1); l.sockets() == 2; n++ {
		if time.Now().After(deadline) {
			t.Fatal("the socket is still there")
		}
		job := running("j1", n)
		job.Words = large
		l.listener.Job(job)
		if waiting := l.maxPending(); waiting > 1 {
			t.Fatalf("%d states wait", waiting)
		}
	}
	l.listener.Resubscribed()
	if m := heard.next(); m.Type != "snapshot" {
		t.Errorf("message %+v", m)
	}
}

// A client that reads late receives the newest state only.
func TestSocketCoalescesJobStates(t *testing.T) {
	t.Parallel()
	encoding, encode := make(chan struct{}), make(chan struct{})
	l := start(t, func(b *server) {
		b.fileURL = func(*export.Job, export.File) string {
			encoding <- struct{}{}
			<-encode
			return "/files/"
		}
	})
	c := l.open("exporter", "")
	l.listener.Job(finished("01exporter"))
	<-encoding // the writer is blocked from now on
	for n := int64(1); n <= 1000; n++ {
		l.listener.Job(running("j1", n))
	}
	close(encode)
	if m := c.next(); m.Job.Status != "completed" {
		t.Fatalf("message %+v", m)
	}
	if m := c.next(); m.Job.Version != 1<<32+1000 {
		t.Fatalf("message %+v", m)
	}
}

// A snapshot replaces many changes of different jobs.
func TestSocketReplacesManyJobsBySnapshot(t *testing.T) {
	t.Parallel()
	encoding, encode := make(chan struct{}), make(chan struct{})
	l := start(t, func(b *server) {
		b.fileURL = func(*export.Job, export.File) string {
			encoding <- struct{}{}
			<-encode
			return "/files/"
		}
	})
	c := l.open("exporter", "")
	l.listener.Job(finished("01exporter"))
	<-encoding
	for n := range maxPendingJobs + 1 {
		l.listener.Job(running(fmt.Sprintf("j%d", n), 1))
	}
	if n := l.maxPending(); n != 0 {
		t.Errorf("%d states wait", n)
	}
	close(encode)
	c.next()
	if m := c.next(); m.Type != "snapshot" {
		t.Fatalf("message %+v", m)
	}
}

func TestSocketLeaksNothing(t *testing.T) {
	t.Parallel()
	l := start(t)
	c := l.open("exporter", "")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return l.sockets() == 0 })
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	if len(l.hub.rooms) != 0 || len(l.hub.admins) != 0 {
		t.Errorf("rooms %v, admins %v", l.hub.rooms, l.hub.admins)
	}
}
