package auth

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

func TestVerify(t *testing.T) {
	t.Parallel()

	t.Run("returns the signer with the role in the pair's tenant", func(t *testing.T) {
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

	t.Run("refuses a changed request", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		good := b.sign(signed, "1")
		hash := "the hash does not match this request"
		for name, change := range map[string]func(*Target){
			"method": func(t *Target) { t.Method = "HEAD" }, "path": func(t *Target) { t.Path = "/v3/users/" },
			"query": func(t *Target) { t.Query = "rpp=2" }, "body": func(t *Target) { t.Body = []byte("{} ") },
			"no body": func(t *Target) { t.Body = nil },
		} {
			t.Run(name, func(t *testing.T) {
				changed := signed
				change(&changed)
				b.wantRefused(t, good, changed, hash)
			})
		}
		parts := strings.Split(good, ":")
		swap := func(i int, part string) string {
			p := slices.Clone(parts)
			p[i] = part
			return strings.Join(p, ":")
		}
		b.wantRefused(t, swap(1, parts[1][:12]+"9"), signed, hash)
		b.wantRefused(t, swap(2, "2"), signed, hash)
		b.wantRefused(t, swap(3, strings.Repeat("0", 64)), signed, hash)
		b.wantRefused(t, swap(3, parts[3][1:]), signed, "64 hexadecimal digits")
		b.wantRefused(t, swap(0, string(ZephrHMAC)+" ANOTHER"), signed, "there is no such key pair")
		// None of these requests used the nonce.
		if _, err := b.Verify(t.Context(), good, signed); err != nil {
			t.Error(err)
		}
	})

	t.Run("accepts a nonce once", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.clock.advance(-MaxSkew) // the client is ahead
		header := b.sign(signed, "1")
		b.clock.advance(MaxSkew)
		if _, err := b.Verify(t.Context(), header, signed); err != nil {
			t.Fatal(err)
		}
		if keep := b.ring.spent[b.pair.AccessKey+":1"]; keep < 0 {
			t.Errorf("stored for %s", keep)
		}
		b.wantRefused(t, header, signed, "the nonce was used before")
	})

	t.Run("stores a nonce as long as the request could be replayed", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.clock.advance(MaxSkew)
		header := b.sign(signed, "1")
		b.clock.advance(-MaxSkew)
		if _, err := b.Verify(t.Context(), header, signed); err != nil {
			t.Fatal(err)
		}
		if keep := b.ring.spent[b.pair.AccessKey+":1"]; keep <= 2*MaxSkew {
			t.Errorf("stored for only %s", keep)
		}
	})

	t.Run("accepts a clock difference of up to five minutes", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		header := b.sign(signed, "1")
		b.clock.advance(MaxSkew + time.Millisecond)
		b.wantRefused(t, header, signed, "five minutes old")
		b.clock.advance(-2*MaxSkew - 2*time.Millisecond)
		b.wantRefused(t, header, signed, "five minutes in the future")
		b.clock.advance(time.Millisecond)
		if _, err := b.Verify(t.Context(), header, signed); err != nil {
			t.Error(err)
		}
	})

	t.Run("refuses a revoked pair, and deletes its secret", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		if err := b.Revoke(t.Context(), "orion", b.pair.AccessKey); err != nil {
			t.Fatal(err)
		}
		b.wantRefused(t, b.sign(signed, "1"), signed, "the key pair was revoked")
		if p := b.ring.pairs[b.pair.AccessKey]; p.SealedSecret != nil {
			t.Error("the secret still exists")
		}
		for _, err := range []error{
			b.Revoke(t.Context(), "orion", b.pair.AccessKey), b.Change(t.Context(), "orion", b.pair.AccessKey, KeyPairChange{Note: new("x")}),
		} {
			if !errors.Is(err, errUnknownKeyPair) {
				t.Errorf("a revoked pair can still be changed: %v", err)
			}
		}
	})

	t.Run("uses the current role of the admin", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.store.admins[b.admin.ID].Roles["orion"] = Owner
		if s, err := b.Verify(t.Context(), b.sign(signed, "1"), signed); err != nil || s.Role != Owner {
			t.Errorf("%+v, %v", s, err)
		}
		a := b.store.admins[b.admin.ID]
		a.Roles, a.GlobalRole = nil, ""
		b.store.admins[b.admin.ID] = a
		b.wantRefused(t, b.sign(signed, "2"), signed, "no longer has a role in its tenant")
		delete(b.store.admins, b.admin.ID)
		b.wantRefused(t, b.sign(signed, "3"), signed, "the admin of the key pair no longer exists")
	})

	t.Run("accepts legacy signatures only if the tenant allows them", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		legacy := func(nonce string) string {
			bare := signed
			bare.Query = ""
			return strings.Replace(b.sign(bare, nonce), "ZEPHR", "BLAIZE", 1)
		}
		b.wantRefused(t, legacy("1"), signed, "does not allow legacy signatures")
		b.store.tenants[1].LegacySignatures = true
		if _, err := b.Verify(t.Context(), legacy("1"), signed); err != nil {
			t.Error(err)
		}
		b.wantRefused(t, strings.Replace(legacy("2"), "BLAIZE", "ZEPHR", 1), signed, "the hash does not match")
	})

	t.Run("limits requests and returns when to retry", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t, func(o *KeysOptions) { o.Limit = Limit{Events: 1, Window: time.Minute} })
		if _, err := b.Verify(t.Context(), b.sign(signed, "1"), signed); err != nil {
			t.Fatal(err)
		}
		s, err := b.Verify(t.Context(), b.sign(signed, "2"), signed)
		if len(*b.waits) != 0 {
			t.Errorf("waited %v", *b.waits)
		}
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Code != errs.CodeRateLimited || e.Details["retryAfterSeconds"] != 60 || s == nil || s.Quota.Left != 0 {
			t.Errorf("%+v, %v", s, err)
		}
		// A refused signature does not count towards the limit.
		b.wantRefused(t, "ZEPHR-HMAC-SHA256 "+b.pair.AccessKey+":1764171266123:n:"+strings.Repeat("0", 64), signed, "the hash does not match")
		if n := b.throttle.failures["key:"+b.pair.AccessKey]; n != 2 {
			t.Errorf("%d requests were counted", n)
		}
	})

	t.Run("limits a pair locally while the shared throttle fails", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t, func(o *KeysOptions) { o.Wait = func(context.Context, time.Duration) error { return nil } })
		b.throttle.down = true
		last := error(nil)
		for n := range DefaultKeyLimit.Events + 1 {
			if last != nil {
				t.Fatalf("request %d: %v", n, last)
			}
			_, last = b.Verify(t.Context(), b.sign(signed, strconv.Itoa(n)), signed)
		}
		if errs.CodeOf(last) != errs.CodeRateLimited {
			t.Errorf("one more than the limit: %v", last)
		}
	})

	t.Run("refuses requests while nonces cannot be stored", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.ring.down = true
		if s, err := b.Verify(t.Context(), b.sign(signed, "1"), signed); errs.CodeOf(err) != errs.CodeUnavailable || s != nil {
			t.Errorf("%+v, %v", s, err)
		}
	})

	t.Run("updates the last use at most once a minute", func(t *testing.T) {
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
