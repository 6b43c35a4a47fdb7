package auth

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// memoryStore is a Store in memory.
type memoryStore struct {
	mu       sync.Mutex
	admins   map[string]Admin
	sessions map[string]Session
	tenants  []Tenant
	touches  int
	touchErr error

	deleteErr error         // of DeleteSession
	deleted   chan struct{} // closed when the next session is deleted

	invitations map[string]Invitation
	claims      map[string]string // invitation → account
	resets      map[string]Reset
}

func newMemoryStore() *memoryStore {
	return &memoryStore{
		admins: map[string]Admin{}, sessions: map[string]Session{}, invitations: map[string]Invitation{}, claims: map[string]string{}, resets: map[string]Reset{},
		tenants: []Tenant{{ID: "meridian", Name: "Meridian"}, {ID: "orion", Name: "Orion"}},
	}
}

func (m *memoryStore) HasAdmins(context.Context) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.admins) > 0, nil
}

func (m *memoryStore) InsertAdmin(_ context.Context, a *Admin) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.admins[a.ID]; taken {
		return ErrDuplicate
	}
	m.admins[a.ID] = *a
	return nil
}

func (m *memoryStore) AdminsByEmail(_ context.Context, email string) (list []Admin, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.admins {
		if a.Email == email {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b Admin) int { return a.Created.Compare(b.Created) })
	return list, nil
}

func (m *memoryStore) Admin(_ context.Context, id string) (*Admin, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.admins[id]; ok {
		return &a, nil
	}
	return nil, ErrNotFound
}

func (m *memoryStore) AdminsIn(_ context.Context, tenant string) (list []Admin, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.admins {
		if a.Role(tenant).Valid() {
			list = append(list, a)
		}
	}
	return list, nil
}

func (m *memoryStore) SetRole(_ context.Context, adminID, tenant string, role Role) error {
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

func (m *memoryStore) SetPassword(_ context.Context, adminID, old, hash string, at time.Time) error {
	return m.change(adminID, func(a *Admin) bool {
		if a.Password != old {
			return false
		}
		a.Password, a.PasswordChanged = hash, at
		return true
	})
}

func (m *memoryStore) SetName(_ context.Context, adminID, name string) error {
	return m.change(adminID, func(a *Admin) bool { a.Name = name; return true })
}

func (m *memoryStore) change(adminID string, f func(*Admin) bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.admins[adminID]
	if !ok || !f(&a) {
		return ErrNotFound
	}
	m.admins[adminID] = a
	return nil
}

func (m *memoryStore) InsertInvitation(_ context.Context, i *Invitation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, other := range m.invitations {
		if other.Tenant == i.Tenant && other.Email == i.Email {
			return ErrDuplicate
		}
	}
	m.invitations[i.ID] = *i
	return nil
}

func (m *memoryStore) Invitations(_ context.Context, tenant string) (list []Invitation, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, i := range m.invitations {
		if i.Tenant == tenant {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b Invitation) int { return strings.Compare(b.ID, a.ID) })
	return list, nil
}

func (m *memoryStore) Invitation(_ context.Context, id string) (*Invitation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i, ok := m.invitations[id]; ok {
		return &i, nil
	}
	return nil, ErrNotFound
}

func (m *memoryStore) InvitationByToken(_ context.Context, hash string) (*Invitation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, i := range m.invitations {
		if i.TokenHash == hash {
			return &i, nil
		}
	}
	return nil, ErrNotFound
}

func (m *memoryStore) RenewInvitation(_ context.Context, id, hash string, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.invitations[id]
	if !ok {
		return ErrNotFound
	}
	i.TokenHash, i.Expires = hash, expires
	m.invitations[id] = i
	return nil
}

func (m *memoryStore) DeleteInvitation(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.invitations, id)
	return nil
}

func (m *memoryStore) ClaimInvitation(_ context.Context, id, adminID string, _ time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if by, ok := m.claims[id]; ok {
		return by == adminID, nil
	}
	m.claims[id] = adminID
	return true, nil
}

func (m *memoryStore) InsertReset(_ context.Context, r *Reset) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resets[r.ID] = *r
	return nil
}

func (m *memoryStore) Reset(_ context.Context, hash string) (*Reset, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.resets[hash]; ok {
		return &r, nil
	}
	return nil, ErrNotFound
}

func (m *memoryStore) DeleteResets(_ context.Context, adminID string, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.resets, func(_ string, r Reset) bool { return r.AdminID == adminID || !now.Before(r.Expires) })
	return nil
}

func (m *memoryStore) SessionsOf(_ context.Context, adminID string) (list []Session, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.sessions {
		if s.AdminID == adminID {
			list = append(list, s)
		}
	}
	return list, nil
}

func (m *memoryStore) InsertSession(_ context.Context, s *Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[s.ID] = *s
	return nil
}

func (m *memoryStore) Session(_ context.Context, id string) (*Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.sessions[id]; ok {
		return &s, nil
	}
	return nil, ErrNotFound
}

func (m *memoryStore) TouchSession(_ context.Context, id string, seen, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.touchErr != nil {
		return m.touchErr
	}
	if s, ok := m.sessions[id]; ok {
		s.LastUsed, s.Expires = seen, expires
		m.sessions[id] = s
		m.touches++
	}
	return nil
}

func (m *memoryStore) ConfirmSession(_ context.Context, id string, at time.Time, secondFactor bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.sessions[id]; ok {
		s.Confirmed, s.SecondFactor = at, secondFactor
		m.sessions[id] = s
	}
	return nil
}

func (m *memoryStore) DropSecondFactor(_ context.Context, adminID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, s := range m.sessions {
		if s.AdminID == adminID {
			s.SecondFactor = false
			m.sessions[id] = s
		}
	}
	return nil
}

func (m *memoryStore) DeleteSession(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.deleteErr != nil {
		return m.deleteErr
	}
	delete(m.sessions, id)
	if m.deleted != nil {
		close(m.deleted)
		m.deleted = nil
	}
	return nil
}

func (m *memoryStore) setDeleteErr(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deleteErr = err
}

func (m *memoryStore) onDelete() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deleted = make(chan struct{})
	return m.deleted
}

func (m *memoryStore) DeleteSessions(_ context.Context, now time.Time) (n int64, err error) {
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

func (m *memoryStore) Tenants(context.Context) ([]Tenant, error) { return m.tenants, nil }

func (m *memoryStore) Tenant(_ context.Context, id string) (*Tenant, error) {
	i := slices.IndexFunc(m.tenants, func(t Tenant) bool { return t.ID == id })
	if i < 0 {
		return nil, ErrNotFound
	}
	return &m.tenants[i], nil
}
