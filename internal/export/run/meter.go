package run

import (
	"math"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// Over how long the speed is taken, and how many points of it are kept.
const (
	speedWindow = 5 * time.Second
	speedPoints = 32
)

// meter counts a run's progress and guesses its totals. Users are weighed by those that have passed, together with the sample
// that was taken first; so the guess is good from the start, and exact at the end.
//
// Rows are counted as users pass, bytes as they are made: where a file is compressed, those are a little behind.
type meter struct {
	kind   export.FileKind
	other  *export.FileProgress // of the job's other file: what is known before, or what it has come to; nil where there is none
	now    func() time.Time
	packed bool  // the file is compressed
	sample size  // what a sample of users came to, as stored
	header int64 // bytes, where the file is not compressed
	total  int64 // users that matched at the start

	mu      sync.Mutex // guards what follows
	done    size       // what has passed, the header not counted
	stored  size       // where the file is compressed: users and bytes that have been compressed
	floor   int64      // bytes that an earlier attempt has told of
	percent int
	points  []point
	series  throughput
}

// size is how large a number of users is in the file.
type size struct{ users, rows, bytes int64 }

type point struct {
	at   time.Time
	rows int64
}

// resume goes on where an earlier attempt has stored the file.
func (m *meter) resume(at export.Checkpoint) {
	m.total = at.Matched
	m.done = size{at.Users, at.Rows, at.Bytes - m.header}
	m.stored = size{users: at.Users, bytes: at.Bytes}
}

// begin takes over what has been told before: bytes never fall.
func (m *meter) begin(told export.Progress) {
	m.percent = min(told.Percent, 99)
	switch {
	case m.kind == export.UsersFile:
		m.floor = told.Users.Bytes
	case told.StateEvents != nil:
		m.floor = told.StateEvents.Bytes
	}
	m.series.restore(told.Throughput)
}

// restart begins anew at nothing, for a file that is made again. What was told stays told.
func (m *meter) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.floor = max(m.floor, m.made())
	m.done, m.stored, m.points = size{}, size{}, nil
}

// made is how many bytes of the file are made; the caller holds mu.
func (m *meter) made() int64 {
	if m.packed {
		return m.stored.bytes
	}
	return m.header + m.done.bytes
}

// pass counts users that are in the file now.
func (m *meter) pass(s size) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done.users += s.users
	m.done.rows += s.rows
	m.done.bytes += s.bytes
	m.series.add(m.now(), s.rows)
}

// store counts users whose bytes are made.
func (m *meter) store(users, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stored.users += users
	m.stored.bytes += bytes
}

// progress returns where the run is. finished says that nothing more comes: then the totals are what has passed.
func (m *meter) progress(begun, finished bool) export.Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := max(m.total-m.done.users, 0)
	if finished {
		left = 0
	}
	f := export.FileProgress{
		Rows: m.done.rows, RowsTotal: m.done.rows + m.guess(left, m.done.users, m.sample.rows+m.done.rows),
		Users: m.done.users, UsersTotal: m.done.users + left, BytesTotalExact: finished,
	}
	made := m.made()
	if m.packed {
		f.BytesTotal = made + m.guess(f.UsersTotal-m.stored.users, m.stored.users, m.sample.bytes+m.stored.bytes)
	} else {
		f.BytesTotal = made + m.guess(left, m.done.users, m.sample.bytes+m.done.bytes)
	}
	if finished {
		f.BytesTotal = made
	}
	var rowsLeft int64 // of the other file
	if begun {
		f.Bytes = made
		done, total := made, f.BytesTotal
		if m.other != nil {
			done, total, rowsLeft = done+m.other.Bytes, total+m.other.BytesTotal, m.other.RowsTotal-m.other.Rows
		}
		m.percent = max(m.percent, int(min(99, done*100/max(total, 1))))
	}
	if !finished {
		f.Bytes = max(f.Bytes, m.floor)
		f.BytesTotal = max(f.BytesTotal, f.Bytes)
	}
	p := export.Progress{Phase: export.Downloading, Percent: m.percent, Users: f, StateEvents: m.other}
	if m.kind == export.StateEventsFile {
		p.Phase, p.Users, p.StateEvents = export.DownloadingStateEvents, export.FileProgress{}, &f
		if m.other != nil {
			p.Users = *m.other
		}
	}
	if begun {
		p.RowsPerSecond = m.speed()
		m.series.begin(m.now())
	}
	p.Throughput = m.series.view()
	switch {
	case finished && rowsLeft == 0:
		p.ETASeconds = new(int64)
	case p.RowsPerSecond > 0:
		eta := int64(math.Ceil(float64(f.RowsTotal-f.Rows+rowsLeft) / p.RowsPerSecond))
		p.ETASeconds = &eta
	}
	return p
}

// guess returns what so many users come to, where the sample and so many that have passed came to sum.
func (m *meter) guess(users, passed, sum int64) int64 {
	seen := m.sample.users + passed
	if seen == 0 {
		return 0
	}
	return int64(math.Ceil(float64(users) * float64(sum) / float64(seen)))
}

// speed returns rows per second over the last few seconds, 0 while it is unknown.
func (m *meter) speed() float64 {
	now := m.now()
	if n := len(m.points); n == 0 || now.Sub(m.points[n-1].at) >= speedWindow/speedPoints {
		m.points = append(m.points, point{now, m.done.rows})
	}
	for len(m.points) > 2 && now.Sub(m.points[1].at) >= speedWindow {
		m.points = m.points[:copy(m.points, m.points[1:])]
	}
	first := m.points[0]
	elapsed := now.Sub(first.at).Seconds()
	if elapsed <= 0 {
		return 0
	}
	return math.Round(float64(m.done.rows-first.rows)/elapsed*10) / 10
}
