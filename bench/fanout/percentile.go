package main

import (
	"slices"
	"time"
)

// latencies are durations. Sort them before percentile is called.
type latencies []time.Duration

func (l latencies) sort() { slices.Sort(l) }

// percentile returns the smallest latency that at least p of 100 latencies do not exceed (nearest
// rank); 0 if there are none. P is from 1 to 100.
func (l latencies) percentile(p int) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[(len(l)*p+99)/100-1]
}
