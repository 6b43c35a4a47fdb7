package auth

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// fakeThrottle is a Throttle whose windows never end.
type fakeThrottle struct {
	mu       sync.Mutex
	failures map[string]int
	down     bool
	full     bool // answers reads but cannot count
}

func (t *fakeThrottle) Take(_ context.Context, key string, l Limit) (int, time.Duration, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down || t.full {
		return 0, 0, errors.New("redis is down")
	}
	t.failures[key]++
	return t.failures[key], l.Window, nil
}

func (t *fakeThrottle) Count(_ context.Context, key string) (int, time.Duration, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return 0, 0, errors.New("redis is down")
	}
	return t.failures[key], time.Minute, nil
}

func (t *fakeThrottle) RetryAfter(_ context.Context, key string, l Limit) (time.Duration, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return 0, errors.New("redis is down")
	}
	if t.failures[key] >= l.Events {
		return 90500 * time.Millisecond, nil
	}
	return 0, nil
}

func (t *fakeThrottle) CountFailure(_ context.Context, key string, _ Limit) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return errors.New("redis is down")
	}
	t.failures[key]++
	return nil
}

func (t *fakeThrottle) ResetCount(_ context.Context, key string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return errors.New("redis is down")
	}
	delete(t.failures, key)
	return nil
}

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

const (
	testEmail    = "amelia@example.com"
	testPassword = "correct horse battery 7"
)

// testHash hashes the password once for all tests.
var testHash = sync.OnceValues(func() (string, error) { return HashPassword(testPassword) })

type serviceFixture struct {
	*Service
	store    *memoryStore
	throttle *fakeThrottle
	clock    *clock
	admin    *Admin
}

// setup returns a service with one admin, who is exporter in orion and viewer in every tenant.
func setup(t *testing.T) serviceFixture {
	t.Helper()
	b := serviceFixture{
		store: newMemoryStore(), throttle: &fakeThrottle{failures: map[string]int{}},
		clock: &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)},
	}
	hash, err := testHash()
	if err != nil {
		t.Fatal(err)
	}
	b.admin = &Admin{
		ID: "01A", Email: testEmail, Password: hash, Roles: map[string]Role{"orion": Exporter, "gone": Owner},
		GlobalRole: Viewer,
	}
	if err := b.store.InsertAdmin(t.Context(), b.admin); err != nil {
		t.Fatal(err)
	}
	b.Service, err = New(Options{Store: b.store, Throttle: b.throttle, Now: b.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// login signs the admin in and returns the token.
func (b serviceFixture) login(t *testing.T) string {
	t.Helper()
	token, _, err := b.Login(t.Context(), Attempt{Email: testEmail, Password: testPassword, Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// tryLogin attempts to log in.
func (b serviceFixture) tryLogin(t *testing.T, email, password, address, device string) (string, *Session, error) {
	t.Helper()
	return b.Login(t.Context(), Attempt{Email: email, Password: password, Address: address, Device: device})
}
