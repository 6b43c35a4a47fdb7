package api

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export/jobs"
)

func TestSocketEndsWithItsSession(t *testing.T) {
	t.Parallel()

	t.Run("by logging out here", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		c, other := l.open("exporter", ""), l.open("owner", "")
		l.call("exporter", "POST", "/v3/admin/logout", "").want(200, "", "")
		c.closed(4001, "session_ended")
		l.listener.Resubscribed()
		if m := other.next(); m.Type != "snapshot" {
			t.Errorf("the other session hears %+v", m)
		}
	})

	t.Run("by word from another server", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		c := l.open("exporter", "")
		l.listener.Control(jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: "exporter"})
		c.closed(4001, "session_ended")
	})

	t.Run("by itself when nobody told", func(t *testing.T) {
		t.Parallel()
		l := listen(t, func(b *bundle) { b.hub.pingEvery = time.Millisecond })
		c := l.open("exporter", "")
		if _, err := l.auth.Logout(t.Context(), "exporter"); err != nil {
			t.Fatal(err)
		}
		c.closed(4001, "session_ended")
	})
}

// The session is good: the client comes back, and sees what is its to see now.
func TestSocketEndsWithItsRole(t *testing.T) {
	t.Parallel()

	t.Run("changed here", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		c, elsewhere, other := l.open("exporter", ""), l.open("exporter", "?tenant=orion"), l.open("owner", "")
		l.call("owner", "PATCH", "/v4/admins/01exporter", `{"role": "viewer"}`).want(200, "", "")
		c.closed(4004, "role_changed")
		var m jobs.ControlMessage
		select {
		case m = <-l.feed.told:
		default:
		}
		if m != (jobs.ControlMessage{Kind: jobs.ControlRoleChanged, Tenant: "meridian", AdminID: "01exporter"}) {
			t.Errorf("told %+v", m)
		}
		l.listener.Resubscribed()
		for name, left := range map[string]*client{"another tenant": elsewhere, "another admin": other} {
			if m := left.next(); m.Type != "snapshot" {
				t.Errorf("%s hears %+v", name, m)
			}
		}
		l.open("exporter", "") // and gets a snapshot
	})

	t.Run("taken away here", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		c := l.open("exporter", "")
		l.call("owner", "DELETE", "/v4/admins/01exporter", "").want(200, "", "")
		c.closed(4004, "role_changed")
	})

	t.Run("by word from another server", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		c := l.open("exporter", "")
		l.listener.Control(jobs.ControlMessage{Kind: jobs.ControlRoleChanged, Tenant: "meridian", AdminID: "01exporter"})
		c.closed(4004, "role_changed")
	})

	t.Run("changed when nobody told", func(t *testing.T) {
		t.Parallel()
		l := listen(t, func(b *bundle) { b.hub.pingEvery = time.Millisecond })
		c := l.open("exporter", "")
		if _, err := l.auth.SetRole(t.Context(), "meridian", "01exporter", auth.Viewer); err != nil {
			t.Fatal(err)
		}
		c.closed(4004, "role_changed")
	})

	t.Run("taken away when nobody told", func(t *testing.T) {
		t.Parallel()
		l := listen(t, func(b *bundle) { b.hub.pingEvery = time.Millisecond })
		c := l.open("exporter", "?tenant=orion")
		l.auth.add("exporter", &auth.Admin{ID: "01exporter", Roles: map[string]auth.Role{"meridian": auth.Exporter}})
		c.closed(4004, "role_changed")
	})
}

func TestSocketsPerAdmin(t *testing.T) {
	t.Parallel()
	l := listen(t)
	first := l.open("exporter", "")
	second := l.open("exporter", "?tenant=orion")
	for range maxSockets - 2 {
		l.open("exporter", "")
	}
	l.open("owner", "")
	l.open("exporter", "")
	first.closed(4002, "too_many_sockets")
	l.listener.Resubscribed()
	if m := second.next(); m.Type != "snapshot" {
		t.Errorf("the second hears %+v", m)
	}
}

func TestSocketIsClosedWhenTheServerStops(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- b.app.Listener(ln) }()
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- b.hub.Run(ctx) }()
	l := &live{bundle: b, address: ln.Addr().String(), listener: <-b.feed.listener}
	c := l.open("exporter", "")
	stop()
	c.closed(1001, "server_stopping")
	if err := <-ran; err != nil {
		t.Error(err)
	}
	late, _ := l.dial("exporter", "")
	late.closed(1001, "server_stopping")
	if err := b.app.ShutdownWithTimeout(patience); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
