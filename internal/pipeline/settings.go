package pipeline

import (
	"runtime"
	"time"
)

// Settings tune a run. No setting changes a byte of the file. A zero value selects the default,
// which is the last item of each comment.
type Settings struct {
	PartSize      func(n int) int // bytes of part n (from 1), at least MinPart; PartSize
	Buffers       int             // part buffers, at least 2: most of the memory of a run; 3
	Uploads       int             // parts uploaded in parallel; 2
	Readers       int             // segments read in parallel; above 1 for indexed ids only; 1
	Encoders      int             // blocks encoded in parallel; GOMAXPROCS
	Packers       int             // members or frames compressed in parallel; GOMAXPROCS
	BlockUsers    int             // users per block, at most; 1,000
	BlockBytes    int             // bytes of documents per block; 256 KiB
	SegmentUsers  int             // users per segment; derived from the sample
	SampleUsers   int             // users in the sample for the estimate; 200
	CursorRetries int             // cursors lost in a row before the run fails; 5
	RetryDelay    time.Duration   // before the second retry in a row, then doubled; 250 ms

	// For tests only: these change the bytes of a compressed file, or where a file is cut.
	maxOverrun int // bytes by which one user may exceed a chunk
	memberSize int // bytes of CSV per compressed member
}

func (s Settings) withDefaults() Settings {
	if s.PartSize == nil {
		s.PartSize = PartSize
	}
	setDefault := func(n *int, standard int) {
		if *n <= 0 {
			*n = standard
		}
	}
	setDefault(&s.Buffers, 3)
	s.Buffers = max(s.Buffers, 2)
	setDefault(&s.Uploads, 2)
	setDefault(&s.Readers, 1)
	setDefault(&s.Encoders, runtime.GOMAXPROCS(0))
	setDefault(&s.Packers, runtime.GOMAXPROCS(0))
	setDefault(&s.BlockUsers, 1000)
	setDefault(&s.BlockBytes, blockBytes)
	setDefault(&s.SampleUsers, 200)
	setDefault(&s.CursorRetries, 5)
	setDefault(&s.maxOverrun, maxOverrun)
	setDefault(&s.memberSize, memberSize)
	if s.RetryDelay <= 0 {
		s.RetryDelay = 250 * time.Millisecond
	}
	return s
}

func (s Settings) largeDocumentBytes() int { return largeDocumentFactor * s.BlockBytes }

func (s Settings) maxBlockRowBytes() int { return blockRowsFactor * s.BlockBytes }

// GCPercent is the GOGC value for a process that only runs exports, or in which the embedded
// database sorts. Most of its memory is reused buffers, and its garbage is the database's replies.
// Collecting early therefore costs almost nothing, and saves a third of the memory
// (docs/benchmarks.md).
const GCPercent = 30
