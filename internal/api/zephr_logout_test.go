package api

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/jobs"
)

func TestLogout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("viewer", "POST", "/v3/admin/logout", "")
	a.expect(200, "", "")
	if cookie := a.Header.Get("Set-Cookie"); !strings.Contains(cookie, "expires=Thu, 01 Jan 1970") {
		t.Errorf("cookie %q", cookie)
	}
	select {
	case m := <-b.feed.told:
		if m != (jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: "viewer"}) {
			t.Errorf("control message %+v", m)
		}
	default:
		t.Error("other servers were not notified")
	}
	b.call("viewer", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
	b.call("", "POST", "/v3/admin/logout", "").expect(200, "", "")
}

// Whatever fails, the cookie is deleted, and the response reports the actual state of the session.
func TestLogoutWhenSomethingFails(t *testing.T) {
	t.Parallel()
	gone := func(t *testing.T, b *testServer, a response) {
		t.Helper()
		if !slices.Contains(a.deletedCookies(), "egress_session") {
			t.Errorf("the cookie stays: %q", a.Header.Values("Set-Cookie"))
		}
		select {
		case m := <-b.feed.told:
			if m != (jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: "viewer"}) {
				t.Errorf("control message %+v", m)
			}
		default:
			t.Error("sockets are not closed")
		}
	}

	t.Run("the audit log", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.audit.down = true
		a := b.call("viewer", "POST", "/v3/admin/logout", "")
		a.expect(200, "", "")
		gone(t, b, a)
		b.audit.down = false
		b.call("viewer", "GET", "/v4/me", "").expect(401, errs.CodeUnauthenticated, "")
		if !strings.Contains(b.log.String(), "cannot write an audit record") {
			t.Error("the log does not say what is missing")
		}
	})

	t.Run("finding the session's owner", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.down = true
		a := b.call("viewer", "POST", "/v3/admin/logout", "")
		a.expect(200, "", "")
		gone(t, b, a)
	})

	t.Run("the database, so the session ends later", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.logoutErr = errors.Join(auth.ErrEndPending, errDown)
		a := b.call("viewer", "POST", "/v3/admin/logout", "")
		a.expect(202, "", "")
		gone(t, b, a)
		if text, _ := a.json("message").(string); !strings.Contains(text, "has not ended yet") || strings.Contains(text, "10.0.0.7") {
			t.Errorf("%q", text)
		}
	})

	t.Run("and the session lives", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.logoutErr = errs.Errorf(errs.CodeUnavailable, "The session could not be ended.")
		a := b.call("viewer", "POST", "/v3/admin/logout", "")
		a.expect(503, errs.CodeUnavailable, "")
		if !slices.Contains(a.deletedCookies(), "egress_session") {
			t.Errorf("the cookie stays: %q", a.Header.Values("Set-Cookie"))
		}
	})

	t.Run("the session, because it has expired", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		a := b.call("expired", "POST", "/v3/admin/logout", "")
		a.expect(200, "", "")
		if !slices.Contains(a.deletedCookies(), "egress_session") {
			t.Errorf("the cookie stays: %q", a.Header.Values("Set-Cookie"))
		}
	})
}
