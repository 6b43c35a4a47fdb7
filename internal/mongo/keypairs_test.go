package mongo

import (
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func TestKeyPairs(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	store := NewAccounts(db)
	now := time.Date(2026, 11, 26, 8, 31, 28, 123e6, time.UTC)
	insert := func(key, tenant, admin string, created time.Time) {
		t.Helper()
		err := store.InsertKeyPair(ctx, &auth.KeyPair{
			AccessKey: key, Tenant: tenant, AdminID: admin, Note: "of " + admin, Sealed: []byte{1, 2}, Created: created, CreatedBy: "01B",
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
			if k.Sealed != nil {
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
		t.Errorf("a pair that is not there: %v", err)
	}

	used := now.Add(3 * time.Hour)
	if err := errors.Join(store.AnnotateKeyPair(ctx, "daily", "A", "nightly"), store.TouchKeyPair(ctx, "A", used), store.TouchKeyPair(ctx, "Z", used)); err != nil {
		t.Fatal(err)
	}
	k, err := store.KeyPair(ctx, "A")
	if err != nil || k.Note != "nightly" || !k.LastUsed.Equal(used) || string(k.Sealed) != "\x01\x02" || !k.Revoked.IsZero() || !k.Created.Equal(now) {
		t.Errorf("%+v, %v", k, err)
	}

	if err := store.RevokeKeyPair(ctx, "daily", "A", used); err != nil {
		t.Fatal(err)
	}
	k, err = store.KeyPair(ctx, "A")
	if err != nil || !k.Revoked.Equal(used) || k.Sealed != nil || k.AdminID != "01A" {
		t.Errorf("%+v, %v", k, err)
	}
	if err := store.RevokeKeyPair(ctx, "daily", "A", used); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("revoked again: %v", err)
	}
	if got := keys("daily", ""); got != "DB" {
		t.Errorf("without what was revoked: %s", got)
	}
}
