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

	"github.com/egress-io/egress/internal/export"
)

// keyring is a KeyStore and Nonces in maps.
type keyring struct {
	mu      sync.Mutex
	pairs   map[string]KeyPair
	spent   map[string]time.Duration
	down    bool
	touches int
}

func (k *keyring) InsertKeyPair(_ context.Context, p *KeyPair) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pairs[p.AccessKey] = *p
	return nil
}

func (k *keyring) KeyPair(_ context.Context, accessKey string) (*KeyPair, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p, ok := k.pairs[accessKey]; ok {
		return &p, nil
	}
	return nil, ErrNotFound
}

func (k *keyring) KeyPairs(_ context.Context, tenant, adminID string) (list []KeyPair, _ error) {
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

func (k *keyring) change(tenant, accessKey string, f func(*KeyPair)) error {
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

func (k *keyring) AnnotateKeyPair(_ context.Context, tenant, accessKey, note string) error {
	return k.change(tenant, accessKey, func(p *KeyPair) { p.Note = note })
}

func (k *keyring) RevokeKeyPair(_ context.Context, tenant, accessKey string, at time.Time) error {
	return k.change(tenant, accessKey, func(p *KeyPair) { p.Revoked, p.Sealed = at, nil })
}

func (k *keyring) TouchKeyPair(_ context.Context, accessKey string, at time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.pairs[accessKey]
	p.LastUsed = at
	k.pairs[accessKey] = p
	k.touches++
	return nil
}

func (k *keyring) Spend(_ context.Context, accessKey, nonce string, keep time.Duration) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down {
		return false, errors.New("redis is down")
	}
	_, before := k.spent[accessKey+":"+nonce]
	k.spent[accessKey+":"+nonce] = keep
	return !before, nil
}

type keysBundle struct {
	bundle
	*Keys
	ring   *keyring
	log    *bytes.Buffer
	pair   *KeyPair
	secret string
}

// setupKeys gives Keys with a pair of the one admin in orion, where that one is exporter.
func setupKeys(t *testing.T, change ...func(*KeysOptions)) keysBundle {
	t.Helper()
	b := keysBundle{bundle: setup(t), ring: &keyring{pairs: map[string]KeyPair{}, spent: map[string]time.Duration{}}, log: &bytes.Buffer{}}
	sealer, err := NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	o := KeysOptions{
		Store: b.store, Keys: b.ring, Nonces: b.ring, Throttle: b.throttle, Sealer: sealer, Now: b.clock.now,
		Logger: slog.New(slog.NewTextHandler(b.log, nil)),
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

var signed = Target{Method: "GET", Path: "/v3/users", Query: "rpp=1", Body: []byte("{}")}

func (b keysBundle) sign(t Target, nonce string) string {
	return Sign(b.pair.AccessKey, b.secret, t, b.clock.now(), nonce)
}

// refused checks that a signature does not hold, that the answer does not say why, and that the log does.
func (b keysBundle) refused(t *testing.T, header string, target Target, reason string) {
	t.Helper()
	b.log.Reset()
	signer, err := b.Verify(t.Context(), header, target)
	if !errors.Is(err, errNotSigned) || signer != nil {
		t.Fatalf("%s: %+v, %v", reason, signer, err)
	}
	if !strings.Contains(b.log.String(), reason) || strings.Contains(b.log.String(), b.secret) {
		t.Errorf("the log says %s, and not that %s", b.log, reason)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()

	t.Run("knows who has signed, and what that one may do in the one tenant", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		signer, err := b.Verify(t.Context(), b.sign(signed, "1"), signed)
		if err != nil {
			t.Fatal(err)
		}
		if signer.Admin.ID != b.admin.ID || signer.Tenant.ID != "orion" || signer.Role != Exporter || signer.Pair.AccessKey != b.pair.AccessKey {
			t.Errorf("signer %+v", signer)
		}
		if signer.Quota.Left != DefaultKeyLimit.Events-1 {
			t.Errorf("quota %+v", signer.Quota)
		}
	})

	t.Run("refuses a request of which anything was changed", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		good := b.sign(signed, "1")
		hash := "the hash is not that of this request"
		for name, change := range map[string]func(*Target){
			"method": func(t *Target) { t.Method = "HEAD" }, "path": func(t *Target) { t.Path = "/v3/users/" },
			"query": func(t *Target) { t.Query = "rpp=2" }, "body": func(t *Target) { t.Body = []byte("{} ") },
			"no body": func(t *Target) { t.Body = nil },
		} {
			t.Run(name, func(t *testing.T) {
				changed := signed
				change(&changed)
				b.refused(t, good, changed, hash)
			})
		}
		parts := strings.Split(good, ":")
		swap := func(i int, part string) string {
			p := slices.Clone(parts)
			p[i] = part
			return strings.Join(p, ":")
		}
		b.refused(t, swap(1, parts[1][:12]+"9"), signed, hash)
		b.refused(t, swap(2, "2"), signed, hash)
		b.refused(t, swap(3, strings.Repeat("0", 64)), signed, hash)
		b.refused(t, swap(3, parts[3][1:]), signed, "64 hexadecimal digits")
		b.refused(t, swap(0, string(ZephrHMAC)+" ANOTHER"), signed, "there is no such key pair")
		// Nothing of this has spent the nonce.
		if _, err := b.Verify(t.Context(), good, signed); err != nil {
			t.Error(err)
		}
	})

	t.Run("takes a nonce once, also while its time is not over", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.clock.pass(-MaxSkew) // the client is ahead
		header := b.sign(signed, "1")
		b.clock.pass(MaxSkew)
		if _, err := b.Verify(t.Context(), header, signed); err != nil {
			t.Fatal(err)
		}
		if keep := b.ring.spent[b.pair.AccessKey+":1"]; keep < 0 {
			t.Errorf("remembered for %s", keep)
		}
		b.refused(t, header, signed, "the nonce was used before")
	})

	t.Run("remembers a nonce as long as the request could come again", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.clock.pass(MaxSkew)
		header := b.sign(signed, "1")
		b.clock.pass(-MaxSkew)
		if _, err := b.Verify(t.Context(), header, signed); err != nil {
			t.Fatal(err)
		}
		if keep := b.ring.spent[b.pair.AccessKey+":1"]; keep <= 2*MaxSkew {
			t.Errorf("remembered for %s only", keep)
		}
	})

	t.Run("takes clocks that are five minutes off, and no more", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		header := b.sign(signed, "1")
		b.clock.pass(MaxSkew + time.Millisecond)
		b.refused(t, header, signed, "five minutes ago")
		b.clock.pass(-2*MaxSkew - 2*time.Millisecond)
		b.refused(t, header, signed, "five minutes ahead")
		b.clock.pass(time.Millisecond)
		if _, err := b.Verify(t.Context(), header, signed); err != nil {
			t.Error(err)
		}
	})

	t.Run("refuses what was signed before nonces were remembered", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t, func(o *KeysOptions) { o.NotBefore = o.Now() })
		b.clock.pass(-time.Millisecond)
		early := b.sign(signed, "1")
		b.clock.pass(time.Millisecond)
		b.refused(t, early, signed, "before this server began")
		if _, err := b.Verify(t.Context(), b.sign(signed, "2"), signed); err != nil {
			t.Error(err)
		}
	})

	t.Run("refuses a revoked pair, whose secret is gone", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		if err := b.Revoke(t.Context(), "orion", b.pair.AccessKey); err != nil {
			t.Fatal(err)
		}
		b.refused(t, b.sign(signed, "1"), signed, "the key pair was revoked")
		if p := b.ring.pairs[b.pair.AccessKey]; p.Sealed != nil {
			t.Error("the secret is still there")
		}
		for _, err := range []error{
			b.Revoke(t.Context(), "orion", b.pair.AccessKey), b.Annotate(t.Context(), "orion", b.pair.AccessKey, "x"),
		} {
			if !errors.Is(err, errNoPair) {
				t.Errorf("a revoked pair can still be changed: %v", err)
			}
		}
	})

	t.Run("goes by the role that the admin has now", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.store.admins[b.admin.ID].Roles["orion"] = Owner
		if s, err := b.Verify(t.Context(), b.sign(signed, "1"), signed); err != nil || s.Role != Owner {
			t.Errorf("%+v, %v", s, err)
		}
		a := b.store.admins[b.admin.ID]
		a.Roles, a.Everywhere = nil, ""
		b.store.admins[b.admin.ID] = a
		b.refused(t, b.sign(signed, "2"), signed, "has no role in its tenant")
		delete(b.store.admins, b.admin.ID)
		b.refused(t, b.sign(signed, "3"), signed, "the admin of the key pair is gone")
	})

	t.Run("takes legacy signatures only where the tenant does", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		legacy := func(nonce string) string {
			bare := signed
			bare.Query = ""
			return strings.Replace(b.sign(bare, nonce), "ZEPHR", "BLAIZE", 1)
		}
		b.refused(t, legacy("1"), signed, "does not allow legacy signatures")
		b.store.tenants[1].LegacySignatures = true
		if _, err := b.Verify(t.Context(), legacy("1"), signed); err != nil {
			t.Error(err)
		}
		b.refused(t, strings.Replace(legacy("2"), "BLAIZE", "ZEPHR", 1), signed, "the hash is not")
	})

	t.Run("counts requests, and says when to go on", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t, func(o *KeysOptions) { o.Limit = Limit{Events: 1, Window: time.Minute} })
		if _, err := b.Verify(t.Context(), b.sign(signed, "1"), signed); err != nil {
			t.Fatal(err)
		}
		s, err := b.Verify(t.Context(), b.sign(signed, "2"), signed)
		e, ok := errors.AsType[*export.Error](err)
		if !ok || e.Code != export.CodeRateLimited || e.Details["retryAfterSeconds"] != 60 || s == nil || s.Quota.Left != 0 {
			t.Errorf("%+v, %v", s, err)
		}
		// What does not hold costs the pair nothing.
		b.refused(t, "ZEPHR-HMAC-SHA256 "+b.pair.AccessKey+":1764171266123:n:"+strings.Repeat("0", 64), signed, "the hash is not")
		if n := b.throttle.failures["key:"+b.pair.AccessKey]; n != 2 {
			t.Errorf("%d requests were counted", n)
		}
	})

	t.Run("lets nothing through while nonces are not remembered", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.ring.down = true
		if s, err := b.Verify(t.Context(), b.sign(signed, "1"), signed); export.CodeOf(err) != export.CodeUnavailable || s != nil {
			t.Errorf("%+v, %v", s, err)
		}
	})

	t.Run("notes that a pair was used, to the minute", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		for _, nonce := range []string{"1", "2"} {
			if _, err := b.Verify(t.Context(), b.sign(signed, nonce), signed); err != nil {
				t.Fatal(err)
			}
		}
		if b.ring.touches != 1 {
			t.Errorf("written %d times", b.ring.touches)
		}
		list, err := b.List(t.Context(), "orion", b.admin.ID)
		if err != nil || len(list) != 1 || !list[0].LastUsed.Equal(b.clock.now()) {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestIssue(t *testing.T) {
	t.Parallel()

	t.Run("keeps no secret that can be read", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		kept := b.ring.pairs[b.pair.AccessKey]
		if len(b.secret) < 43 || bytes.Contains(kept.Sealed, []byte(b.secret)) || kept.Note != "nightly" || kept.CreatedBy != b.admin.ID {
			t.Errorf("%+v", kept)
		}
	})

	t.Run("is for admins of the tenant", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		for tenant, admin := range map[string]string{"orion": "01NOBODY", "lunar": "01NOBODY"} {
			if _, _, err := b.Issue(t.Context(), tenant, admin, b.admin.ID, ""); export.CodeOf(err) != export.CodeNotFound {
				t.Errorf("for %s in %s: %v", admin, tenant, err)
			}
		}
	})

	t.Run("refuses a note that is too long, and more pairs than there may be", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		for name, note := range map[string]string{"long": strings.Repeat("x", maxNote+1), "not UTF-8": "\xff"} {
			if _, _, err := b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, note); export.CodeOf(err) != export.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range MaxKeyPairs - 1 {
			if _, _, err := b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, ""); export.CodeOf(err) != export.CodeInvalid {
			t.Errorf("one too many: %v", err)
		}
	})

	t.Run("is not for another tenant to see or to change", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		key := b.pair.AccessKey
		if list, err := b.List(t.Context(), "meridian", ""); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		_, err := b.Pair(t.Context(), "meridian", "", key)
		for _, err := range []error{err, b.Revoke(t.Context(), "meridian", key), b.Annotate(t.Context(), "meridian", key, "x")} {
			if !errors.Is(err, errNoPair) {
				t.Error(err)
			}
		}
		if _, err := b.Pair(t.Context(), "orion", "01OTHER", key); !errors.Is(err, errNoPair) {
			t.Errorf("another admin's: %v", err)
		}
		if p, err := b.Pair(t.Context(), "orion", "", key); err != nil || p.AccessKey != key {
			t.Errorf("%+v, %v", p, err)
		}
	})
}
