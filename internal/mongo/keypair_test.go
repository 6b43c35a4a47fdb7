package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/stored"
)

func TestKeyPairs(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	store := NewAdmins(db)
	now := time.Date(2026, 11, 26, 8, 31, 28, 123e6, time.UTC)
	insert := func(key, tenant, admin string, created time.Time) {
		t.Helper()
		err := store.InsertKeyPair(ctx, &auth.KeyPair{
			AccessKey: key, Tenant: tenant, AdminID: admin, Note: "of " + admin, SealedSecret: []byte{1, 2}, Created: created, CreatedBy: "01B",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	keys := func(tenant, admin string) (got string) {
		t.Helper()
		list, err := store.KeyPairs(ctx, tenant, admin)
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
	if err := store.InsertKeyPair(ctx, &auth.KeyPair{AccessKey: "A", Tenant: "weekly"}); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("the same access key again: %v", err)
	}
	if got := keys("daily", ""); got != "DBA" {
		t.Errorf("the tenant's: %s", got)
	}
	if got := keys("daily", "01A"); got != "DA" {
		t.Errorf("the admin's: %s", got)
	}

	for name, err := range map[string]error{
		"annotate another tenant's": store.AnnotateKeyPair(ctx, "weekly", "A", "x"),
		"revoke another tenant's":   store.RevokeKeyPair(ctx, "weekly", "A", now),
		"annotate none":             store.AnnotateKeyPair(ctx, "daily", "Z", "x"),
	} {
		if !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := store.KeyPair(ctx, "Z"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a pair that does not exist: %v", err)
	}

	used := now.Add(3 * time.Hour)
	if err := errors.Join(store.AnnotateKeyPair(ctx, "daily", "A", "nightly"), store.TouchKeyPair(ctx, "A", used), store.TouchKeyPair(ctx, "Z", used)); err != nil {
		t.Fatal(err)
	}
	k, err := store.KeyPair(ctx, "A")
	if err != nil || k.Note != "nightly" || !k.LastUsed.Equal(used) || string(k.SealedSecret) != "\x01\x02" || !k.Revoked.IsZero() || !k.Created.Equal(now) {
		t.Errorf("%+v, %v", k, err)
	}

	if err := store.RevokeKeyPair(ctx, "daily", "A", used); err != nil {
		t.Fatal(err)
	}
	k, err = store.KeyPair(ctx, "A")
	if err != nil || !k.Revoked.Equal(used) || k.SealedSecret != nil || k.AdminID != "01A" {
		t.Errorf("%+v, %v", k, err)
	}
	if err := store.RevokeKeyPair(ctx, "daily", "A", used); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("revoked again: %v", err)
	}
	if got := keys("daily", ""); got != "DB" {
		t.Errorf("without what was revoked: %s", got)
	}
}

// barrierKeyStore is a KeyStore that returns lists only after all concurrent callers have read
// theirs.
type barrierKeyStore struct {
	*Admins
	read *sync.WaitGroup
}

func (s barrierKeyStore) KeyPairs(ctx context.Context, tenant, adminID string) ([]auth.KeyPair, error) {
	list, err := s.Admins.KeyPairs(ctx, tenant, adminID)
	s.read.Done()
	s.read.Wait()
	return list, err
}

func TestLastKeyPairIsIssuedOnce(t *testing.T) {
	t.Parallel()
	store, ctx := newTestAdmins(t)
	if err := store.InsertAdmin(ctx, &auth.Admin{ID: "01A", Email: "amelia@example.com", Roles: map[string]auth.Role{"daily": auth.Exporter}}); err != nil {
		t.Fatal(err)
	}
	var old []stored.KeyPair // created before slots existed
	for i := range auth.MaxKeyPairs - 1 {
		old = append(old, stored.KeyPair{AccessKey: fmt.Sprint("old", i), Tenant: "daily", AdminID: "01A"})
	}
	if _, err := store.keyPairStore.writes.Collection(keyPairsCollection).InsertMany(ctx, old); err != nil {
		t.Fatal(err)
	}
	sealer, err := auth.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	const rivals = 20
	read := &sync.WaitGroup{}
	keys := auth.NewKeys(auth.KeysOptions{Store: store, Keys: barrierKeyStore{store, read}, Sealer: sealer})
	for _, want := range []int64{1, 0} {
		read.Add(rivals)
		var issued atomic.Int64
		var all errgroup.Group
		for range rivals {
			all.Go(func() error {
				_, _, err := keys.Issue(ctx, "daily", "01A", "01A", "")
				if err == nil {
					issued.Add(1)
				} else if errs.CodeOf(err) != errs.CodeInvalidRequest {
					return err
				}
				return nil
			})
		}
		if err := all.Wait(); err != nil || issued.Load() != want {
			t.Errorf("%d of %d got a pair, want %d: %v", issued.Load(), rivals, want, err)
		}
	}
}
