package auth

import (
	"sync"
	"time"
)

// maxWindows is the maximum number of keys that a process counts, about 10 MB. Beyond it, windows
// that end soon are dropped.
const maxWindows = 50_000

// memoryThrottle counts events in memory.
type memoryThrottle struct {
	now func() time.Time
	max int

	mu      sync.Mutex
	windows map[string]window
}

type window struct {
	events int
	ends   time.Time
}

func newMemoryThrottle(now func() time.Time) *memoryThrottle {
	return &memoryThrottle{now: now, max: maxWindows, windows: map[string]window{}}
}

// take counts an event. It returns the number of events in the window and the time until the window
// ends.
func (t *memoryThrottle) take(key string, l Limit) (n int, left time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	w, ok := t.windows[key]
	if !ok {
		t.evict(now)
	}
	if !now.Before(w.ends) {
		w = window{ends: now.Add(l.Window)}
	}
	w.events++
	t.windows[key] = w
	return w.events, w.ends.Sub(now)
}

// count returns the number of events in the window and the time until the window ends.
func (t *memoryThrottle) count(key string) (n int, left time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	w := t.windows[key]
	if !now.Before(w.ends) {
		return 0, 0
	}
	return w.events, w.ends.Sub(now)
}

func (t *memoryThrottle) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.windows, key)
}

// evict drops one window if there are too many. It samples a few windows in the map's random
// order and drops one that has ended or ends first. Searching the whole map for each event would be
// too slow during a flood.
func (t *memoryThrottle) evict(now time.Time) {
	if len(t.windows) < t.max {
		return
	}
	const sampleSize = 16
	var first string
	var ends time.Time
	n := 0
	for key, w := range t.windows {
		if n == 0 || w.ends.Before(ends) {
			first, ends = key, w.ends
		}
		if n++; n == sampleSize || !now.Before(ends) {
			break
		}
	}
	delete(t.windows, first)
}
