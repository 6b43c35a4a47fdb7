package pipeline

import (
	"time"

	"github.com/egress-io/egress/internal/export"
)

// A series has at most maxSamples samples. When it is full, their interval doubles.
const (
	maxSamples    = 60
	firstInterval = 250 * time.Millisecond
)

// idle marks a sample in which no attempt ran.
const idle = -1

// throughput records the rows per interval, across attempts. Rows arrive in blocks: add spreads
// them over the time since the previous block, so that a sample shows the speed and not the end of
// a block.
type throughput struct {
	start    time.Time // of the first attempt; zero before it
	interval time.Duration
	rows     []int64   // rows per interval, or idle
	last     time.Time // of the last add or begin in this attempt; zero before begin
}

// restore continues the series of earlier attempts.
func (s *throughput) restore(previous *export.Throughput) {
	if previous == nil || previous.IntervalMS <= 0 {
		return
	}
	s.start, s.interval = previous.From.Time, time.Duration(previous.IntervalMS)*time.Millisecond
	for _, n := range previous.Rows {
		if n == nil {
			s.rows = append(s.rows, idle)
		} else {
			s.rows = append(s.rows, *n)
		}
	}
}

// begin marks the start of this attempt. Later calls are no-ops.
func (s *throughput) begin(now time.Time) {
	if !s.last.IsZero() {
		return
	}
	if s.start.IsZero() {
		s.start, s.interval = now, firstInterval
	}
	s.last = now
	s.extendTo(now)
}

// add adds rows that were written since the last call.
func (s *throughput) add(now time.Time, rows int64) {
	if s.last.IsZero() || rows == 0 {
		return
	}
	if now.Before(s.last) { // the clock went back
		now = s.last
	}
	s.extendTo(now)
	span := now.Sub(s.last)
	assigned := int64(0)
	for i := s.index(s.last); i <= s.index(now); i++ {
		share := rows
		if end := s.start.Add(time.Duration(i+1) * s.interval); end.Before(now) {
			share = int64(float64(rows) * float64(end.Sub(s.last)) / float64(span))
		}
		s.rows[i] = max(s.rows[i], 0) + share - assigned
		assigned = share
	}
	s.last = now
}

// extendTo appends idle samples up to an instant, and doubles the interval if there are too many.
func (s *throughput) extendTo(at time.Time) {
	for s.index(at) >= maxSamples {
		s.interval *= 2
		half := s.rows[:0]
		for i := 0; i < len(s.rows); i += 2 {
			n := s.rows[i]
			if i+1 < len(s.rows) && (n != idle || s.rows[i+1] != idle) {
				n = max(n, 0) + max(s.rows[i+1], 0)
			}
			half = append(half, n)
		}
		s.rows = half
	}
	for len(s.rows) <= s.index(at) {
		s.rows = append(s.rows, idle)
	}
}

func (s *throughput) index(at time.Time) int { return max(0, int(at.Sub(s.start)/s.interval)) }

// snapshot returns a copy of the series, nil if it is empty.
func (s *throughput) snapshot() *export.Throughput {
	if s.start.IsZero() {
		return nil
	}
	v := &export.Throughput{From: export.NewTime(s.start), IntervalMS: s.interval.Milliseconds(), Rows: make([]*int64, len(s.rows))}
	all := append([]int64(nil), s.rows...)
	for i := range all {
		if all[i] != idle {
			v.Rows[i] = &all[i]
		}
	}
	return v
}
