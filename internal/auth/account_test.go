package auth

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

func (b serviceFixture) session(t *testing.T, token string) *Identity {
	t.Helper()
	id, err := b.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b serviceFixture) wantEnded(t *testing.T, tokens ...string) {
	t.Helper()
	for _, token := range tokens {
		if _, err := b.Authenticate(t.Context(), token); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Errorf("the session has not ended: %v", err)
		}
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()

	t.Run("ends every session and begins a new one", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var notified []string
		b.passwordChanged = func(email string) { notified = append(notified, email) }
		mine, other := b.login(t), b.login(t)
		id := b.session(t, mine)
		id.Session.SecondFactor = true
		token, session, ended, err := b.ChangePassword(t.Context(), id, otherPassword, attemptFrom("192.0.2.1", testPassword))
		if err != nil || len(ended) != 2 || !session.SecondFactor || len(notified) != 1 || notified[0] != testEmail {
			t.Fatalf("%+v, %v, told %v, %v", session, ended, notified, err)
		}
		b.wantEnded(t, mine, other)
		b.session(t, token)
		if _, _, err := b.Login(t.Context(), Attempt{Email: testEmail, Password: testPassword, Address: "192.0.2.1"}); !errors.Is(err, errWrongPassword) {
			t.Errorf("the old password: %v", err)
		}
		if _, _, err := b.Login(t.Context(), Attempt{Email: testEmail, Password: otherPassword, Address: "192.0.2.1"}); err != nil {
			t.Errorf("the new password: %v", err)
		}
		if a := b.store.admins[b.admin.ID]; !a.PasswordChanged.Equal(b.clock.now()) {
			t.Errorf("changed at %v", a.PasswordChanged)
		}
	})

	t.Run("requires the current password and counts wrong ones", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token := b.login(t)
		id := b.session(t, token)
		_, _, _, err := b.ChangePassword(t.Context(), id, otherPassword, attemptFrom("192.0.2.1", "wrong"))
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != errs.CodeInvalidRequest || e.Field != "currentPassword" {
			t.Errorf("%v", err)
		}
		if b.throttle.failures[accountAddressKey(testEmail, "192.0.2.1")] != 1 {
			t.Errorf("failures: %v", b.throttle.failures)
		}
		for _, next := range []string{"short", testPassword} {
			_, _, _, err := b.ChangePassword(t.Context(), id, next, attemptFrom("192.0.2.1", testPassword))
			if e, ok := errors.AsType[*errs.Error](err); !ok || e.Field != "newPassword" {
				t.Errorf("%q: %v", next, err)
			}
		}
		b.session(t, token)
	})

	t.Run("ends a concurrent session that began with the old password", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		old := *b.admin
		id := b.session(t, b.login(t))
		if _, _, _, err := b.ChangePassword(t.Context(), id, otherPassword, attemptFrom("192.0.2.1", testPassword)); err != nil {
			t.Fatal(err)
		}
		// This log-in proved the old password before the change and begins its session after it.
		if _, _, err := b.startSession(t.Context(), &old, Attempt{}, false); !errors.Is(err, errWrongPassword) {
			t.Errorf("%v", err)
		}
		list, err := b.Sessions(t.Context(), b.admin.ID)
		if err != nil || len(list) != 1 {
			t.Errorf("%d sessions, %v", len(list), err)
		}
	})
}

func (b serviceFixture) reset(t *testing.T) string {
	t.Helper()
	links, err := b.RequestReset(t.Context(), testEmail, "192.0.2.1")
	if err != nil || len(links) != 1 {
		t.Fatalf("%+v, %v", links, err)
	}
	return links[0].Token
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	valid := func(ctx context.Context, b serviceFixture, token string) bool {
		_, err := b.CheckReset(ctx, token)
		if err != nil && !errors.Is(err, errInvalidReset) {
			t.Error(err)
		}
		return err == nil
	}

	t.Run("changes the password once and ends every session", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		session, token := b.login(t), b.reset(t)
		if _, _, err := b.ResetPassword(t.Context(), token, "short"); errs.CodeOf(err) != errs.CodeInvalidRequest || !valid(t.Context(), b, token) {
			t.Errorf("a short password: %v", err)
		}
		admin, ended, err := b.ResetPassword(t.Context(), token, otherPassword)
		if err != nil || admin.ID != b.admin.ID || len(ended) != 1 {
			t.Fatalf("%v, %v", ended, err)
		}
		b.wantEnded(t, session)
		if _, _, err := b.ResetPassword(t.Context(), token, strongPassword); !errors.Is(err, errInvalidReset) {
			t.Errorf("used again: %v", err)
		}
		if _, _, err := b.Login(t.Context(), Attempt{Email: testEmail, Password: otherPassword, Address: "192.0.2.1"}); err != nil {
			t.Error(err)
		}
	})

	t.Run("expires, and ends with a newer reset or a password change", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		first := b.reset(t)
		second := b.reset(t)
		if valid(t.Context(), b, first) || !valid(t.Context(), b, second) || valid(t.Context(), b, "") {
			t.Error("only the newest reset must be valid")
		}
		kept := b.store.resets[SessionID(second)]
		if _, _, _, err := b.ChangePassword(t.Context(), b.session(t, b.login(t)), otherPassword, attemptFrom("192.0.2.1", testPassword)); err != nil {
			t.Fatal(err)
		}
		b.store.resets[kept.ID] = kept // as if it could not be deleted
		if valid(t.Context(), b, second) {
			t.Error("the reset is valid after a password change")
		}
		third := b.reset(t)
		b.clock.advance(ResetLifetime)
		if valid(t.Context(), b, third) {
			t.Error("the reset does not expire")
		}
	})

	t.Run("creates no reset for an unknown e-mail address and gives the same response", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		if links, err := b.RequestReset(t.Context(), "nobody@example.com", "192.0.2.1"); err != nil || links != nil {
			t.Errorf("%+v, %v", links, err)
		}
		for range resetAccountLimit.Events {
			b.reset(t)
		}
		if links, err := b.RequestReset(t.Context(), testEmail, "192.0.2.1"); err != nil || links != nil {
			t.Errorf("too many for the account: %+v, %v", links, err)
		}
		b.throttle.failures["reset:"+addressKey("192.0.2.1")] = resetAddressLimit.Events
		if _, err := b.RequestReset(t.Context(), "other@example.com", "192.0.2.1"); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Errorf("too many from the IP address: %v", err)
		}
	})

	t.Run("resets each account of an e-mail address separately", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		_, token := b.invite(t, "meridian", testEmail, Viewer)
		second, _ := b.accept(t, token, strongPassword)
		links, err := b.RequestReset(t.Context(), testEmail, "192.0.2.1")
		if err != nil || len(links) != 2 || len(links[0].Tenants) != 1 || len(links[1].Tenants) != 1 {
			t.Fatalf("%+v, %v", links, err)
		}
		for _, l := range links {
			if l.Admin.ID != second.ID {
				continue
			}
			if _, _, err := b.ResetPassword(t.Context(), l.Token, otherPassword); err != nil {
				t.Fatal(err)
			}
		}
		b.login(t) // the first account's password is as it was
	})
}

func TestSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	attempt := Attempt{Email: testEmail, Password: testPassword, Address: "192.0.2.9", UserAgent: "Browser/1"}
	token, first, err := b.Login(t.Context(), attempt)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Minute)
	second := b.login(t)
	list, err := b.Sessions(t.Context(), b.admin.ID)
	if err != nil || len(list) != 2 || list[1].Name() != first.PublicID || list[1].Address != "192.0.2.9" || list[1].UserAgent != "Browser/1" {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := b.EndSession(t.Context(), "01B", list[1].Name()); !errors.Is(err, errUnknownSession) {
		t.Errorf("a session of another account: %v", err)
	}
	if _, err := b.EndSession(t.Context(), b.admin.ID, list[1].ID); !errors.Is(err, errUnknownSession) {
		t.Errorf("by the session id: %v", err)
	}
	if id, err := b.EndSession(t.Context(), b.admin.ID, list[1].Name()); err != nil || id != SessionID(token) {
		t.Errorf("%s, %v", id, err)
	}
	b.wantEnded(t, token)
	b.session(t, second)
	if ids, err := b.EndSessions(t.Context(), b.admin.ID); err != nil || len(ids) != 1 {
		t.Errorf("%v, %v", ids, err)
	}
	b.wantEnded(t, second)
	unnamed := Session{ID: SessionID("x")}
	if name := unnamed.Name(); len(name) != 26 || unnamed.ID[:26] == name {
		t.Errorf("a session without PublicID: %q", name)
	}
}
