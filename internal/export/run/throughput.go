package run

import (
	"time"

	"github.com/egress-io/egress/internal/export"
)

// A series has maxSamples samples at most. They begin with the shortest interval, which doubles when there is no room.
const (
	maxSamples  = 60
	firstSample = 250 * time.Millisecond
)

// idle is a sample of a time in which no attempt was at work.
const idle = -1

// throughput keeps how many rows came in each interval, across attempts. Rows come in blocks; each is spread over the time
// since the one before it, so that a sample tells the speed and not when a block was full.
type throughput struct {
	from  time.Time // of the first attempt; zero: nothing yet
	every time.Duration
	rows  []int64   // idle, or a number of rows
	last  time.Time // when rows came last in this attempt, or it began; zero: it has not
}

// restore goes on with the series of earlier attempts.
func (s *throughput) restore(told *export.Throughput) {
	if told == nil || told.IntervalMS <= 0 {
		return
	}
	s.from, s.every = told.From.Time, time.Duration(told.IntervalMS)*time.Millisecond
	for _, n := range told.Rows {
		if n == nil {
			s.rows = append(s.rows, idle)
		} else {
			s.rows = append(s.rows, *n)
		}
	}
}

// begin notes that an attempt is at work from now on.
func (s *throughput) begin(now time.Time) {
	if !s.last.IsZero() {
		return
	}
	if s.from.IsZero() {
		s.from, s.every = now, firstSample
	}
	s.last = now
	s.reach(now)
}

// add counts rows that came since the last ones.
func (s *throughput) add(now time.Time, rows int64) {
	if s.last.IsZero() || rows == 0 {
		return
	}
	if now.Before(s.last) { // the clock was set back
		now = s.last
	}
	s.reach(now)
	span := now.Sub(s.last)
	given := int64(0)
	for i := s.index(s.last); i <= s.index(now); i++ {
		due := rows
		if end := s.from.Add(time.Duration(i+1) * s.every); end.Before(now) {
			due = int64(float64(rows) * float64(end.Sub(s.last)) / float64(span))
		}
		s.rows[i] = max(s.rows[i], 0) + due - given
		given = due
	}
	s.last = now
}

// reach makes room for a sample at an instant. What is new is idle until rows come.
func (s *throughput) reach(at time.Time) {
	for s.index(at) >= maxSamples {
		s.every *= 2
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

func (s *throughput) index(at time.Time) int { return max(0, int(at.Sub(s.from)/s.every)) }

// view returns the series as it is told, nil where there is none.
func (s *throughput) view() *export.Throughput {
	if s.from.IsZero() {
		return nil
	}
	v := &export.Throughput{From: export.NewTime(s.from), IntervalMS: s.every.Milliseconds(), Rows: make([]*int64, len(s.rows))}
	all := append([]int64(nil), s.rows...)
	for i := range all {
		if all[i] != idle {
			v.Rows[i] = &all[i]
		}
	}
	return v
}
