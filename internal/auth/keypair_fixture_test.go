package auth

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// memoryKeyStore is a KeyStore and Nonces in memory.
type memoryKeyStore struct {
	listed  func() // is called after a list was read; nil: nothing
	mu      sync.Mutex
	pairs   map[string]KeyPair
	spent   map[string]time.Duration
	down    bool
	touches int
}

func (k *memoryKeyStore) InsertKeyPair(_ context.Context, p *KeyPair) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, other := range k.pairs {
		if other.AccessKey == p.AccessKey || other.Slot == p.Slot && p.Slot != "" {
			return ErrDuplicate
		}
	}
	k.pairs[p.AccessKey] = *p
	return nil
}

func (k *memoryKeyStore) KeyPair(_ context.Context, accessKey string) (*KeyPair, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p, ok := k.pairs[accessKey]; ok {
		return &p, nil
	}
	return nil, ErrNotFound
}

func (k *memoryKeyStore) KeyPairs(_ context.Context, tenant, adminID string) (list []KeyPair, _ error) {
	if k.listed != nil {
		defer k.listed()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pairs {
		if p.Tenant == tenant && (adminID == "" || p.AdminID == adminID) && p.Revoked.IsZero() {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b KeyPair) int { return b.Created.Compare(a.Created) })
	return list, nil
}

func (k *memoryKeyStore) change(tenant, accessKey string, f func(*KeyPair)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.pairs[accessKey]
	if !ok || p.Tenant != tenant || !p.Revoked.IsZero() {
		return ErrNotFound
	}
	f(&p)
	k.pairs[accessKey] = p
	return nil
}

func (k *memoryKeyStore) ChangeKeyPair(_ context.Context, tenant, accessKey string, c KeyPairChange) error {
	return k.change(tenant, accessKey, func(p *KeyPair) {
		if c.Note != nil {
			p.Note = *c.Note
		}
		if c.RequestsPerMinute != nil {
			p.RequestsPerMinute = *c.RequestsPerMinute
		}
	})
}

func (k *memoryKeyStore) RevokeKeyPair(_ context.Context, tenant, accessKey string, at time.Time) error {
	return k.change(tenant, accessKey, func(p *KeyPair) { p.Revoked, p.SealedSecret, p.Slot = at, nil, "" })
}

func (k *memoryKeyStore) TouchKeyPair(_ context.Context, accessKey string, at time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.pairs[accessKey]
	p.LastUsed = at
	k.pairs[accessKey] = p
	k.touches++
	return nil
}

func (k *memoryKeyStore) Use(_ context.Context, accessKey, nonce string, keep time.Duration) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down {
		return false, errors.New("redis is down")
	}
	_, before := k.spent[accessKey+":"+nonce]
	k.spent[accessKey+":"+nonce] = keep
	return !before, nil
}

type keysFixture struct {
	serviceFixture
	*Keys
	ring         *memoryKeyStore
	log          *bytes.Buffer
	pair         *KeyPair
	secret       string
	refusedCalls *[]string // calls of KeysOptions.OnRefusal
	waits        *[]time.Duration
}

// setupKeys returns Keys with a pair of the fixture's admin in orion, with the role exporter.
func setupKeys(t *testing.T, change ...func(*KeysOptions)) keysFixture {
	t.Helper()
	b := keysFixture{serviceFixture: setup(t), ring: &memoryKeyStore{pairs: map[string]KeyPair{}, spent: map[string]time.Duration{}}, log: &bytes.Buffer{}, refusedCalls: &[]string{}, waits: &[]time.Duration{}}
	sealer, err := NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	o := KeysOptions{
		Store: b.store, Keys: b.ring, Nonces: b.ring, Throttle: b.throttle, Sealer: sealer, Now: b.clock.now,
		Logger:    slog.New(slog.NewTextHandler(b.log, nil)),
		Wait:      b.wait,
		OnRefusal: func(accessKey, reason string) { *b.refusedCalls = append(*b.refusedCalls, accessKey+"|"+reason) },
	}
	for _, f := range change {
		f(&o)
	}
	b.Keys = NewKeys(o)
	if b.pair, b.secret, err = b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, "nightly"); err != nil {
		t.Fatal(err)
	}
	return b
}

// wait records a delay, and moves the clock by it.
func (b keysFixture) wait(_ context.Context, d time.Duration) error {
	*b.waits = append(*b.waits, d)
	b.clock.advance(d)
	return nil
}

var signed = Target{Method: "GET", Path: "/v3/users", Query: "rpp=1", Body: []byte("{}")}

func (b keysFixture) sign(t Target, nonce string) string {
	return sign(b.pair.AccessKey, b.secret, t, b.clock.now(), nonce)
}

// wantRefused checks that a signature is refused, and that only the log contains the reason.
func (b keysFixture) wantRefused(t *testing.T, header string, target Target, reason string) {
	t.Helper()
	b.log.Reset()
	*b.refusedCalls = nil
	signer, err := b.Verify(t.Context(), header, target)
	if !errors.Is(err, errNotSigned) || signer != nil {
		t.Fatalf("%s: %+v, %v", reason, signer, err)
	}
	if !strings.Contains(b.log.String(), reason) || strings.Contains(b.log.String(), b.secret) {
		t.Errorf("the log %s does not contain %q", b.log, reason)
	}
	if refusedCalls := *b.refusedCalls; len(refusedCalls) != 1 || !strings.Contains(refusedCalls[0], reason) || !strings.HasPrefix(refusedCalls[0], "|") && !strings.HasPrefix(refusedCalls[0], b.pair.AccessKey+"|") {
		t.Errorf("Refused got %q, want %q", refusedCalls, reason)
	}
}
