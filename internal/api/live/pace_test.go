package live

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"github.com/egress-io/egress/internal/export"
)

// slowly makes a hub send ticks at most once in an interval while exports run, the first one at once.
func slowly(l *server, interval time.Duration) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.hub.pace.demand, l.hub.pace.exportingLimit, l.hub.pace.maxInterval = 1, 1e-9, interval
	l.hub.pace.random = func() float64 { return 0 }
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

// A tick that was held back is sent when it is due, in its newest version, and when no export runs any
// more.
func TestHeldTicksAreSent(t *testing.T) {
	t.Parallel()
	var exporting atomic.Bool
	exporting.Store(true)
	for name, due := range map[string]func(*server){
		"when they are due":         func(l *server) { slowly(l, time.Millisecond) },
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
			l.hub.mu.Lock()
			for _, r := range l.hub.rooms {
				r.nextTick = 0
			}
			l.hub.mu.Unlock()
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

// A client that is hidden receives changes of the state at once and few ticks. When it is shown, it
// receives the newest tick.
func TestHiddenClientReceivesFewTicks(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.hub.pace.hiddenInterval = time.Hour
	c, shown := l.open("exporter", "&progress=true"), l.open("exporter", "&progress=true")
	l.listener.Job(ticking(1))
	c.next()
	shown.next()
	c.say(`{"type":"visibility","hidden":true}`)
	waitFor(t, func() bool { return l.hidden() == 1 })
	tick := func(version int64) {
		t.Helper()
		l.listener.Progress(progressOf(ticking(version), 1<<32+1))
		if m := shown.next(); m.Version != 1<<32+version {
			t.Fatalf("the client that is shown: %+v", m)
		}
	}
	tick(2)
	if m := c.next(); m.Version != 1<<32+2 {
		t.Fatalf("the first tick: %+v", m)
	}
	for version := int64(3); version < 8; version++ {
		tick(version)
	}
	queue := running("j2", 1)
	l.listener.Job(queue)
	if m := c.next(); m.Type != "progress" || m.Version != 1<<32+7 {
		t.Fatalf("the tick that is sent with a state: %+v", m)
	}
	if m := c.next(); m.Type != "job" || m.Job.JobID != "j2" {
		t.Fatalf("the state: %+v", m)
	}
	shown.next()
	tick(8)
	tick(9)
	c.say(`{"type":"something new","hidden":[]}`)
	c.say(`no JSON`)
	c.say(`{"type":"visibility"}`)
	c.say(`{"type":"visibility","hidden":false}`)
	if m := c.next(); m.Version != 1<<32+9 {
		t.Fatalf("after it is shown: %+v", m)
	}
	tick(10)
	if m := c.next(); m.Version != 1<<32+10 {
		t.Fatalf("message %+v", m)
	}
}

// A tick that a hidden client did not receive is sent when it is due.
func TestHiddenClientReceivesTheLastTick(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.hub.pace.hiddenInterval = 20 * time.Millisecond
	c := l.open("exporter", "&progress=true")
	c.say(`{"type":"visibility","hidden":true}`)
	waitFor(t, func() bool { return l.hidden() == 1 })
	l.listener.Job(ticking(1))
	for version := int64(2); version <= 20; version++ {
		l.listener.Progress(progressOf(ticking(version), 1<<32+1))
	}
	for version := int64(0); version < 1<<32+20; {
		m := c.next()
		version = max(m.Version, m.Job.Version)
	}
}

// hidden returns the number of sockets whose clients are hidden.
func (s *server) hidden() (n int) {
	s.hub.each(func(o *socket) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.ticks.hidden {
			n++
		}
	})
	return n
}

// say sends a message to the server.
func (c *client) say(text string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// When an export begins, the next ticks of all rooms are spread over the interval.
func TestTicksAreSpreadWhenAnExportBegins(t *testing.T) {
	t.Parallel()
	h := New(Options{Exporting: func() bool { return true }})
	h.pace.demand = 1e9
	const rooms = 400
	var early int
	for range rooms {
		r := &room{}
		if !h.holdTick(r) {
			early++
		}
		if r.nextTick > h.now()+maxTickInterval {
			t.Fatalf("the next tick is due after %s, at %s", maxTickInterval, r.nextTick)
		}
		if r.nextTick < h.now()+maxTickInterval/2 {
			early++
		}
	}
	if early < rooms/4 || early > 3*rooms/4 {
		t.Errorf("%d of %d ticks are due in the first half of the interval", early, rooms)
	}
}
