package pipeline

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

func sumOfRows(t *export.Throughput) (sum int64) {
	for _, n := range t.Rows {
		if n != nil {
			sum += *n
		}
	}
	return sum
}

func TestThroughput(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 8, 31, 5, 0, time.UTC)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	samples := func(s *throughput) []int64 { return append([]int64(nil), s.rows...) }

	t.Run("spreads rows over the time since the last ones", func(t *testing.T) {
		t.Parallel()
		var s throughput
		s.begin(at(0))
		s.add(at(1000), 100)
		s.add(at(1125), 10)
		if got := samples(&s); !reflect.DeepEqual(got, []int64{25, 25, 25, 25, 10}) {
			t.Errorf("samples %v", got)
		}
	})

	t.Run("loses no rows with uneven intervals or a clock that goes back", func(t *testing.T) {
		t.Parallel()
		var s throughput
		s.begin(at(0))
		sum := int64(0)
		for i, now := range []int{13, 13, 700, 690, 5003, 40_011} {
			s.add(at(now), int64(7+i))
			sum += int64(7 + i)
		}
		for _, n := range s.rows {
			sum -= max(n, 0)
		}
		if sum != 0 {
			t.Errorf("%d rows are missing from %v", sum, s.rows)
		}
	})

	t.Run("doubles the interval when it is full", func(t *testing.T) {
		t.Parallel()
		var s throughput
		s.begin(at(0))
		for i := 1; i <= 100; i++ {
			s.add(at(i*250), 4)
		}
		if got := samples(&s); s.interval != 500*time.Millisecond || len(got) != 51 || got[0] != 8 || got[49] != 8 {
			t.Errorf("interval %s, %d samples: %v", s.interval, len(got), got)
		}
	})

	t.Run("is idle only between attempts", func(t *testing.T) {
		t.Parallel()
		var first throughput
		first.begin(at(0))
		first.add(at(499), 50)
		text, err := json.Marshal(first.snapshot())
		if err != nil {
			t.Fatal(err)
		}
		var kept export.Throughput
		if err := json.Unmarshal(text, &kept); err != nil {
			t.Fatal(err)
		}
		var next throughput
		next.restore(&kept)
		next.begin(at(1250))
		next.add(at(2250), 2) // fewer rows than samples: slow, but not idle
		if got := samples(&next); !reflect.DeepEqual(got, []int64{25, 25, idle, idle, idle, 0, 1, 0, 1, 0}) {
			t.Errorf("samples %v", got)
		}
		if v := next.snapshot(); v.Rows[2] != nil || *v.Rows[5] != 0 || v.From.Time != start || v.IntervalMS != 250 {
			t.Errorf("snapshot %+v", v)
		}
	})

	t.Run("handles a pause of one day", func(t *testing.T) {
		t.Parallel()
		var s throughput
		s.begin(at(0))
		s.add(at(200), 10)
		s.last = time.Time{}
		s.begin(at(86_400_000))
		s.add(at(86_400_100), 10)
		if n := len(s.rows); n > maxSamples || s.rows[0] != 10 || s.rows[n-1] != 10 || s.rows[n/2] != idle {
			t.Errorf("%d samples: %v", n, s.rows)
		}
	})

	t.Run("is nil before the first read", func(t *testing.T) {
		t.Parallel()
		var s throughput
		s.add(at(10), 1)
		s.restore(nil)
		if s.snapshot() != nil {
			t.Errorf("snapshot %+v", s.snapshot())
		}
	})
}
