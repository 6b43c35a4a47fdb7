package pipeline

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// The speed is averaged over speedWindow, or over the time since the first row, which is at least
// minSpeedWindow, from at most speedPoints points.
const (
	speedWindow    = 5 * time.Second
	minSpeedWindow = time.Second
	speedPoints    = 32
)

// meter counts a run's progress and estimates its totals. It assumes that the remaining users
// resemble the sample and the users so far, without outliers (estimate.go). The estimate is good
// from the start, and exact at the end.
//
// Rows are counted when the sequencer writes them, bytes when the file's bytes are final: in a
// compressed file a little later.
type meter struct {
	kind           export.FileKind
	otherFile      *export.FileProgress // the job's other file, exact or estimated; may be nil
	now            func() time.Time
	compressed     bool            // the file is compressed
	sample         totals          // of the sample, as CSV
	sampleHeaviest export.Heaviest // the heaviest users of the sample
	outliers       []outlier       // the outliers of the sample
	headerBytes    int64           // 0 in a compressed file
	matched        int64           // users that matched at the start

	mu           sync.Mutex      // guards the fields below
	done         totals          // written so far, without the header
	partial      totals          // the share of done that belongs to an unfinished large user
	remainder    export.Weight   // what is left of that user
	heaviest     export.Heaviest // the heaviest users in done
	stored       byteSizes       // of the final bytes of the file
	pendingBytes int64           // CSV of large users that is written but not yet compressed
	typicalSizes byteSizes       // compression of typical users, including the sample
	outlierSizes byteSizes       // compression of outliers
	minBytes     int64           // that an earlier attempt reported: bytes never decrease
	percent      int
	points       []point
	firstRows    int64 // in done when this run began to write
	throughput   throughput
}

// totals is the size of a number of users in the file.
type totals struct{ users, rows, bytes int64 }

type point struct {
	at   time.Time
	rows int64
}

// resume sets the counts to those of a checkpoint.
func (m *meter) resume(cp export.Checkpoint) {
	m.matched = cp.Matched
	m.done = totals{cp.Users, cp.Rows, cp.Plain - m.headerBytes}
	m.stored = byteSizes{cp.Plain, cp.Bytes}
	m.firstRows = cp.Rows
	m.heaviest = slices.Clone(cp.Heaviest)
	// Scaled down, so that new members soon outweigh an outlier in it.
	m.typicalSizes = m.stored.scaledTo(memberSize)
}

// restore takes over the progress of an earlier attempt: percent and bytes never decrease.
func (m *meter) restore(previous export.Progress) {
	m.percent = min(previous.Percent, 99)
	switch {
	case m.kind == export.UsersFile:
		m.minBytes = previous.Users.Bytes
	case previous.StateEvents != nil:
		m.minBytes = previous.StateEvents.Bytes
	}
	m.throughput.restore(previous.Throughput)
}

// restart resets the counts for a file that is written again. The reported bytes do not decrease.
func (m *meter) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.minBytes = max(m.minBytes, m.fileBytes())
	m.done, m.partial, m.remainder, m.heaviest = totals{}, totals{}, export.Weight{}, nil
	m.stored, m.pendingBytes, m.points, m.firstRows = byteSizes{}, 0, nil, 0
}

// fileBytes returns the number of final bytes. The caller holds mu.
func (m *meter) fileBytes() int64 {
	if m.compressed {
		return m.stored.stored
	}
	return m.headerBytes + m.done.bytes
}

// addPassed adds whole users, with the heaviest among them, or, if s.users is 0, a share of one
// large user.
func (m *meter) addPassed(s totals, heaviest export.Heaviest) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = m.done.plus(s)
	if s.users > 0 {
		m.partial, m.remainder = totals{}, export.Weight{}
	} else {
		m.partial = m.partial.plus(s)
		m.pendingBytes += s.bytes
		m.remainder.Rows, m.remainder.Bytes = max(m.remainder.Rows-s.rows, 0), max(m.remainder.Bytes-s.bytes, 0)
	}
	m.heaviest.AddAll(heaviest)
	m.throughput.add(m.now(), s.rows)
}

// setRemainder sets what is left of the large user that is being written.
func (m *meter) setRemainder(w export.Weight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remainder = w
}

// addStored adds a chunk that is final, and its size in the file.
func (m *meter) addStored(c chunk, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := byteSizes{c.plainBytes, bytes}
	m.stored = m.stored.plus(now)
	mixed := len(c.heaviest) > 0 && 2*c.heaviest[0].Bytes > c.plainBytes // mostly one user
	if c.midUser || mixed {
		m.pendingBytes = max(m.pendingBytes-c.plainBytes, 0)
	}
	switch {
	case c.midUser && c.users == 0:
		m.outlierSizes = m.outlierSizes.plus(now)
	case !c.midUser && !mixed:
		m.typicalSizes = m.typicalSizes.plus(now)
	}
}

// progress returns the current progress. If finished, the totals are the exact counts.
func (m *meter) progress(started, finished bool) export.Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	usersLeft := max(m.matched-m.done.users, 0)
	if finished {
		usersLeft = 0
	}
	typical, outliers := m.remaining(usersLeft)
	if finished {
		typical, outliers = totals{}, totals{}
	}
	f := export.FileProgress{
		Rows: m.done.rows, RowsTotal: m.done.rows + typical.rows + outliers.rows,
		Users: m.done.users, UsersTotal: m.done.users + usersLeft, BytesTotalExact: finished,
	}
	fileBytes := m.fileBytes()
	f.BytesTotal = fileBytes + typical.bytes + outliers.bytes
	if m.compressed {
		uncompressed := max(m.done.bytes-m.stored.plain, 0) // written but not yet compressed
		pendingBytes := min(m.pendingBytes, uncompressed)
		f.BytesTotal = fileBytes + m.typicalSizes.storedFor(typical.bytes+uncompressed-pendingBytes, m.outlierSizes) + m.outlierSizes.storedFor(outliers.bytes+pendingBytes, m.typicalSizes)
	}
	if finished {
		f.BytesTotal = fileBytes
	}
	var rowsLeft int64 // of the other file
	if started {
		f.Bytes = fileBytes
		done, total := fileBytes, f.BytesTotal
		if m.otherFile != nil {
			done, total, rowsLeft = done+m.otherFile.Bytes, total+m.otherFile.BytesTotal, m.otherFile.RowsTotal-m.otherFile.Rows
		}
		m.percent = max(m.percent, int(min(99, done*100/max(total, 1))))
	}
	if !finished {
		f.Bytes = max(f.Bytes, m.minBytes)
		f.BytesTotal = max(f.BytesTotal, f.Bytes)
	}
	p := export.Progress{Phase: export.Downloading, Percent: m.percent, Users: f, StateEvents: m.otherFile}
	if m.kind == export.StateEventsFile {
		p.Phase, p.Users, p.StateEvents = export.DownloadingStateEvents, export.FileProgress{}, &f
		if m.otherFile != nil {
			p.Users = *m.otherFile
		}
	}
	if started {
		p.RowsPerSecond = m.speed()
		m.throughput.begin(m.now())
	}
	p.Throughput = m.throughput.snapshot()
	switch {
	case finished && rowsLeft == 0:
		p.ETASeconds = new(int64)
	case p.RowsPerSecond > 0:
		eta := int64(math.Ceil(float64(f.RowsTotal-f.Rows+rowsLeft) / p.RowsPerSecond))
		p.ETASeconds = &eta
	}
	return p
}

// speed returns rows per second over the last few seconds, 0 if unknown. The time before the first
// row, in which the store begins to read, does not count.
func (m *meter) speed() float64 {
	now := m.now()
	if len(m.points) == 0 && m.done.rows == m.firstRows {
		return 0
	}
	if n := len(m.points); n == 0 || now.Sub(m.points[n-1].at) >= speedWindow/speedPoints {
		m.points = append(m.points, point{now, m.done.rows})
	}
	for len(m.points) > 2 && now.Sub(m.points[1].at) >= speedWindow {
		m.points = m.points[:copy(m.points, m.points[1:])]
	}
	first := m.points[0]
	elapsed := now.Sub(first.at).Seconds()
	if elapsed < minSpeedWindow.Seconds() {
		return 0
	}
	return math.Round(float64(m.done.rows-first.rows)/elapsed*10) / 10
}
