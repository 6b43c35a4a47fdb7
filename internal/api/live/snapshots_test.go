package live

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// snapshotSource is a database of jobs. It counts the reads and blocks them while gate is set.
type snapshotSource struct {
	mu      sync.Mutex
	gate    chan struct{}
	entered chan string // the requester of each read that begins
	answer  func(requester string) ([]*export.Job, error)
	reads   map[string]int
	running int
	most    int // the maximum of concurrent reads
}

func newSnapshotSource() *snapshotSource {
	return &snapshotSource{entered: make(chan string, 10_000), reads: map[string]int{}}
}

func (f *snapshotSource) Snapshot(_, requester string) ([]*export.Job, error) {
	f.mu.Lock()
	f.reads[requester]++
	f.running++
	f.most = max(f.most, f.running)
	gate, answer := f.gate, f.answer
	f.mu.Unlock()
	var list []*export.Job
	var err error
	if answer != nil {
		list, err = answer(requester)
	}
	if gate != nil {
		f.entered <- requester
		<-gate
	}
	f.mu.Lock()
	f.running--
	f.mu.Unlock()
	return list, err
}

// hold blocks every read until release is called, and resets the counters.
func (f *snapshotSource) hold(t *testing.T) (release func()) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	gate := make(chan struct{})
	f.gate, f.reads, f.most = gate, map[string]int{}, 0
	release = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(release)
	return release
}

// A Redis failover makes every socket request a snapshot at the same time. Each requester's jobs
// are read once for all its sockets, only a few requesters are read at a time, and nothing else is
// delayed.
func TestSnapshotStorm(t *testing.T) {
	t.Parallel()
	const admins, sockets = 40, 4
	source := newSnapshotSource()
	l := start(t, func(b *server) {
		b.snapshot = source.Snapshot
		for i := range admins {
			b.sessions[fmt.Sprintf("token%d", i)] = admin{id: fmt.Sprintf("01admin%d", i), roles: map[string]auth.Role{"meridian": auth.Exporter}}
		}
	})
	clients := make([][]*client, admins)
	for i := range clients {
		for range sockets {
			clients[i] = append(clients[i], l.open(fmt.Sprintf("token%d", i), ""))
		}
	}
	jobOf := func(i int, sequence int64) *export.Job {
		job := running(fmt.Sprintf("j%d", i), sequence)
		job.Requester.ID = fmt.Sprintf("admin:01admin%d", i)
		return job
	}
	source.answer = func(requester string) ([]*export.Job, error) {
		var i int
		_, err := fmt.Sscanf(requester, "admin:01admin%d", &i)
		return []*export.Job{jobOf(i, 1)}, err
	}

	release := source.hold(t)
	l.listener.Resubscribed()
	for range maxSnapshotReads {
		<-source.entered
	}
	for i := range clients { // changes during the reads of the snapshots
		l.listener.Job(jobOf(i, 5))
	}
	for i, all := range clients {
		for _, c := range all {
			if m := c.next(); m.Type != "job" || m.Job.Version != 1<<32+5 {
				t.Fatalf("socket of admin %d, while snapshots are read: %+v", i, m)
			}
		}
	}
	other, err := http.Get("http://" + l.address + "/other")
	if err != nil {
		t.Fatal(err)
	}
	if _ = other.Body.Close(); other.StatusCode != http.StatusNoContent {
		t.Errorf("another request, while snapshots are read: %d", other.StatusCode)
	}
	release()
	for i, all := range clients {
		for _, c := range all {
			m := c.next()
			if m.Type != "snapshot" || len(m.Jobs) != 1 {
				t.Fatalf("socket of admin %d: %+v, want a snapshot of one job", i, m)
			}
			if v := m.Jobs[0].Version; v != 1<<32+5 {
				t.Errorf("socket of admin %d: a snapshot with version %d, after an event with %d", i, v, int64(1<<32+5))
			}
		}
	}
	for i, all := range clients { // every socket is still open
		l.listener.Job(jobOf(i, 6))
		for _, c := range all {
			if m := c.next(); m.Type != "job" || m.Job.Version != 1<<32+6 {
				t.Fatalf("socket of admin %d, after the storm: %+v", i, m)
			}
		}
	}
	source.mu.Lock()
	defer source.mu.Unlock()
	if len(source.reads) != admins {
		t.Errorf("the jobs of %d requesters were read, want %d", len(source.reads), admins)
	}
	for requester, n := range source.reads {
		if n != 1 {
			t.Errorf("the jobs of %s were read %d times, want once", requester, n)
		}
	}
	if source.most > maxSnapshotReads {
		t.Errorf("%d reads at the same time, want at most %d", source.most, maxSnapshotReads)
	}
}

// A read that began before a socket opened may lack a change that was published before the socket
// could receive it: the socket gets a read of its own.
func TestSnapshotIsNeverOlderThanSentJobs(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	stored := int64(1)
	source.answer = func(string) ([]*export.Job, error) { return []*export.Job{running("j1", stored)}, nil }
	l := start(t, func(b *server) { b.snapshot = source.Snapshot })
	first := l.open("exporter", "")

	release := source.hold(t)
	l.listener.Resubscribed()
	<-source.entered // has read the first state
	source.mu.Lock()
	stored = 2
	source.mu.Unlock()
	second := l.dial("exporter", "")
	waitFor(t, func() bool { return l.sockets() == 2 })
	release()
	if m := first.next(); m.Type != "snapshot" || m.Jobs[0].Version != 1<<32+1 {
		t.Errorf("the first socket: %+v", m)
	}
	if m := second.next(); m.Type != "snapshot" || m.Jobs[0].Version != 1<<32+2 {
		t.Errorf("the second socket: %+v", m)
	}
}

// A database failure closes no socket: the read is retried, and changes are delivered meanwhile.
func TestSnapshotReadIsRetried(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	l := start(t, func(b *server) {
		b.snapshot = source.Snapshot
		b.options.RetryAfter = time.Millisecond
	})
	c := l.open("exporter", "")
	release := source.hold(t)
	failures := 3
	source.answer = func(string) ([]*export.Job, error) {
		source.mu.Lock()
		defer source.mu.Unlock()
		if failures--; failures >= 0 {
			return nil, errDown
		}
		return []*export.Job{running("j1", 3)}, nil
	}
	l.listener.Resubscribed()
	<-source.entered
	l.listener.Job(running("j1", 2))
	if m := c.next(); m.Type != "job" || m.Job.Version != 1<<32+2 {
		t.Fatalf("message %+v", m)
	}
	release()
	if m := c.next(); m.Type != "snapshot" || m.Jobs[0].Version != 1<<32+3 {
		t.Fatalf("message %+v", m)
	}
}

// The requester has no socket any more, so the read is not retried.
func TestSnapshotReadIsNotRetriedWithoutSockets(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	source.answer = func(string) ([]*export.Job, error) { return nil, errDown }
	l := start(t, func(b *server) {
		b.snapshot = source.Snapshot
		b.options.RetryAfter = time.Millisecond
	})
	c := l.dial("exporter", "")
	waitFor(t, func() bool {
		source.mu.Lock()
		defer source.mu.Unlock()
		return source.reads["admin:01exporter"] > 1
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return l.sockets() == 0 && l.hub.snapshots.idle() })
}

// Sockets that may not download get no addresses of files.
func TestSnapshotHasAddressesForAuthorizedSockets(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	l := start(t, func(b *server) { b.snapshot = source.Snapshot })
	a, b := l.open("exporter", ""), l.open("exporter", "")
	source.answer = func(string) ([]*export.Job, error) { return []*export.Job{finished("01exporter")}, nil }
	l.listener.Resubscribed()
	for _, c := range []*client{a, b} {
		if m := c.next(); m.Type != "snapshot" || m.Jobs[0].address() == "" {
			t.Errorf("message %+v", m)
		}
	}
	viewer := l.open("viewer", "")
	source.answer = func(string) ([]*export.Job, error) { return []*export.Job{finished("01viewer")}, nil }
	l.listener.Resubscribed()
	if m := viewer.next(); m.Type != "snapshot" || m.Jobs[0].address() != "" {
		t.Errorf("a viewer hears %+v", m)
	}
	for _, c := range []*client{a, b} { // each socket gets its snapshot in its own time
		if m := c.next(); m.Type != "snapshot" || m.Jobs[0].address() == "" {
			t.Errorf("message %+v", m)
		}
	}
}

// While Redis is away, nothing is published: sockets learn from the database that their job waits.
func TestLostFeedIsPolled(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	stored := int64(1)
	source.answer = func(string) ([]*export.Job, error) {
		source.mu.Lock()
		defer source.mu.Unlock()
		return []*export.Job{running("j1", stored)}, nil
	}
	store := func(sequence int64) {
		source.mu.Lock()
		defer source.mu.Unlock()
		stored = sequence
	}
	l := start(t, func(b *server) { b.snapshot, b.options.PollInterval = source.Snapshot, time.Hour })
	c := l.open("exporter", "")
	store(2)
	l.listener.Lost()
	if m := c.next(); m.Type != "snapshot" || m.Jobs[0].Version != 1<<32+2 {
		t.Errorf("after the loss: %+v", m)
	}
	l.listener.Lost() // the next attempt to subscribe, too early for another read
	store(3)
	l.listener.Resubscribed()
	if m := c.next(); m.Type != "snapshot" || m.Jobs[0].Version != 1<<32+3 {
		t.Errorf("after the return: %+v", m)
	}
	source.mu.Lock()
	defer source.mu.Unlock()
	if n := source.reads["admin:01exporter"]; n != 3 {
		t.Errorf("%d reads: for the socket, the loss and the return", n)
	}
}
