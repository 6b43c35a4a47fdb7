package live

import (
	"math"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// slowly makes a hub send one tick at once while exports run, and hold the others back for an interval.
func slowly(l *server, interval time.Duration) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.hub.pace.exportingLimit, l.hub.pace.allowance, l.hub.pace.maxInterval = 1e-9, 1, interval
}

// While an export runs, progress is sent less often, and changes of a state at once.
func TestExportsSlowTicksButNoStates(t *testing.T) {
	t.Parallel()
	var exporting atomic.Bool
	l := start(t, func(s *server) { s.options.Exporting = exporting.Load })
	c := l.open("exporter", "&progress=true")
	l.listener.Job(ticking(1))
	c.next()
	tick := func(version int64) { l.listener.Progress(progressOf(ticking(version), 1<<32+1)) }

	slowly(l, time.Hour)
	for version := int64(2); version < 5; version++ { // no export runs
		tick(version)
		if m := c.next(); m.Type != "progress" || m.Version != 1<<32+version {
			t.Fatalf("message %+v", m)
		}
	}
	exporting.Store(true)
	for version := int64(5); version < 10; version++ {
		tick(version)
	}
	if m := c.next(); m.Type != "progress" || m.Version != 1<<32+5 {
		t.Fatalf("the first tick: %+v", m)
	}
	changed := ticking(10)
	changed.History = append(changed.History, export.Event{Kind: "verified"})
	l.listener.Job(changed)
	if m := c.next(); m.Type != "job" || m.Job.Version != 1<<32+10 {
		t.Fatalf("after a change of the state: %+v", m)
	}
	l.listener.Progress(progressOf(ticking(11), 1<<32+10))
	ended := ticking(12)
	ended.Status = export.Completed
	l.listener.Job(ended)
	if m := c.next(); m.Type != "job" || m.Job.Status != "completed" {
		t.Fatalf("at the end: %+v", m)
	}
}

// How many ticks are allowed depends on what writing one takes, and on the exports of this process.
func TestRateFollowsTheCostOfWrites(t *testing.T) {
	t.Parallel()
	const micro = time.Microsecond
	for _, c := range []struct {
		each      time.Duration
		exporting bool
		rate      float64
	}{
		{each: 0, rate: math.Inf(1)}, // not measured
		{each: 0, exporting: true, rate: 2000},
		{each: 10 * micro, rate: 75_000},
		{each: 30 * micro, rate: 25_000},
		{each: 30 * micro, exporting: true, rate: 2000},
		{each: 1000 * micro, exporting: true, rate: 750},
	} {
		var p pace
		p.init(func() bool { return c.exporting })
		p.exportingLimit = 2000
		p.wrote(minMeasured, minMeasured*c.each)
		p.measureWrites()
		if got := p.rate(); math.Abs(got-c.rate) > 1e-6*c.rate {
			t.Errorf("writes of %s, exporting %t: %v ticks per second, want %v", c.each, c.exporting, got, c.rate)
		}
	}
}

// One disturbance, or a time with few writes, does not decide what a write takes.
func TestCostOfWritesIsSmooth(t *testing.T) {
	t.Parallel()
	var p pace
	p.init(nil)
	for _, c := range []struct {
		written int
		each    time.Duration
		cost    time.Duration
	}{
		{written: 1000, each: 20 * time.Microsecond, cost: 20 * time.Microsecond},
		{written: 1000, each: 40 * time.Microsecond, cost: 30 * time.Microsecond},
		{written: minMeasured - 1, each: 10 * time.Microsecond, cost: 30 * time.Microsecond},
		{written: 0, cost: 30 * time.Microsecond},
		{written: 1, each: 10 * time.Microsecond, cost: 20 * time.Microsecond}, // few writes count together
		{written: 1000, each: 10 * time.Microsecond, cost: 15 * time.Microsecond},
	} {
		p.wrote(c.written, time.Duration(c.written)*c.each)
		p.measureWrites()
		if got := time.Duration(p.cost * float64(time.Second)).Round(time.Microsecond); got != c.cost {
			t.Errorf("after %d writes of %s: %s, want %s", c.written, c.each, got, c.cost)
		}
	}
}

// A server that cannot write all ticks sends fewer, and changes of a state at once.
func TestSlowWritesSlowTicksButNoStates(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.hub.mu.Lock()
	l.hub.pace.maxWriting, l.hub.pace.maxInterval = 1e-12, time.Hour
	l.hub.pace.measured = time.Hour // nothing is measured by itself
	l.hub.mu.Unlock()
	c := l.open("exporter", "&progress=true")
	version := int64(1)
	l.listener.Job(ticking(version))
	c.next()
	tick := func() {
		version++
		l.listener.Progress(progressOf(ticking(version), 1<<32+1))
	}
	for range 2 * minMeasured {
		tick()
		if m := c.next(); m.Version != 1<<32+version {
			t.Fatalf("before it is known what writes take: %+v", m)
		}
	}
	l.hub.mu.Lock()
	l.hub.pace.measured = l.hub.now() - measureInterval
	l.hub.mu.Unlock()
	tick() // uses up the allowance
	if m := c.next(); m.Version != 1<<32+version {
		t.Fatalf("the first tick: %+v", m)
	}
	tick() // is held back
	version++
	changed := ticking(version)
	changed.History = append(changed.History, export.Event{Kind: "verified"})
	l.listener.Job(changed)
	if m := c.next(); m.Type != "job" || m.Job.Version != 1<<32+version {
		t.Fatalf("after a change of the state: %+v", m)
	}
}

// A tick that was held back is sent when it is due, in its newest version, and when no export runs any
// more.
func TestHeldTicksAreSent(t *testing.T) {
	t.Parallel()
	var exporting atomic.Bool
	exporting.Store(true)
	for name, due := range map[string]func(*server){
		"when they have waited for long": func(l *server) {
			l.hub.mu.Lock()
			defer l.hub.mu.Unlock()
			l.hub.pace.maxInterval = time.Millisecond
		},
		"when it is their turn":     func(l *server) { slowly(l, time.Hour) },
		"when the export has ended": func(*server) { exporting.Store(false) },
		"when a snapshot is sent":   func(l *server) { l.listener.Resubscribed() },
		"when the next one is sent": func(l *server) { slowly(l, 0); l.listener.Progress(progressOf(ticking(9), 1<<32+1)) },
	} {
		t.Run(name, func(t *testing.T) {
			exporting.Store(true)
			source := newSnapshotSource()
			l := start(t, func(s *server) { s.options.Exporting = exporting.Load; s.snapshot = source.Snapshot })
			c := l.open("exporter", "&progress=true")
			source.mu.Lock()
			source.answer = func(string) ([]*export.Job, error) { return []*export.Job{ticking(1)}, nil }
			source.mu.Unlock()
			l.listener.Job(ticking(1))
			c.next()
			slowly(l, time.Hour)
			for version := int64(2); version < 9; version++ {
				l.listener.Progress(progressOf(ticking(version), 1<<32+1))
			}
			if m := c.next(); m.Version != 1<<32+2 {
				t.Fatalf("the first tick: %+v", m)
			}
			due(l)
			for version := int64(0); version < 1<<32+8; {
				m := c.next()
				if version = m.Version; m.Type == "snapshot" {
					version = m.Jobs[0].Version
				}
				if version < 1<<32+8 {
					t.Fatalf("an old tick: %+v", m)
				}
			}
		})
	}
}

// With more ticks than are allowed, every room receives its share, evenly over the time: also when all
// ticks come together, and when an export begins.
func TestRoomsShareTheAllowance(t *testing.T) {
	t.Parallel()
	const rooms, sockets, limit, seconds, interval = 90, 20, 1800, 5, 250
	for name, together := range map[string]bool{"one after another": false, "together": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := New(Options{Exporting: func() bool { return true }})
				h.pace.exportingLimit = limit
				var slots []jobs.Slot
				var got [rooms]int
				for i := range rooms {
					slot := jobs.Slot{Tenant: "t", RequesterID: strconv.Itoa(i)}
					r := &room{sockets: map[*socket]struct{}{}, jobs: map[string]knownJob{}}
					for range sockets {
						r.sockets[&socket{hub: h, writing: true}] = struct{}{}
					}
					slots, h.rooms[slot] = append(slots, slot), r
				}
				sequence, sent, most := int64(0), 0, 0
				collect := func() { // takes what the sockets were given
					now := 0
					for i, slot := range slots {
						for s := range h.rooms[slot].sockets {
							now += len(s.pending.updates)
							got[i] += len(s.pending.updates)
							s.pending.updates = nil
						}
					}
					sent += now
					most = max(most, now)
				}
				offer := func(i int) {
					job := *ticking(sequence)
					r := h.rooms[slots[i]]
					u := h.newUpdate(&job)
					u.follow(r.jobs[job.ID].newest)
					h.offer(slots[i], r, u)
				}
				for i := range slots {
					offer(i) // the whole jobs, which use more than is allowed
				}
				collect()
				sent, most, got = 0, 0, [rooms]int{}
				for step := range seconds * 1000 {
					if step%interval == 0 {
						sequence++
					}
					for i := range slots {
						if at := step % interval; together && at == 0 || !together && at == i*interval/rooms {
							offer(i)
						}
					}
					<-time.After(time.Millisecond)
					if step%50 == 49 {
						h.releaseTicks(h.now())
					}
					collect()
				}
				limitAtOnce := limit/1000 + 2*sockets
				if together {
					limitAtOnce = limit/20 + sockets
				}
				if most > limitAtOnce {
					t.Errorf("%d writes at once, want at most %d", most, limitAtOnce)
				}
				if sent < seconds*limit*9/10 || sent > seconds*limit*11/10 {
					t.Errorf("%d writes in %d s, want %d per second", sent, seconds, limit)
				}
				if least, most := slices.Min(got[:]), slices.Max(got[:]); most-least > 2*sockets {
					t.Errorf("a room received %d ticks, another one %d", least, most)
				}
			})
		})
	}
}
