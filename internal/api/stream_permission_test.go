package api

import (
	"testing"

	"github.com/egress-io/egress/internal/auth"
)

// A stream continues while its requester may export.
func TestStillAuthorized(t *testing.T) {
	t.Parallel()
	setupCallers := func(t *testing.T) (b *testServer, session, signed func() bool) {
		b = setup(t)
		s := &permissions{auth: b.auth, keys: b.keys}
		admin := b.auth.sessions["exporter"]
		pair, _, _ := b.keys.Issue(t.Context(), "meridian", admin.ID, admin.ID, "")
		at := func(c caller) func() bool {
			c.admin, c.tenant = admin, allTenants[0]
			still := s.stillAuthorized(&c)
			return func() bool { return still(t.Context()) }
		}
		return b, at(caller{session: &auth.Session{ID: "exporter"}}), at(caller{pair: pair})
	}
	for name, c := range map[string]struct {
		change          func(*testServer)
		session, signed bool
	}{
		"nothing changed":             {func(*testServer) {}, true, true},
		"the admin became an owner":   {func(b *testServer) { b.auth.sessions["exporter"].Roles["meridian"] = auth.Owner }, true, true},
		"the admin became a viewer":   {func(b *testServer) { b.auth.sessions["exporter"].Roles["meridian"] = auth.Viewer }, false, false},
		"the admin was removed":       {func(b *testServer) { delete(b.auth.sessions["exporter"].Roles, "meridian") }, false, false},
		"the key pair was revoked":    {func(b *testServer) { delete(b.keys.pairs, "AK0") }, true, false},
		"the database is unavailable": {func(b *testServer) { b.auth.down = true }, true, true},
		"the session has ended": {func(b *testServer) {
			b.auth.sessions["other"] = b.auth.sessions["exporter"]
			delete(b.auth.sessions, "exporter")
		}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, session, signed := setupCallers(t)
			c.change(b)
			if session() != c.session || signed() != c.signed {
				t.Errorf("session %t, signed %t", session(), signed())
			}
		})
	}
}
