package api

import (
	"testing"

	"github.com/egress-io/egress/internal/auth"
)

// A stream goes on as long as who asked for it may export.
func TestStill(t *testing.T) {
	t.Parallel()
	setupCallers := func(t *testing.T) (b *bundle, session, signed func() bool) {
		b = setup(t)
		s := &server{auth: b.auth, keys: b.keys}
		admin := b.auth.sessions["exporter"]
		pair, _, _ := b.keys.Issue(t.Context(), "meridian", admin.ID, admin.ID, "")
		at := func(c caller) func() bool {
			c.admin, c.tenant = admin, allTenants[0]
			still := s.still(&c)
			return func() bool { return still(t.Context()) }
		}
		return b, at(caller{session: &auth.Session{ID: "exporter"}}), at(caller{pair: pair})
	}
	for name, c := range map[string]struct {
		change          func(*bundle)
		session, signed bool
	}{
		"nothing happened":             {func(*bundle) {}, true, true},
		"the admin is an owner now":    {func(b *bundle) { b.auth.sessions["exporter"].Roles["meridian"] = auth.Owner }, true, true},
		"the admin is a viewer now":    {func(b *bundle) { b.auth.sessions["exporter"].Roles["meridian"] = auth.Viewer }, false, false},
		"the admin was removed":        {func(b *bundle) { delete(b.auth.sessions["exporter"].Roles, "meridian") }, false, false},
		"the key pair was revoked":     {func(b *bundle) { delete(b.keys.pairs, "AK0") }, true, false},
		"the database does not answer": {func(b *bundle) { b.auth.down = true }, true, true},
		"the session has ended": {func(b *bundle) {
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
