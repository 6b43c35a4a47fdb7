package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// issueConcurrently runs a number of concurrent Issue calls that all read the list of pairs before
// the first insert. It returns the number of successful calls.
func issueConcurrently(t *testing.T, b keysFixture, rivals int) int64 {
	t.Helper()
	var read, all sync.WaitGroup
	read.Add(rivals)
	b.ring.listed = func() {
		read.Done()
		read.Wait()
	}
	defer func() { b.ring.listed = nil }()
	var issued atomic.Int64
	for range rivals {
		all.Go(func() {
			switch _, _, err := b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, ""); {
			case err == nil:
				issued.Add(1)
			case errs.CodeOf(err) != errs.CodeInvalidRequest:
				t.Error(err)
			}
		})
	}
	all.Wait()
	return issued.Load()
}

// The list that Issue reads may be out of date when it inserts the pair.
func TestIssueConcurrently(t *testing.T) {
	t.Parallel()
	const rivals = 20
	for name, c := range map[string]struct{ slotted, old, want int }{
		"one slot is free": {MaxKeyPairs - 2, 0, 1}, // setupKeys made one
		"one slot is free, with pairs without a slot": {0, MaxKeyPairs - 2, 1},
		"one slot is free, with pairs of both kinds":  {20, MaxKeyPairs - 22, 1},
		"no slot is free":                      {MaxKeyPairs - 1, 0, 0},
		"a slot is free for each call":         {0, 0, rivals},
		"a slot is free for half of the calls": {MaxKeyPairs - 11, 0, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupKeys(t)
			for range c.slotted {
				if _, _, err := b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, ""); err != nil {
					t.Fatal(err)
				}
			}
			for i := range c.old {
				b.ring.pairs[fmt.Sprint("old", i)] = KeyPair{AccessKey: fmt.Sprint("old", i), Tenant: "orion", AdminID: b.admin.ID}
			}
			if n := issueConcurrently(t, b, rivals); n != int64(c.want) {
				t.Errorf("%d of %d got a pair, want %d", n, rivals, c.want)
			}
			if list, _ := b.ring.KeyPairs(t.Context(), "orion", b.admin.ID); len(list) > MaxKeyPairs {
				t.Errorf("%d pairs", len(list))
			}
		})
	}
}

// A revoked pair frees one slot, whichever it had.
func TestIssueAfterRevoking(t *testing.T) {
	t.Parallel()
	b := setupKeys(t)
	var last *KeyPair
	for range MaxKeyPairs - 1 {
		var err error
		if last, _, err = b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	issue := func(ctx context.Context) error {
		_, _, err := b.Issue(ctx, "orion", b.admin.ID, b.admin.ID, "")
		return err
	}
	for _, key := range []string{b.pair.AccessKey, last.AccessKey} {
		if err := issue(t.Context()); errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("one pair too many: %v", err)
		}
		if err := b.Revoke(t.Context(), "orion", key); err != nil {
			t.Fatal(err)
		}
		if err := issue(t.Context()); err != nil {
			t.Errorf("after one was revoked: %v", err)
		}
	}
}

func TestIssue(t *testing.T) {
	t.Parallel()

	t.Run("stores the secret encrypted", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		kept := b.ring.pairs[b.pair.AccessKey]
		if len(b.secret) < 43 || bytes.Contains(kept.SealedSecret, []byte(b.secret)) || kept.Note != "nightly" || kept.CreatedBy != b.admin.ID {
			t.Errorf("%+v", kept)
		}
	})

	t.Run("requires an admin of the tenant", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		for tenant, admin := range map[string]string{"orion": "01NOBODY", "lunar": "01NOBODY"} {
			if _, _, err := b.Issue(t.Context(), tenant, admin, b.admin.ID, ""); errs.CodeOf(err) != errs.CodeNotFound {
				t.Errorf("for %s in %s: %v", admin, tenant, err)
			}
		}
	})

	t.Run("refuses a long note and too many pairs", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		for name, note := range map[string]string{"long": strings.Repeat("x", maxNote+1), "not UTF-8": "\xff"} {
			if _, _, err := b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, note); errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range MaxKeyPairs - 1 {
			if _, _, err := b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := b.Issue(t.Context(), "orion", b.admin.ID, b.admin.ID, ""); errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("one too many: %v", err)
		}
	})

	t.Run("hides pairs from other tenants", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		key := b.pair.AccessKey
		if list, err := b.List(t.Context(), "meridian", ""); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		_, err := b.Pair(t.Context(), "meridian", "", key)
		for _, err := range []error{err, b.Revoke(t.Context(), "meridian", key), b.Change(t.Context(), "meridian", key, KeyPairChange{Note: new("x")})} {
			if !errors.Is(err, errUnknownKeyPair) {
				t.Error(err)
			}
		}
		if _, err := b.Pair(t.Context(), "orion", "01OTHER", key); !errors.Is(err, errUnknownKeyPair) {
			t.Errorf("another admin's: %v", err)
		}
		if p, err := b.Pair(t.Context(), "orion", "", key); err != nil || p.AccessKey != key {
			t.Errorf("%+v, %v", p, err)
		}
	})
}
