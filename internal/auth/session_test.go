package auth

import (
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

func TestAuthenticate(t *testing.T) {
	t.Parallel()

	t.Run("refuses an invalid token", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		for _, token := range []string{"", "x", SessionID(b.login(t))} {
			if _, err := b.Authenticate(t.Context(), token); errs.CodeOf(err) != errs.CodeUnauthenticated {
				t.Errorf("token %q: %v", token, err)
			}
		}
	})

	t.Run("ends a session after twelve hours without use", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token := b.login(t)
		b.clock.advance(IdleTimeout - time.Second)
		if _, err := b.Authenticate(t.Context(), token); err != nil {
			t.Fatalf("a second before: %v", err)
		}
		b.clock.advance(IdleTimeout)
		if _, err := b.Authenticate(t.Context(), token); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Errorf("after twelve hours: %v", err)
		}
	})

	t.Run("ends a session after seven days of use", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token := b.login(t)
		for range 7*24/6 - 1 {
			b.clock.advance(6 * time.Hour)
			if _, err := b.Authenticate(t.Context(), token); err != nil {
				t.Fatalf("at %v: %v", b.clock.now(), err)
			}
		}
		b.clock.advance(6 * time.Hour)
		if _, err := b.Authenticate(t.Context(), token); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Errorf("after seven days: %v", err)
		}
	})

	t.Run("updates the last use once a minute", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token := b.login(t)
		for range 120 {
			b.clock.advance(time.Second)
			if _, err := b.Authenticate(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		if b.store.touches != 2 {
			t.Errorf("%d writes in two minutes, want 2", b.store.touches)
		}
	})

	t.Run("succeeds if the last use cannot be updated", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token := b.login(t)
		b.clock.advance(time.Hour)
		b.store.touchErr = errors.New("no primary")
		if _, err := b.Authenticate(t.Context(), token); err != nil {
			t.Error(err)
		}
	})

	t.Run("ends the sessions of a deleted admin", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token := b.login(t)
		delete(b.store.admins, b.admin.ID)
		if _, err := b.Authenticate(t.Context(), token); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Error(err)
		}
	})
}

func TestLogout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.login(t)
	id, err := b.Logout(t.Context(), token)
	if err != nil || id != SessionID(token) {
		t.Fatalf("Logout: %q, %v", id, err)
	}
	if _, err := b.Authenticate(t.Context(), token); errs.CodeOf(err) != errs.CodeUnauthenticated {
		t.Errorf("after logout: %v", err)
	}
	if _, err := b.Check(t.Context(), id, "orion"); errs.CodeOf(err) != errs.CodeUnauthenticated {
		t.Errorf("Check after logout: %v", err)
	}
	if _, err := b.Logout(t.Context(), token); err != nil {
		t.Errorf("a second time: %v", err)
	}
}

func TestCheckDoesNotExtendSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := SessionID(b.login(t))
	b.clock.advance(6 * time.Hour)
	if m, err := b.Check(t.Context(), id, "orion"); err != nil || m.Role != Exporter {
		t.Fatalf("Check: %+v, %v", m, err)
	}
	if b.store.touches != 0 {
		t.Error("the session was touched")
	}
}

func TestTenants(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all, err := b.Memberships(t.Context(), b.admin)
	if err != nil || len(all) != 2 || all[0].Role != Viewer || all[1].Role != Exporter {
		t.Errorf("Memberships: %v, %v", all, err)
	}
	stranger := &Admin{ID: "01B", Roles: map[string]Role{"orion": Viewer, "gone": Owner}}
	var texts []string
	for _, name := range []string{"meridian", "gone", "vega"} {
		_, err := b.Membership(t.Context(), stranger, name)
		if errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("%s: %v", name, err)
			continue
		}
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("the answers differ: %q", texts)
		}
	}
	if _, err := b.Membership(t.Context(), &Admin{}, ""); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("an admin without tenants: %v", err)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role, least Role
		want        bool
	}{
		{Owner, Owner, true},
		{Owner, Viewer, true},
		{Exporter, Viewer, true},
		{Exporter, Owner, false},
		{Viewer, Exporter, false},
		{"", Viewer, false},
		{"root", Viewer, false},
		{Owner, "", false},
	} {
		if got := c.role.Includes(c.least); got != c.want {
			t.Errorf("%q includes %q: %v", c.role, c.least, got)
		}
	}
	if got := Viewer.Higher(Owner); got != Owner {
		t.Errorf("the higher of viewer and owner: %q", got)
	}
	if got := Role("").Higher(""); got != "" {
		t.Errorf("the higher of none: %q", got)
	}
	if got := Role("root").Higher(Viewer); got != Viewer {
		t.Errorf("the higher of an unknown role and viewer: %q", got)
	}
}

func TestEnsureFirstAdmin(t *testing.T) {
	t.Parallel()
	store := newMemoryStore()
	for _, c := range []struct{ email, password string }{{"nobody", testPassword}, {"@x", testPassword}, {testEmail, "amelia.example"}} {
		if made, err := EnsureFirstAdmin(t.Context(), store, c.email, c.password); made || errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("%+v: %v, %v", c, made, err)
		}
	}
	made, err := EnsureFirstAdmin(t.Context(), store, "Root@Example.com", testPassword)
	if err != nil || !made {
		t.Fatalf("the first: %v, %v", made, err)
	}
	list, err := store.AdminsByEmail(t.Context(), "root@example.com")
	if err != nil || len(list) != 1 || list[0].Role("any-tenant") != Owner {
		t.Errorf("the admin: %+v, %v", list, err)
	}
	if made, err := EnsureFirstAdmin(t.Context(), store, "other@example.com", testPassword); made || err != nil {
		t.Errorf("a second: %v, %v", made, err)
	}
}

func TestCrossSite(t *testing.T) {
	t.Parallel()
	rule, err := NewCrossSite("https://egress.example.com")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		r    Request
		pass bool
	}{
		"a script":                                {Request{Method: "POST", Host: "h:1"}, true},
		"our own page":                            {Request{Method: "POST", Host: "h:1", Origin: "http://h:1", FetchSite: "same-origin"}, true},
		"our own page in an old browser":          {Request{Method: "POST", Host: "h:1", Origin: "http://h:1"}, true},
		"the public address of a proxy":           {Request{Method: "POST", Host: "h:1", Origin: "https://egress.example.com"}, true},
		"another site":                            {Request{Method: "POST", Host: "h:1", Origin: "https://evil.example", FetchSite: "cross-site"}, false},
		"a sibling site":                          {Request{Method: "DELETE", Host: "h:1", FetchSite: "same-site"}, false},
		"another site in an old browser":          {Request{Method: "PUT", Host: "h:1", Origin: "https://evil.example"}, false},
		"a hidden origin":                         {Request{Method: "POST", Host: "h:1", Origin: "null"}, false},
		"a link on another site":                  {Request{Method: "GET", Host: "h:1", FetchSite: "cross-site"}, true},
		"a link on another site that starts work": {Request{Method: "GET", Host: "h:1", FetchSite: "cross-site", StartsWork: true}, false},
		"a typed address that starts work":        {Request{Method: "GET", Host: "h:1", FetchSite: "none", StartsWork: true}, true},
	} {
		err := rule.Check(c.r)
		if pass := err == nil; pass != c.pass {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && errs.CodeOf(err) != errs.CodeCrossSiteRequest {
			t.Errorf("%s: code %s", name, errs.CodeOf(err))
		}
	}
	if _, err := NewCrossSite("egress.example.com"); err == nil {
		t.Error("a public URL without a scheme was accepted")
	}
}
