package auth

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

func TestLogin(t *testing.T) {
	t.Parallel()

	t.Run("returns a token and stores only its hash", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token, session, err := b.tryLogin(t, "  Amelia@Example.com ", testPassword, "192.0.2.1", "")
		if err != nil {
			t.Fatal(err)
		}
		if len(token) != 43 || session.ID != SessionID(token) || strings.Contains(session.ID, token) {
			t.Errorf("token %q, session %q", token, session.ID)
		}
		id, err := b.Authenticate(t.Context(), token)
		if err != nil || id.Admin.ID != b.admin.ID {
			t.Errorf("Authenticate: %+v, %v", id, err)
		}
	})

	t.Run("returns the same error for an unknown account and a wrong password", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		_, _, wrong := b.tryLogin(t, testEmail, "wrong", "192.0.2.1", "")
		_, _, unknown := b.tryLogin(t, "nobody@example.com", testPassword, "192.0.2.1", "")
		_, _, decoy := b.tryLogin(t, "nobody@example.com", "an account that does not exist", "192.0.2.1", "")
		for _, err := range []error{wrong, unknown, decoy} {
			if errs.CodeOf(err) != errs.CodeUnauthenticated || err.Error() != wrong.Error() {
				t.Errorf("%v, want %v", err, wrong)
			}
		}
	})

	t.Run("blocks an account from one IP address after ten failures", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.failures[accountAddressKey(testEmail, "192.0.2.1")] = accountAddressLimit.Events - 1
		if _, _, err := b.tryLogin(t, testEmail, "wrong", "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Fatalf("the tenth failure: %v", err)
		}
		_, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", "")
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Code != errs.CodeRateLimited || e.Details["retryAfterSeconds"] != 91 {
			t.Errorf("the eleventh attempt: %v", err)
		}
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.2", ""); err != nil {
			t.Errorf("from another address: %v", err)
		}
		if _, _, err := b.tryLogin(t, "nobody@example.com", testPassword, "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Errorf("of another account: %v", err)
		}
	})

	t.Run("blocks an IP address after fifty failures of any account", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.failures[addressKey("192.0.2.1")] = addressLimit.Events
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", ""); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Errorf("from that address: %v", err)
		}
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.2", ""); err != nil {
			t.Errorf("from another: %v", err)
		}
	})

	t.Run("counts a failure by account and IP address, and a success resets only the account's count", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		if _, _, err := b.tryLogin(t, testEmail, "wrong", "192.0.2.1", ""); err == nil {
			t.Fatal("a wrong password was accepted")
		}
		pair, address, account := accountAddressKey(testEmail, "192.0.2.1"), addressKey("192.0.2.1"), accountKey(testEmail)
		if f := b.throttle.failures; len(f) != 3 || f[pair] != 1 || f[address] != 1 || f[account] != 1 {
			t.Errorf("failures: %v", f)
		}
		b.login(t)
		if f := b.throttle.failures; f[pair] != 0 || f[address] != 1 || f[account] != 1 {
			t.Errorf("failures after a success: %v", f)
		}
	})

	t.Run("works without the throttle", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.down = true
		b.login(t)
	})

	t.Run("stops waiting for a slot when the request ends", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		for range cap(b.passwords.slots) {
			release, err := b.passwords.acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer release()
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := b.Login(ctx, Attempt{Email: testEmail, Password: testPassword}); !errors.Is(err, context.Canceled) {
			t.Errorf("without a slot: %v", err)
		}
	})
}

func TestThrottleKeys(t *testing.T) {
	t.Parallel()
	if key := accountKey(testEmail); strings.Contains(key, "amelia") {
		t.Errorf("the key %q contains the address", key)
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"nonsense", "", true},
	} {
		if same := addressKey(c.a) == addressKey(c.b); same != c.same {
			t.Errorf("%s and %s share a count: %v", c.a, c.b, same)
		}
	}
}
