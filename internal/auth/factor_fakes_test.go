package auth

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"github.com/descope/virtualwebauthn"
)

// memoryFactorStore is a FactorStore in memory.
type memoryFactorStore struct {
	mu             sync.Mutex
	accounts       map[string]AccountFactors
	challenges     map[string]FactorChallenge
	claims         map[string]time.Time
	keepChallenges bool // DeleteChallenge does nothing
}

func (m *memoryFactorStore) Factors(_ context.Context, account string) (*AccountFactors, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.accounts[account]
	a.Passkeys, a.RecoveryCodes = slices.Clone(a.Passkeys), slices.Clone(a.RecoveryCodes)
	return &a, nil
}

func (m *memoryFactorStore) WithFactors(_ context.Context, accounts []string) (map[string]bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	have := map[string]bool{}
	for _, id := range accounts {
		if a := m.accounts[id]; a.Any() {
			have[id] = true
		}
	}
	return have, nil
}

func (m *memoryFactorStore) change(account string, f func(*AccountFactors)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.accounts[account]
	f(&a)
	m.accounts[account] = a
	return nil
}

func (m *memoryFactorStore) SetTOTP(_ context.Context, account string, t *TOTP) error {
	return m.change(account, func(a *AccountFactors) { a.TOTP = t })
}

func (m *memoryFactorStore) AddPasskey(_ context.Context, account string, p *Passkey) error {
	return m.change(account, func(a *AccountFactors) { a.Passkeys = append(slices.Clone(a.Passkeys), *p) })
}

func (m *memoryFactorStore) RenamePasskey(_ context.Context, account, id, name string) (err error) {
	_ = m.change(account, func(a *AccountFactors) {
		i := slices.IndexFunc(a.Passkeys, func(p Passkey) bool { return p.ID == id })
		if i < 0 {
			err = ErrNotFound
			return
		}
		a.Passkeys = slices.Clone(a.Passkeys)
		a.Passkeys[i].Name = name
	})
	return err
}

func (m *memoryFactorStore) UsePasskey(_ context.Context, account string, p *Passkey) error {
	return m.change(account, func(a *AccountFactors) {
		a.Passkeys = slices.Clone(a.Passkeys)
		for i := range a.Passkeys {
			if a.Passkeys[i].ID == p.ID {
				a.Passkeys[i].LastUsed, a.Passkeys[i].SignCount, a.Passkeys[i].Flags = p.LastUsed, p.SignCount, p.Flags
			}
		}
	})
}

func (m *memoryFactorStore) RemovePasskey(_ context.Context, account, id string) error {
	return m.change(account, func(a *AccountFactors) {
		a.Passkeys = slices.DeleteFunc(slices.Clone(a.Passkeys), func(p Passkey) bool { return p.ID == id })
	})
}

func (m *memoryFactorStore) SetRecoveryCodes(_ context.Context, account string, hashes []string) error {
	return m.change(account, func(a *AccountFactors) { a.RecoveryCodes = hashes })
}

func (m *memoryFactorStore) RemoveRecoveryCode(_ context.Context, account, hash string) error {
	return m.change(account, func(a *AccountFactors) {
		a.RecoveryCodes = slices.DeleteFunc(slices.Clone(a.RecoveryCodes), func(h string) bool { return h == hash })
	})
}

func (m *memoryFactorStore) PutChallenge(_ context.Context, c *FactorChallenge) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.challenges[c.ID] = *c
	return nil
}

func (m *memoryFactorStore) Challenge(_ context.Context, id string) (*FactorChallenge, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.challenges[id]; ok {
		return &c, nil
	}
	return nil, ErrNotFound
}

func (m *memoryFactorStore) DeleteChallenge(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keepChallenges {
		return errors.New("no primary")
	}
	delete(m.challenges, id)
	return nil
}

func (m *memoryFactorStore) DeleteChallenges(_ context.Context, account string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, c := range m.challenges {
		if c.Account == account {
			delete(m.challenges, id)
		}
	}
	return nil
}

func (m *memoryFactorStore) Claim(_ context.Context, id string, expires time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.claims[id]; taken {
		return false, nil
	}
	m.claims[id] = expires
	return true, nil
}

func (m *memoryFactorStore) DeleteExpired(_ context.Context, now time.Time) (n int64, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, c := range m.challenges {
		if !c.Expires.After(now) {
			delete(m.challenges, id)
			n++
		}
	}
	for id, expires := range m.claims {
		if !expires.IsZero() && !expires.After(now) {
			delete(m.claims, id)
			n++
		}
	}
	return n, nil
}

// factorFixture is a serviceFixture with second factors.
type factorFixture struct {
	serviceFixture
	factors     *Factors
	factorStore *memoryFactorStore
	rp          virtualwebauthn.RelyingParty
}

func setupFactors(t *testing.T) factorFixture {
	t.Helper()
	b := factorFixture{
		serviceFixture: setup(t), rp: virtualwebauthn.RelyingParty{Name: "Egress", ID: "egress.example.com", Origin: "https://egress.example.com"},
		factorStore: &memoryFactorStore{accounts: map[string]AccountFactors{}, challenges: map[string]FactorChallenge{}, claims: map[string]time.Time{}},
	}
	sealer, err := NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	b.factors, err = NewFactors(FactorsOptions{
		Store: b.store, Factors: b.factorStore, Throttle: b.throttle, Sealer: sealer, PublicURL: b.rp.Origin, Now: b.clock.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Service.factors = b.factors
	return b
}

// session signs the admin in without a second factor, as if the account had none yet.
func (b factorFixture) session(t *testing.T, admin *Admin) *Identity {
	t.Helper()
	_, session, err := b.startSession(t.Context(), admin, Attempt{}, false)
	if err != nil {
		t.Fatal(err)
	}
	return &Identity{Admin: admin, Session: session}
}

// reload returns the identity that the next request has.
func (b factorFixture) reload(t *testing.T, id *Identity) *Identity {
	t.Helper()
	next, err := b.identity(t.Context(), id.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// addTOTP sets up an authenticator app and returns its secret and the recovery codes.
func (b factorFixture) addTOTP(t *testing.T, id *Identity) (secret []byte, codes []string) {
	t.Helper()
	text, _, err := b.factors.BeginTOTP(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	secret, err = base32Plain.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	codes, err = b.factors.ConfirmTOTP(t.Context(), id, b.currentCode(secret))
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(2 * totpStep) // that code is used
	return secret, codes
}

// currentCode returns the code that the app shows now.
func (b factorFixture) currentCode(secret []byte) string {
	return totpCode(secret, b.clock.now().Unix()/int64(totpStep/time.Second))
}

// newCredential returns a credential whose key has coordinates of the full length. The library drops
// leading zeros, and the server refuses such keys.
func newCredential() virtualwebauthn.Credential {
	const full = 77 // bytes of a COSE key on P-256
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == full {
			return c
		}
	}
}

// addPasskey adds a passkey of a new authenticator.
func (b factorFixture) addPasskey(t *testing.T, id *Identity) (virtualwebauthn.Authenticator, *virtualwebauthn.Credential) {
	t.Helper()
	authenticator := virtualwebauthn.NewAuthenticator()
	credential := newCredential()
	credential.Counter = 5
	if _, err := b.factors.AddPasskey(t.Context(), id, "Key", b.attestation(t, id, authenticator, credential)); err != nil {
		t.Fatal(err)
	}
	return authenticator, &credential
}

// attestation returns a browser's response to the options of a new passkey.
func (b factorFixture) attestation(t *testing.T, id *Identity, a virtualwebauthn.Authenticator, c virtualwebauthn.Credential) []byte {
	t.Helper()
	options, err := b.factors.BeginPasskey(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := virtualwebauthn.ParseAttestationOptions(asJSON(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(b.rp, a, c, *parsed))
}

// assertion returns a browser's response to a challenge.
func (b factorFixture) assertion(t *testing.T, r *FactorRequest, a virtualwebauthn.Authenticator, c *virtualwebauthn.Credential) []byte {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(asJSON(t, r.Passkey.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	c.Counter++
	return []byte(virtualwebauthn.CreateAssertionResponse(b.rp, a, *c, *parsed))
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// challenge returns the challenge of a log-in without checking a password.
func (b factorFixture) challenge(t *testing.T) *FactorRequest {
	t.Helper()
	admin, err := b.store.Admin(t.Context(), b.admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.factors.newChallenge(t.Context(), admin, purposeLogin, "")
	if err != nil || r == nil {
		t.Fatalf("no challenge: %v", err)
	}
	return r
}

// loginChallenge logs in with the password and returns the challenge.
func (b factorFixture) loginChallenge(t *testing.T) *FactorRequest {
	t.Helper()
	token, session, err := b.Login(t.Context(), Attempt{Email: testEmail, Password: testPassword, Address: "192.0.2.1"})
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != errs.CodeSecondFactorRequired || token != "" || session != nil {
		t.Fatalf("Login: %q, %+v, %v", token, session, err)
	}
	r, ok := e.Details["secondFactor"].(*FactorRequest)
	if !ok {
		t.Fatalf("Login: details %v", e.Details)
	}
	return r
}

// complete answers a challenge of a log-in.
func (b factorFixture) complete(t *testing.T, a FactorAnswer) (*Session, error) {
	t.Helper()
	_, token, session, err := b.CompleteLogin(t.Context(), &a, Attempt{})
	if (err == nil) != (token != "") {
		t.Fatalf("CompleteLogin: token %q, %v", token, err)
	}
	return session, err
}

// wantError compares the code and the field of an error; "" means none.
func wantError(t *testing.T, what string, err error, code errs.Code, field string) {
	t.Helper()
	var got string
	if e, ok := errors.AsType[*errs.Error](err); ok {
		got = e.Field
	}
	if errs.CodeOf(err) != code || got != field {
		t.Errorf("%s: %v, want %q of %q", what, err, code, field)
	}
}
