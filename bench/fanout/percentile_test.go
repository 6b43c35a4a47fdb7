package main

import (
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	upTo := func(n int) latencies {
		l := make(latencies, n)
		for i := range l {
			l[i] = time.Duration(n - i)
		}
		l.sort()
		return l
	}
	for _, c := range []struct{ n, p, want int }{
		{0, 50, 0}, {1, 1, 1}, {1, 50, 1}, {1, 100, 1}, {2, 50, 1}, {2, 51, 2}, {5, 50, 3}, {5, 99, 5},
		{100, 50, 50}, {100, 99, 99}, {100, 100, 100}, {101, 99, 100}, {200, 99, 198}, {1000, 99, 990}, {1000, 100, 1000},
	} {
		if got := upTo(c.n).percentile(c.p); got != time.Duration(c.want) {
			t.Errorf("percentile %d of 1…%d: got %d, want %d", c.p, c.n, got, c.want)
		}
	}
}
