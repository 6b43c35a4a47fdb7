package api

import (
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/jobs"
)

func TestSocketIsRefused(t *testing.T) {
	t.Parallel()
	l := startLive(t)
	for name, c := range map[string]struct {
		token, query string
		headers      []string
		status       int
	}{
		"without a session":                  {token: "x", status: 401},
		"to another site":                    {token: "viewer", headers: []string{"Origin", "https://evil.example"}, status: 403},
		"to another site, by Sec-Fetch-Site": {token: "viewer", headers: []string{"Sec-Fetch-Site", "same-site"}, status: 403},
		"in a tenant without a role":         {token: "viewer", query: "?tenant=orion", status: 404},
		"to an admin without tenants":        {token: "nobody", status: 404},
	} {
		if _, status := l.dial(c.token, c.query, c.headers...); status != c.status {
			t.Errorf("%s: %d, want %d", name, status, c.status)
		}
	}
	if _, status := l.dial("viewer", "", "Origin", "http://"+l.address); status != 101 {
		t.Errorf("our own page: %d", status)
	}
}

// A socket receives the changes of its requester's jobs, with the addresses of files if the role allows
// downloads. Nobody asked for links, so none is given or recorded.
func TestSocketGivesNoLinks(t *testing.T) {
	t.Parallel()
	l := startLive(t)
	exporter, viewer := l.open("exporter", ""), l.open("viewer", "")
	for _, role := range []string{"exporter", "viewer"} {
		l.listener.Job(testJob("01" + role))
	}
	if m := exporter.next(); m.Job.JobID != testJob("").ID || m.Job.Files[0].FileURL == "" || m.Job.DownloadURL != "" {
		t.Errorf("the exporter hears %+v", m)
	}
	if m := viewer.next(); m.Job.Status != "completed" || m.Job.Files[0].FileURL != "" || m.Job.DownloadURL != "" {
		t.Errorf("the viewer hears %+v", m)
	}
	if list := l.audit.ofKind(audit.LinkGiven); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestSocketClosesOnLogOut(t *testing.T) {
	t.Parallel()
	l := startLive(t)
	c, other := l.open("exporter", ""), l.open("owner", "")
	l.call("exporter", "POST", "/v3/admin/logout", "").expect(200, "", "")
	c.expectClose(4001, "session_ended")
	l.listener.Resubscribed()
	if m := other.next(); m.Type != "snapshot" {
		t.Errorf("the other session hears %+v", m)
	}
}

// The session is still valid: the client reconnects and receives what its new role may see.
func TestSocketClosesOnRoleChange(t *testing.T) {
	t.Parallel()

	t.Run("to another role", func(t *testing.T) {
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

	t.Run("to none", func(t *testing.T) {
		t.Parallel()
		l := startLive(t)
		c := l.open("exporter", "")
		l.call("owner", "DELETE", "/v4/admins/01exporter", "").expect(200, "", "")
		c.expectClose(4004, "role_changed")
	})
}
