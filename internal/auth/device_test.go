package auth

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// deviceCookie signs the admin in and returns the device cookie.
func (b serviceFixture) deviceCookie(t *testing.T, has string) string {
	t.Helper()
	_, session, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", has)
	if err != nil {
		t.Fatal(err)
	}
	device, err := b.Device(t.Context(), session, has)
	if err != nil {
		t.Fatal(err)
	}
	return device
}

func TestDevice(t *testing.T) {
	t.Parallel()

	t.Run("logs in from a known device in spite of the failures of others", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		device := b.deviceCookie(t, "")
		f := b.throttle.failures
		f[accountKey(testEmail)], f[addressKey("192.0.2.1")], f[accountAddressKey(testEmail, "192.0.2.1")] = 10_000, 10_000, 10_000
		b.attemptLimits.wait = nil // it would panic: there is no delay
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", device); err != nil {
			t.Errorf("with the device cookie: %v", err)
		}
		if _, _, err := b.tryLogin(t, "nobody@example.com", testPassword, "192.0.2.1", device); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Errorf("with another account's: %v", err)
		}
	})

	t.Run("has its own limit", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		device := b.deviceCookie(t, "")
		id, _ := b.deviceCookies.id(b.admin, device)
		b.throttle.failures[deviceKey(id)] = deviceLimit.Events - 1
		if _, _, err := b.tryLogin(t, testEmail, "wrong", "192.0.2.1", device); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Fatal(err)
		}
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.9", device); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Errorf("after its failures: %v", err)
		}
		if len(b.throttle.failures) != 1 {
			t.Errorf("other limits counted the failures: %v", b.throttle.failures)
		}
		if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", ""); err != nil {
			t.Errorf("without its cookie: %v", err)
		}
	})

	t.Run("keeps its id and resets its failures after a success", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		device := b.deviceCookie(t, "")
		if _, _, err := b.tryLogin(t, testEmail, "wrong", "192.0.2.1", device); err == nil {
			t.Fatal("a wrong password was accepted")
		}
		if again := b.deviceCookie(t, device); again != device {
			t.Errorf("%q became %q", device, again)
		}
		if n := len(b.throttle.failures); n != 0 {
			t.Errorf("failures: %v", b.throttle.failures)
		}
	})

	t.Run("is unknown without a valid cookie", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		device := b.deviceCookie(t, "")
		id, mac, _ := strings.Cut(device, ".")
		other, err := newDeviceCookies([]byte("another secret key, of 32 bytes."))
		if err != nil {
			t.Fatal(err)
		}
		b.throttle.failures[accountAddressKey(testEmail, "192.0.2.1")] = accountAddressLimit.Events
		for name, cookie := range map[string]string{
			"none": "", "another key": other.issue(b.admin), "another id": "AAAAAAAAAAAAAAAAAAAAAA." + mac,
			"no signature": id + ".", "half": id, "a signature cut short": device[:len(device)-4],
			"another account": b.deviceCookies.issue(&Admin{ID: "01B", Password: b.admin.Password}),
			"long":            device + strings.Repeat("A", 4000), "no base64": "!." + mac,
		} {
			if _, _, err := b.tryLogin(t, testEmail, testPassword, "192.0.2.1", cookie); errs.CodeOf(err) != errs.CodeRateLimited {
				t.Errorf("%s: %v", name, err)
			}
		}
	})

	t.Run("is unknown after a password change", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		device := b.deviceCookie(t, "")
		changed := *b.admin
		hash, err := HashPassword("another horse")
		if err != nil {
			t.Fatal(err)
		}
		changed.Password = hash
		b.store.admins[changed.ID] = changed
		b.throttle.failures[accountAddressKey(testEmail, "192.0.2.1")] = accountAddressLimit.Events
		if _, _, err := b.tryLogin(t, testEmail, "another horse", "192.0.2.1", device); errs.CodeOf(err) != errs.CodeRateLimited {
			t.Errorf("with the cookie from before: %v", err)
		}
	})

	t.Run("has a cookie without personal data", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		device := b.deviceCookie(t, "")
		for _, personal := range []string{"amelia", "example", b.admin.ID} {
			if strings.Contains(device, personal) {
				t.Errorf("%q holds %q", device, personal)
			}
		}
	})
}
