package auth

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/export"
)

func TestLogin(t *testing.T) {
	t.Parallel()

	t.Run("gives a token of which only the hash is kept", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token, session, err := b.Login(t.Context(), "  Amelia@Example.com ", testPassword, "192.0.2.1")
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

	t.Run("does not tell an unknown account from a wrong password", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		_, _, wrong := b.Login(t.Context(), testEmail, "wrong", "192.0.2.1")
		_, _, unknown := b.Login(t.Context(), "nobody@example.com", testPassword, "192.0.2.1")
		_, _, decoy := b.Login(t.Context(), "nobody@example.com", "an account that does not exist", "192.0.2.1")
		for _, err := range []error{wrong, unknown, decoy} {
			if export.CodeOf(err) != export.CodeUnauthenticated || err.Error() != wrong.Error() {
				t.Errorf("%v, want %v", err, wrong)
			}
		}
	})

	t.Run("stops an account after ten failures, from wherever they come", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.failures[accountKey(testEmail)] = accountLimit.Events - 1
		if _, _, err := b.Login(t.Context(), testEmail, "wrong", "192.0.2.1"); export.CodeOf(err) != export.CodeUnauthenticated {
			t.Fatalf("the tenth failure: %v", err)
		}
		_, _, err := b.Login(t.Context(), testEmail, testPassword, "192.0.2.2")
		e, ok := errors.AsType[*export.Error](err)
		if !ok || e.Code != export.CodeRateLimited || e.Details["retryAfterSeconds"] != 91 {
			t.Errorf("the eleventh attempt: %v", err)
		}
	})

	t.Run("stops an address after fifty failures, whatever the account", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.failures[addressKey("192.0.2.1")] = addressLimit.Events
		if _, _, err := b.Login(t.Context(), testEmail, testPassword, "192.0.2.1"); export.CodeOf(err) != export.CodeRateLimited {
			t.Errorf("from that address: %v", err)
		}
		if _, _, err := b.Login(t.Context(), testEmail, testPassword, "192.0.2.2"); err != nil {
			t.Errorf("from another: %v", err)
		}
	})

	t.Run("counts a failure for the account and for the address, and success forgives the account alone", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		if _, _, err := b.Login(t.Context(), testEmail, "wrong", "192.0.2.1"); err == nil {
			t.Fatal("a wrong password was taken")
		}
		if b.throttle.failures[accountKey(testEmail)] != 1 || b.throttle.failures[addressKey("192.0.2.1")] != 1 {
			t.Errorf("failures: %v", b.throttle.failures)
		}
		b.login(t)
		if b.throttle.failures[accountKey(testEmail)] != 0 || b.throttle.failures[addressKey("192.0.2.1")] != 1 {
			t.Errorf("failures after a success: %v", b.throttle.failures)
		}
	})

	t.Run("goes on without the throttle", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.throttle.down = true
		b.login(t)
	})

	t.Run("waits for its turn no longer than its request", func(t *testing.T) {
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
		if _, _, err := b.Login(ctx, testEmail, testPassword, "192.0.2.1"); !errors.Is(err, context.Canceled) {
			t.Errorf("without a turn: %v", err)
		}
	})
}

func TestThrottleKeys(t *testing.T) {
	t.Parallel()
	if key := accountKey(testEmail); strings.Contains(key, "amelia") {
		t.Errorf("the key %q tells the address", key)
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
			t.Errorf("%s and %s count together: %v", c.a, c.b, same)
		}
	}
}

func TestHashPassword(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", "1234567", strings.Repeat("x", maxPassword+1)} {
		if _, err := HashPassword(password); export.CodeOf(err) != export.CodeInvalid {
			t.Errorf("%d bytes: %v", len(password), err)
		}
	}
	hash, err := HashPassword("12345678")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q, %v", hash, err)
	}
}
