package auth

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"
)

// memory is a Store that keeps everything in maps.
type memory struct {
	mu       sync.Mutex
	admins   map[string]Admin
	sessions map[string]Session
	tenants  []Tenant
	touches  int
	touchErr error

	invitations map[string]Invitation
}

func newMemory() *memory {
	return &memory{
		admins: map[string]Admin{}, sessions: map[string]Session{}, invitations: map[string]Invitation{},
		tenants: []Tenant{{ID: "meridian", Name: "Meridian"}, {ID: "orion", Name: "Orion"}},
	}
}

func (m *memory) HasAdmins(context.Context) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.admins) > 0, nil
}

func (m *memory) InsertAdmin(_ context.Context, a *Admin) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, other := range m.admins {
		if other.Email == a.Email {
			return ErrDuplicate
		}
	}
	m.admins[a.ID] = *a
	return nil
}

func (m *memory) AdminByEmail(_ context.Context, email string) (*Admin, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.admins {
		if a.Email == email {
			return &a, nil
		}
	}
	return nil, ErrNotFound
}

func (m *memory) Admin(_ context.Context, id string) (*Admin, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.admins[id]; ok {
		return &a, nil
	}
	return nil, ErrNotFound
}

func (m *memory) AdminsIn(_ context.Context, tenant string) (list []Admin, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.admins {
		if a.Role(tenant).Valid() {
			list = append(list, a)
		}
	}
	return list, nil
}

func (m *memory) SetRole(_ context.Context, adminID, tenant string, role Role) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.admins[adminID]
	if !ok {
		return ErrNotFound
	}
	a.Roles = maps.Clone(a.Roles)
	delete(a.Roles, tenant)
	if role != "" {
		a.Roles[tenant] = role
	}
	m.admins[adminID] = a
	return nil
}

func (m *memory) SetFirstPassword(_ context.Context, adminID, name, hash string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.admins[adminID]
	if !ok || a.Password != "" {
		return ErrNotFound
	}
	a.Name, a.Password = name, hash
	m.admins[adminID] = a
	return nil
}

func (m *memory) InsertInvitation(_ context.Context, i *Invitation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.invitations[i.ID] = *i
	return nil
}

func (m *memory) Invitation(_ context.Context, id string) (*Invitation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i, ok := m.invitations[id]; ok {
		return &i, nil
	}
	return nil, ErrNotFound
}

func (m *memory) DeleteInvitations(_ context.Context, adminID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.invitations, func(_ string, i Invitation) bool { return i.AdminID == adminID })
	return nil
}

func (m *memory) InsertSession(_ context.Context, s *Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[s.ID] = *s
	return nil
}

func (m *memory) Session(_ context.Context, id string) (*Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.sessions[id]; ok {
		return &s, nil
	}
	return nil, ErrNotFound
}

func (m *memory) TouchSession(_ context.Context, id string, seen, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.touchErr != nil {
		return m.touchErr
	}
	if s, ok := m.sessions[id]; ok {
		s.Seen, s.Expires = seen, expires
		m.sessions[id] = s
		m.touches++
	}
	return nil
}

func (m *memory) DeleteSession(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, id)
	return nil
}

func (m *memory) DeleteSessions(_ context.Context, now time.Time) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, s := range m.sessions {
		if !s.Expires.After(now) {
			delete(m.sessions, id)
			n++
		}
	}
	return n, nil
}

func (m *memory) Tenants(context.Context) ([]Tenant, error) { return m.tenants, nil }

func (m *memory) Tenant(_ context.Context, id string) (*Tenant, error) {
	i := slices.IndexFunc(m.tenants, func(t Tenant) bool { return t.ID == id })
	if i < 0 {
		return nil, ErrNotFound
	}
	return &m.tenants[i], nil
}

// counter is a Throttle that never lets a window end.
type counter struct {
	mu       sync.Mutex
	failures map[string]int
	down     bool
}

func (t *counter) Take(_ context.Context, key string, l Limit) (int, time.Duration, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return 0, 0, errors.New("redis is down")
	}
	t.failures[key]++
	return t.failures[key], l.Window, nil
}

func (t *counter) Blocked(_ context.Context, key string, l Limit) (time.Duration, error) {
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

func (t *counter) Failed(_ context.Context, key string, _ Limit) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return errors.New("redis is down")
	}
	t.failures[key]++
	return nil
}

func (t *counter) Forget(_ context.Context, key string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return errors.New("redis is down")
	}
	delete(t.failures, key)
	return nil
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

const (
	testEmail    = "amelia@example.com"
	testPassword = "correct horse"
)

type bundle struct {
	*Service
	store    *memory
	throttle *counter
	clock    *clock
	admin    *Admin
}

// setup gives a service with one admin, who is exporter in orion and viewer everywhere.
func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{
		store: newMemory(), throttle: &counter{failures: map[string]int{}},
		clock: &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)},
	}
	hash, err := HashPassword(testPassword)
	if err != nil {
		t.Fatal(err)
	}
	b.admin = &Admin{
		ID: "01A", Email: testEmail, Password: hash, Roles: map[string]Role{"orion": Exporter, "gone": Owner},
		Everywhere: Viewer,
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
func (b bundle) login(t *testing.T) string {
	t.Helper()
	token, _, err := b.Login(t.Context(), testEmail, testPassword, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	return token
}
