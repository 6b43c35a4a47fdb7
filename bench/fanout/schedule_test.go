package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestSequences(t *testing.T) {
	t.Parallel()
	version := func(attempt, sequence int64) int64 { return attempt<<attemptShift + sequence }
	for message, want := range map[string][]int64{
		``:                                     nil,
		`{"type":"job"}`:                       nil,
		`{"version":`:                          nil,
		`{"version":null,"job":{"version":7}}`: nil,
		fmt.Sprintf(`{"job":{"version":%d,"x":1}}`, version(attempt, 12)):                             {12},
		fmt.Sprintf(`{"job":{"version":%d`, version(attempt, 12)):                                     {12},
		fmt.Sprintf(`{"jobs":[{"version":%d},{"version":%d}]}`, version(1, 99), version(attempt, 3)):  {3},
		fmt.Sprintf(`{"version":%d}`+"\n"+`{"version":%d}`, version(attempt, 4), version(attempt, 5)): {4, 5},
	} {
		if got := slices.Collect(sequences([]byte(message))); !slices.Equal(got, want) {
			t.Errorf("%s: got %d, want %d", message, got, want)
		}
	}
}

// recorder is a publisher that stores what is published, by job.
type recorder struct {
	mu     sync.Mutex
	states map[int][]string
	count  int
	after  func(count int) error
}

func (r *recorder) publish(_ context.Context, job int, sequence int64, final bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states[job] = append(r.states[job], fmt.Sprint(sequence, final))
	r.count++
	return r.after(r.count)
}

// Every job has states without a gap, and exactly one final state, at the end.
func TestSchedule(t *testing.T) {
	t.Parallel()
	const jobs = 6
	finish := make(chan struct{})
	r := &recorder{states: map[int][]string{}, after: func(count int) error {
		if count == 3*jobs {
			close(finish)
		}
		return nil
	}}
	s := newSchedule(jobs, maxRate, time.Minute)
	if err := s.run(t.Context(), r, finish); err != nil {
		t.Fatal(err)
	}
	for job := range jobs {
		states := r.states[job]
		for i, state := range states {
			sequence, final := int64(i+1), i == len(states)-1
			if state != fmt.Sprint(sequence, final) {
				t.Errorf("job %d, state %d of %d: %s", job, sequence, len(states), state)
			}
			if _, known := s.latency(job, sequence, time.Since(s.began)); !known {
				t.Errorf("job %d: no time for state %d", job, sequence)
			}
		}
		if s.final[job].Load() != int64(len(states)) {
			t.Errorf("job %d: the final state is %d of %d", job, s.final[job].Load(), len(states))
		}
		if _, known := s.latency(job, int64(len(states)+1), time.Since(s.began)); known {
			t.Errorf("job %d: a time for a state that was not published", job)
		}
	}
	if int(s.states.Load()) != r.count {
		t.Errorf("%d states counted, %d published", s.states.Load(), r.count)
	}
}

func TestScheduleFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	r := &recorder{states: map[int][]string{}, after: func(int) error { return broken }}
	if err := newSchedule(3, maxRate, time.Minute).run(t.Context(), r, nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
