package live

import (
	"context"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/jobs"
)

// A socket closes when its session or its role changes: by a call on this server, by a control message
// of another one, and by the socket's own check.
func TestSocketCloses(t *testing.T) {
	t.Parallel()
	sessionEnded := jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: "exporter"}
	roleChanged := jobs.ControlMessage{Kind: jobs.ControlRoleChanged, Tenant: "meridian", AdminID: "01exporter"}
	factorRequired := jobs.ControlMessage{Kind: jobs.ControlFactorRequired, Tenant: "meridian"}
	for name, c := range map[string]struct {
		code   int
		reason string
		change func(*server)
		others bool // sockets of other admins, and in other tenants, stay open
	}{
		"when its session ends here":                 {4001, "session_ended", func(s *server) { s.hub.EndSession("exporter") }, false},
		"when its session ends elsewhere":            {4001, "session_ended", func(s *server) { s.listener.Control(sessionEnded) }, false},
		"when its session has ended":                 {4001, "session_ended", func(s *server) { s.endSession("exporter") }, false},
		"when its role changes here":                 {4004, "role_changed", func(s *server) { s.hub.ChangeRole("meridian", "01exporter") }, true},
		"when its role changes elsewhere":            {4004, "role_changed", func(s *server) { s.listener.Control(roleChanged) }, true},
		"when its role has changed":                  {4004, "role_changed", func(s *server) { s.setRole("exporter", "meridian", auth.Viewer) }, true},
		"when its role was removed":                  {4004, "role_changed", func(s *server) { s.setRole("exporter", "meridian", "") }, true},
		"when a second factor is required here":      {4004, "role_changed", func(s *server) { s.hub.RequireFactor("meridian") }, false},
		"when a second factor is required elsewhere": {4004, "role_changed", func(s *server) { s.listener.Control(factorRequired) }, false},
		"when a second factor has become required": {4004, "role_changed", func(s *server) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.required["meridian"] = true
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := start(t, func(s *server) { s.options.PingInterval = time.Millisecond })
			socket, other, elsewhere := l.open("exporter", ""), l.open("owner", ""), l.open("exporter", "&tenant=orion")
			c.change(l)
			socket.expectClose(c.code, c.reason)
			if !c.others {
				return
			}
			l.listener.Resubscribed()
			for name, left := range map[string]*client{"another admin": other, "another tenant": elsewhere} {
				if m := left.next(); m.Type != "snapshot" {
					t.Errorf("%s hears %+v", name, m)
				}
			}
		})
	}
}

func TestSocketLimitPerAdmin(t *testing.T) {
	t.Parallel()
	l := start(t)
	first := l.open("exporter", "")
	second := l.open("exporter", "&tenant=orion")
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
	l := newServer(t)
	shutdown := l.serve()
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- l.hub.Run(ctx) }()
	l.listener = <-l.feed
	c := l.open("exporter", "")
	stop()
	c.expectClose(1001, "server_stopping")
	if err := <-ran; err != nil {
		t.Error(err)
	}
	l.dial("exporter", "").expectClose(1001, "server_stopping")
	shutdown()
}
