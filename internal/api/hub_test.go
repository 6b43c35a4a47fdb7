package api

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/jobs"
)

func TestSocketClosesWhenSessionEnds(t *testing.T) {
	t.Parallel()

	t.Run("by logging out here", func(t *testing.T) {
		t.Parallel()
		l := startLive(t)
		c, other := l.open("exporter", ""), l.open("owner", "")
		l.call("exporter", "POST", "/v3/admin/logout", "").expect(200, "", "")
		c.expectClose(4001, "session_ended")
		l.listener.Resubscribed()
		if m := other.next(); m.Type != "snapshot" {
			t.Errorf("the other session hears %+v", m)
		}
	})

	t.Run("by a control message", func(t *testing.T) {
		t.Parallel()
		l := startLive(t)
		c := l.open("exporter", "")
		l.listener.Control(jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: "exporter"})
		c.expectClose(4001, "session_ended")
	})

	t.Run("by its own check", func(t *testing.T) {
		t.Parallel()
		l := startLive(t, func(b *testServer) { b.hub.pingEvery = time.Millisecond })
		c := l.open("exporter", "")
		if _, err := l.auth.Logout(t.Context(), "exporter"); err != nil {
			t.Fatal(err)
		}
		c.expectClose(4001, "session_ended")
	})
}

// The session is still valid: the client reconnects and receives what its new role may see.
func TestSocketClosesWhenRoleChanges(t *testing.T) {
	t.Parallel()

	t.Run("changed here", func(t *testing.T) {
		t.Parallel()
		l := startLive(t)
		c, elsewhere, other := l.open("exporter", ""), l.open("exporter", "?tenant=orion"), l.open("owner", "")
		l.call("owner", "PATCH", "/v4/admins/01exporter", `{"role": "viewer"}`).expect(200, "", "")
		c.expectClose(4004, "role_changed")
		var m jobs.ControlMessage
		select {
		case m = <-l.feed.told:
		default:
		}
		if m != (jobs.ControlMessage{Kind: jobs.ControlRoleChanged, Tenant: "meridian", AdminID: "01exporter"}) {
			t.Errorf("control message %+v", m)
		}
		l.listener.Resubscribed()
		for name, left := range map[string]*client{"another tenant": elsewhere, "another admin": other} {
			if m := left.next(); m.Type != "snapshot" {
				t.Errorf("%s hears %+v", name, m)
			}
		}
		l.open("exporter", "") // receives a snapshot
	})

	t.Run("removed here", func(t *testing.T) {
		t.Parallel()
		l := startLive(t)
		c := l.open("exporter", "")
		l.call("owner", "DELETE", "/v4/admins/01exporter", "").expect(200, "", "")
		c.expectClose(4004, "role_changed")
	})

	t.Run("by a control message", func(t *testing.T) {
		t.Parallel()
		l := startLive(t)
		c := l.open("exporter", "")
		l.listener.Control(jobs.ControlMessage{Kind: jobs.ControlRoleChanged, Tenant: "meridian", AdminID: "01exporter"})
		c.expectClose(4004, "role_changed")
	})

	t.Run("changed, found by its own check", func(t *testing.T) {
		t.Parallel()
		l := startLive(t, func(b *testServer) { b.hub.pingEvery = time.Millisecond })
		c := l.open("exporter", "")
		if _, err := l.auth.SetRole(t.Context(), "meridian", "01exporter", auth.Viewer); err != nil {
			t.Fatal(err)
		}
		c.expectClose(4004, "role_changed")
	})

	t.Run("removed, found by its own check", func(t *testing.T) {
		t.Parallel()
		l := startLive(t, func(b *testServer) { b.hub.pingEvery = time.Millisecond })
		c := l.open("exporter", "?tenant=orion")
		l.auth.add("exporter", &auth.Admin{ID: "01exporter", Roles: map[string]auth.Role{"meridian": auth.Exporter}})
		c.expectClose(4004, "role_changed")
	})
}

func TestSocketLimitPerAdmin(t *testing.T) {
	t.Parallel()
	l := startLive(t)
	first := l.open("exporter", "")
	second := l.open("exporter", "?tenant=orion")
	for range maxSockets - 2 {
		l.open("exporter", "")
	}
	l.open("owner", "")
	l.open("exporter", "")
	first.expectClose(4002, "too_many_sockets")
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
	l := &liveServer{testServer: b, address: ln.Addr().String(), listener: <-b.feed.listener}
	c := l.open("exporter", "")
	stop()
	c.expectClose(1001, "server_stopping")
	if err := <-ran; err != nil {
		t.Error(err)
	}
	late, _ := l.dial("exporter", "")
	late.expectClose(1001, "server_stopping")
	if err := b.app.ShutdownWithTimeout(waitTimeout); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
