package live

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
)

// fullView is a view with the size of a real job.
func fullView(_ context.Context, job *export.Job, _ int64, _ bool) gen.Job {
	v := gen.Job{
		JobID: job.ID, Status: job.Status, Mode: job.Mode, Origin: job.Origin, RequestedBy: "amelia.hart@example.com",
		Definition: job.Definition, Words: job.Words, CreatedAt: export.NewTime(job.CreatedAt), Progress: job.Progress, Columns: 40,
		Files: []gen.File{}, Warnings: []gen.Warning{}, Version: job.Version(),
	}
	for _, e := range job.History {
		v.History = append(v.History, gen.Event{Time: export.NewTime(e.Time), Kind: e.Kind, Message: e.Message})
	}
	return v
}

// ticking returns a running job as its worker publishes it, with a full series of throughput.
func ticking(sequence int64) *export.Job {
	job := running("01JDB7V2M9QKX3W8ZP5T6R4NHE", sequence)
	job.Words = "Country is GB and last login is up to 31 Aug 2026"
	for range 6 {
		job.History = append(job.History, export.Event{Time: time.Unix(1, 0).UTC(), Kind: "prepared", Message: "Counted 1,200,000 users in 40 columns."})
	}
	rows := make([]*int64, 60)
	for i := range rows {
		n := int64(100_000 + i)
		rows[i] = &n
	}
	job.Progress = export.Progress{
		Phase: export.Downloading, Percent: 41, RowsPerSecond: 91_234.5, Users: export.FileProgress{
			Bytes: 123_456_789 + sequence, BytesTotal: 301_234_567, Rows: 1_234_567 + sequence, RowsTotal: 3_000_000, Users: 1_234_567, UsersTotal: 3_000_000,
		},
		Throughput: &export.Throughput{From: export.NewTime(time.Unix(1, 0)), IntervalMS: 1000, Rows: rows},
	}
	return job
}

// countFrames reads a client's messages without parsing them. It adds to frames and bytes.
func countFrames(c *client, frames, bytes *atomic.Int64, arrived chan<- struct{}) {
	r := bufio.NewReaderSize(c.UnderlyingConn(), 64<<10)
	var head [10]byte
	for {
		if _, err := io.ReadFull(r, head[:2]); err != nil {
			return
		}
		n := int64(head[1] & 0x7f)
		switch n {
		case 126:
			_, _ = io.ReadFull(r, head[2:4])
			n = int64(binary.BigEndian.Uint16(head[2:4]))
		case 127:
			_, _ = io.ReadFull(r, head[2:10])
			n = int64(binary.BigEndian.Uint64(head[2:10]))
		}
		if _, err := r.Discard(int(n)); err != nil {
			return
		}
		if head[0]&0xf == 1 {
			frames.Add(1)
			bytes.Add(n)
			arrived <- struct{}{}
		}
	}
}

// BenchmarkTick measures one tick of a job to 20 sockets of its requester: time, allocations of the
// server, bytes per socket.
func BenchmarkTick(b *testing.B) {
	b.Run("whole", func(b *testing.B) { benchmarkTick(b, "") })
	b.Run("progress", func(b *testing.B) { benchmarkTick(b, "&progress=true") })
}

func benchmarkTick(b *testing.B, query string) {
	b.Helper()
	const sockets = 20
	l := start(b, func(s *server) { s.options.View = fullView })
	var frames, bytes atomic.Int64
	arrived := make(chan struct{}, sockets)
	for range sockets {
		go countFrames(l.open("exporter", query), &frames, &bytes, arrived)
	}
	job := ticking(1)
	l.listener.Job(job)
	for range sockets {
		<-arrived
	}
	bytes.Store(0)
	b.ReportAllocs()
	for b.Loop() {
		next := *job
		next.Sequence++
		next.Progress.Users.Rows++
		job = &next
		l.listener.Progress(progressOf(job, 1<<32+1))
		for range sockets {
			<-arrived
		}
	}
	b.ReportMetric(float64(bytes.Load())/float64(b.N)/sockets, "bytes/socket")
}

// BenchmarkSnapshot measures a snapshot of a requester to 20 sockets, as after an outage of Redis: from
// its request until all have it.
func BenchmarkSnapshot(b *testing.B) {
	const sockets = 20
	l := start(b, func(s *server) {
		s.options.View = fullView
		s.snapshot = func(string, string) ([]*export.Job, error) { return []*export.Job{ticking(1)}, nil }
	})
	var frames, bytes atomic.Int64
	arrived := make(chan struct{}, sockets)
	for range sockets {
		go countFrames(l.open("exporter", "&progress=true"), &frames, &bytes, arrived)
	}
	b.ReportAllocs()
	for b.Loop() {
		l.hub.mu.Lock()
		for slot, r := range l.hub.rooms {
			l.hub.requestSnapshots(slot, r, 0)
		}
		l.hub.mu.Unlock()
		for range sockets {
			<-arrived
		}
	}
}
