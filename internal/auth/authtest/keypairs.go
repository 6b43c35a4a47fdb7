package authtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

func changesKeyPairs(t *testing.T, ctx context.Context, s Store) {
	now := epoch
	insert := func(key, tenant, admin string, created time.Time) {
		t.Helper()
		must(t, s.InsertKeyPair(ctx, &auth.KeyPair{
			AccessKey: key, Tenant: tenant, AdminID: admin, Note: "of " + admin, SealedSecret: []byte{1, 2}, Created: created, CreatedBy: "01B",
		}))
	}
	keys := func(tenant, admin string) (got string) {
		t.Helper()
		list, err := s.KeyPairs(ctx, tenant, admin)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range list {
			got += k.AccessKey
			if k.SealedSecret != nil {
				t.Errorf("%s is listed with its secret", k.AccessKey)
			}
		}
		return got
	}
	insert("A", "daily", "01A", now)
	insert("B", "daily", "01B", now.Add(time.Hour))
	insert("C", "weekly", "01A", now)
	insert("D", "daily", "01A", now.Add(2*time.Hour))
	if err := s.InsertKeyPair(ctx, &auth.KeyPair{AccessKey: "A", Tenant: "weekly"}); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("the same access key again: %v", err)
	}
	if got := keys("daily", ""); got != "DBA" {
		t.Errorf("the tenant's: %s", got)
	}
	if got := keys("daily", "01A"); got != "DA" {
		t.Errorf("the admin's: %s", got)
	}
	if got := keys("", "01A"); got != "DAC" {
		t.Errorf("the admin's in all tenants: %s", got)
	}
	if got := keys("", ""); got != "" {
		t.Errorf("of no tenant and no admin: %s", got)
	}

	for name, err := range map[string]error{
		"change another tenant's": s.ChangeKeyPair(ctx, "weekly", "A", auth.KeyPairChange{Note: new("x")}),
		"revoke another tenant's": s.RevokeKeyPair(ctx, "weekly", "A", now),
		"change none":             s.ChangeKeyPair(ctx, "daily", "Z", auth.KeyPairChange{Note: new("x")}),
	} {
		if !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.KeyPair(ctx, "Z"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a pair that does not exist: %v", err)
	}

	used := now.Add(3 * time.Hour)
	must(t, s.ChangeKeyPair(ctx, "daily", "A", auth.KeyPairChange{Note: new("nightly")}), s.TouchKeyPair(ctx, "A", used), s.TouchKeyPair(ctx, "Z", used))
	must(t, s.ChangeKeyPair(ctx, "daily", "A", auth.KeyPairChange{RequestsPerMinute: new(60)}), s.ChangeKeyPair(ctx, "daily", "A", auth.KeyPairChange{}))
	k, err := s.KeyPair(ctx, "A")
	if err != nil || k.Note != "nightly" || k.RequestsPerMinute != 60 || !k.LastUsed.Equal(used) || string(k.SealedSecret) != "\x01\x02" || !k.Revoked.IsZero() || !k.Created.Equal(now) {
		t.Errorf("%+v, %v", k, err)
	}

	must(t, s.RevokeKeyPair(ctx, "daily", "A", used))
	k, err = s.KeyPair(ctx, "A")
	if err != nil || !k.Revoked.Equal(used) || k.SealedSecret != nil || k.AdminID != "01A" {
		t.Errorf("%+v, %v", k, err)
	}
	if err := s.RevokeKeyPair(ctx, "daily", "A", used); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("revoked again: %v", err)
	}
	if got := keys("daily", ""); got != "DB" {
		t.Errorf("without what was revoked: %s", got)
	}
	if got := keys("", "01A"); got != "DC" {
		t.Errorf("the admin's in all tenants, without what was revoked: %s", got)
	}
}

func freesSlots(t *testing.T, ctx context.Context, s Store) {
	pair := func(key string) *auth.KeyPair {
		return &auth.KeyPair{AccessKey: key, Tenant: "daily", AdminID: "01A", Slot: "daily:01A:1"}
	}
	must(t, s.InsertKeyPair(ctx, pair("A")))
	if err := s.InsertKeyPair(ctx, pair("B")); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("a slot that is taken: %v", err)
	}
	must(t, s.TouchKeyPair(ctx, "A", epoch), s.RevokeKeyPair(ctx, "daily", "A", epoch), s.InsertKeyPair(ctx, pair("B")))
	if k, err := s.KeyPair(ctx, "A"); err != nil || k.Slot != "" {
		t.Errorf("the revoked pair: %+v, %v", k, err)
	}
	must(t, s.TouchKeyPair(ctx, "A", epoch)) // a revoked pair takes no slot
	if err := s.InsertKeyPair(ctx, pair("C")); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("a slot that is taken again: %v", err)
	}
}

// barrierKeyStore is a KeyStore that returns lists only after all concurrent callers have read
// theirs.
type barrierKeyStore struct {
	auth.KeyStore
	read *sync.WaitGroup
}

func (s barrierKeyStore) KeyPairs(ctx context.Context, tenant, adminID string) ([]auth.KeyPair, error) {
	list, err := s.KeyStore.KeyPairs(ctx, tenant, adminID)
	s.read.Done()
	s.read.Wait()
	return list, err
}

func issuesLastKeyPairOnce(t *testing.T, ctx context.Context, s Store) {
	must(t, s.InsertAdmin(ctx, &auth.Admin{ID: "01A", Email: "amelia@example.com", Roles: map[string]auth.Role{"daily": auth.Exporter}}))
	for i := range auth.MaxKeyPairs - 1 { // created before slots existed
		must(t, s.InsertKeyPair(ctx, &auth.KeyPair{AccessKey: fmt.Sprint("old", i), Tenant: "daily", AdminID: "01A"}))
	}
	sealer, err := auth.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	read := &sync.WaitGroup{}
	keys := auth.NewKeys(auth.KeysOptions{Store: s, Keys: barrierKeyStore{s, read}, Sealer: sealer})
	for _, want := range []int64{1, 0} {
		read.Add(racers)
		var issued atomic.Int64
		race(t, func(int) error {
			_, _, err := keys.Issue(ctx, "daily", "01A", "01A", "")
			if err == nil {
				issued.Add(1)
			} else if errs.CodeOf(err) != errs.CodeInvalidRequest {
				return err
			}
			return nil
		})
		if issued.Load() != want {
			t.Errorf("%d of %d got a pair, want %d", issued.Load(), racers, want)
		}
	}
}
