package live

import (
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

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
