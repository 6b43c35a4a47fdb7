package live

import (
	"encoding/json"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// progressOf returns the event with which a worker publishes a version of a job.
func progressOf(job *export.Job, stateVersion int64) *jobs.ProgressEvent {
	e := &jobs.ProgressEvent{
		Tenant: job.Tenant, RequesterID: job.Requester.ID, JobID: job.ID, Version: job.Version(), StateVersion: stateVersion, Progress: job.Progress,
	}
	e.Progress.Throughput = nil
	return e
}

// Clients that ask for small events receive them; the others receive whole jobs, encoded once.
func TestSocketReceivesProgress(t *testing.T) {
	t.Parallel()
	var count encodings
	l := start(t, func(s *server) { s.options.View = fullView }, count.count)
	small := []*client{l.open("exporter", "&progress=true"), l.open("exporter", "&progress=true")}
	whole := []*client{l.open("exporter", ""), l.open("exporter", "")}
	all := append(small, whole...)
	next := func(clients []*client, kind string, version int64) (bytes int) {
		t.Helper()
		for i, c := range clients {
			_, body, err := c.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			var m message
			if err := json.Unmarshal(body, &m); err != nil {
				t.Fatal(err)
			}
			if got := max(m.Version, m.Job.Version); m.Type != kind || got != 1<<32+version {
				t.Fatalf("socket %d: %s, want %s in version %d", i, body, kind, version)
			}
			if kind == "progress" && (m.JobID != ticking(1).ID || m.Progress.Users.Rows != ticking(version).Progress.Users.Rows || m.Progress.Throughput != nil) {
				t.Errorf("socket %d: %s", i, body)
			}
			bytes = len(body)
		}
		return bytes
	}
	l.listener.Job(ticking(1))
	next(all, "job", 1)
	count.expect(t, 1, 0)
	for version := int64(2); version < 6; version++ {
		l.listener.Progress(progressOf(ticking(version), 1<<32+1))
		l.listener.Progress(progressOf(ticking(version-1), 1<<32+1)) // arrives late
		l.listener.Progress(progressOf(ticking(version), 1<<32+1))   // arrives twice
		if n, most := next(small, "progress", version), 400; n > most {
			t.Errorf("progress has %d bytes, want at most %d", n, most)
		}
		next(whole, "job", version)
		count.expect(t, 1, 0)
	}
	l.listener.Job(ticking(6)) // from a process of a version that publishes whole jobs only
	next(small, "progress", 6)
	next(whole, "job", 6)
	verified := ticking(7)
	verified.History = append(verified.History, export.Event{Kind: "verified"})
	l.listener.Job(verified)
	next(all, "job", 7)
	l.listener.Progress(progressOf(ticking(8), 1<<32+7))
	next(small, "progress", 8)
	next(whole, "job", 8)
	ended := ticking(9)
	ended.Status = export.Completed
	l.listener.Job(ended)
	next(all, "job", 9)
}

// A progress event that follows a state that this server did not receive makes it send a snapshot.
func TestLostStateBringsASnapshot(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]*export.Job{"of a known job": ticking(1), "of an unknown job": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := newSnapshotSource()
			l := start(t, func(s *server) { s.snapshot = source.Snapshot })
			c := l.open("exporter", "&progress=true")
			if before != nil {
				l.listener.Job(before)
				c.next()
			}
			lost := ticking(5)
			lost.Warnings = []export.Warning{{Code: "no_column"}}
			source.mu.Lock()
			source.answer = func(string) ([]*export.Job, error) { return []*export.Job{lost}, nil }
			source.mu.Unlock()
			next := ticking(6)
			next.Warnings = lost.Warnings
			l.listener.Progress(progressOf(next, lost.Version()))
			if m := c.next(); m.Type != "snapshot" || len(m.Jobs) != 1 || m.Jobs[0].Version != lost.Version() {
				t.Fatalf("message %+v", m)
			}
			l.listener.Progress(progressOf(ticking(7), lost.Version()))
			if m := c.next(); m.Type != "progress" || m.Version != 1<<32+7 {
				t.Errorf("message %+v", m)
			}
		})
	}
}

// Progress that arrives after the end of its job is dropped, and reads nothing.
func TestProgressAfterTheEndIsDropped(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	l := start(t, func(s *server) { s.snapshot = source.Snapshot })
	c := l.open("exporter", "&progress=true")
	l.listener.Job(ticking(1))
	c.next()
	cancelled := ticking(0)
	cancelled.Attempt, cancelled.Status = 2, export.Cancelled
	l.listener.Job(cancelled)
	l.listener.Progress(progressOf(ticking(2), 1<<32+1))
	if m := c.next(); m.Job.Status != "cancelled" {
		t.Errorf("message %+v", m)
	}
	l.listener.Job(running("j2", 1))
	if m := c.next(); m.Job.JobID != "j2" {
		t.Errorf("message %+v", m)
	}
	source.mu.Lock()
	defer source.mu.Unlock()
	if n := source.reads["admin:01exporter"]; n != 1 {
		t.Errorf("%d reads, want 1", n)
	}
}

// A client that reads late receives the newest state whole if it missed a change of the state, and
// the newest throughput if it missed one.
func TestSlowSocketMissesNoState(t *testing.T) {
	t.Parallel()
	encoding, encode := make(chan struct{}), make(chan struct{})
	l := start(t, func(b *server) {
		b.fileURL = func(*export.Job, export.File) string {
			encoding <- struct{}{}
			<-encode
			return "/files/"
		}
	})
	c := l.open("exporter", "&progress=true")
	block := func(sequence int64) {
		t.Helper()
		other := finished("01exporter")
		other.ID, other.Sequence = "other", sequence
		l.listener.Job(other)
		<-encoding
	}
	release := func() {
		t.Helper()
		encode <- struct{}{}
		if m := c.next(); m.Job.JobID != "other" {
			t.Fatalf("message %+v", m)
		}
	}
	l.listener.Job(ticking(1))
	c.next()

	block(1)
	changed := ticking(2)
	changed.Warnings = []export.Warning{{Code: "no_column"}}
	l.listener.Job(changed)
	l.listener.Progress(progressOf(ticking(3), changed.Version()))
	release()
	if m := c.next(); m.Type != "job" || m.Job.Version != 1<<32+3 {
		t.Errorf("after a missed state: %+v", m)
	}

	block(2)
	longer := progressOf(ticking(4), changed.Version())
	longer.Progress.Throughput = &export.Throughput{IntervalMS: 2000, Rows: make([]*int64, 31)}
	l.listener.Progress(longer)
	l.listener.Progress(progressOf(ticking(5), changed.Version()))
	release()
	if m := c.next(); m.Type != "progress" || m.Version != 1<<32+5 || m.Progress.Throughput == nil || len(m.Progress.Throughput.Rows) != 31 {
		t.Errorf("after a missed throughput: %+v", m)
	}
	l.listener.Progress(progressOf(ticking(6), changed.Version()))
	if m := c.next(); m.Version != 1<<32+6 || m.Progress.Throughput != nil {
		t.Errorf("afterwards: %+v", m)
	}
}

// Progress that arrives while a snapshot is read is sent at once, and the snapshot is not older.
func TestSnapshotIsNotOlderThanProgress(t *testing.T) {
	t.Parallel()
	source := newSnapshotSource()
	l := start(t, func(s *server) { s.snapshot = source.Snapshot })
	c := l.open("exporter", "&progress=true")
	l.listener.Job(ticking(1))
	c.next()
	source.mu.Lock()
	source.answer = func(string) ([]*export.Job, error) { return []*export.Job{ticking(2)}, nil }
	source.mu.Unlock()
	release := source.hold(t)
	l.listener.Resubscribed()
	<-source.entered
	l.listener.Progress(progressOf(ticking(3), 1<<32+1))
	if m := c.next(); m.Type != "progress" || m.Version != 1<<32+3 {
		t.Fatalf("message %+v", m)
	}
	release()
	if m := c.next(); m.Type != "snapshot" || m.Jobs[0].Version != 1<<32+3 {
		t.Fatalf("message %+v", m)
	}
	l.listener.Progress(progressOf(ticking(4), 1<<32+1))
	if m := c.next(); m.Type != "progress" || m.Version != 1<<32+4 {
		t.Fatalf("message %+v", m)
	}
}
