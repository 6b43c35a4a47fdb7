package sqlite

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

var _ auth.KeyStore = (*Admins)(nil)

var keyPairsTable = table[stored.KeyPair]{
	name: "key_pairs", id: func(d *stored.KeyPair) string { return d.AccessKey },
	columns: []string{"slot", "tenant", "admin_id"},
	values:  func(d *stored.KeyPair) []any { return []any{orNull(d.Slot), d.Tenant, d.AdminID} },
}

type keyPairStore struct{ pairs records[stored.KeyPair] }

func newKeyPairStore(db *DB) *keyPairStore {
	return &keyPairStore{records[stored.KeyPair]{db.control, keyPairsTable, "a key pair"}}
}

// InsertKeyPair adds a key pair. It returns auth.ErrDuplicate if the access key or the slot is
// taken.
func (s *keyPairStore) InsertKeyPair(ctx context.Context, k *auth.KeyPair) error {
	d := stored.KeyPair(*k)
	return s.pairs.insert(ctx, &d)
}

// KeyPair returns a key pair, revoked or not, or auth.ErrNotFound.
func (s *keyPairStore) KeyPair(ctx context.Context, accessKey string) (*auth.KeyPair, error) {
	d, err := s.pairs.one(ctx, "WHERE id = ?", accessKey)
	if err != nil {
		return nil, err
	}
	k := auth.KeyPair(*d)
	return &k, nil
}

// KeyPairs returns the active key pairs of a tenant, newest first, without their secrets: of one
// admin, or of all if adminID is "". With an adminID, tenant "" stands for all tenants.
func (s *keyPairStore) KeyPairs(ctx context.Context, tenant, adminID string) ([]auth.KeyPair, error) {
	clauses, args := "WHERE tenant = ?", []any{tenant}
	switch {
	case adminID != "" && tenant == "":
		clauses, args = "WHERE admin_id = ?", []any{adminID}
	case adminID != "":
		clauses, args = "WHERE tenant = ? AND admin_id = ?", []any{tenant, adminID}
	}
	docs, err := s.pairs.list(ctx, clauses, args...)
	if err != nil {
		return nil, err
	}
	docs = slices.DeleteFunc(docs, func(d stored.KeyPair) bool { return !d.Revoked.IsZero() })
	slices.SortFunc(docs, func(a, b stored.KeyPair) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(a.AccessKey, b.AccessKey))
	})
	return convertAll(docs, func(d *stored.KeyPair) auth.KeyPair {
		d.SealedSecret = nil
		return auth.KeyPair(*d)
	}), nil
}

// ChangeKeyPair changes an active key pair, or returns auth.ErrNotFound.
func (s *keyPairStore) ChangeKeyPair(ctx context.Context, tenant, accessKey string, c auth.KeyPairChange) error {
	return s.changeActive(ctx, tenant, accessKey, func(d *stored.KeyPair) {
		if c.Note != nil {
			d.Note = *c.Note
		}
		if c.RequestsPerMinute != nil {
			d.RequestsPerMinute = *c.RequestsPerMinute
		}
	})
}

// RevokeKeyPair revokes an active key pair, deletes its secret and frees its slot. It returns
// auth.ErrNotFound if there is no such key pair.
func (s *keyPairStore) RevokeKeyPair(ctx context.Context, tenant, accessKey string, at time.Time) error {
	return s.changeActive(ctx, tenant, accessKey, func(d *stored.KeyPair) { d.Revoked, d.SealedSecret, d.Slot = at, nil, "" })
}

// changeActive changes an active key pair of a tenant, or returns auth.ErrNotFound.
func (s *keyPairStore) changeActive(ctx context.Context, tenant, accessKey string, change func(*stored.KeyPair)) error {
	return s.pairs.change(ctx, accessKey, func(d *stored.KeyPair) bool {
		if d.Tenant != tenant || !d.Revoked.IsZero() {
			return false
		}
		change(d)
		return true
	})
}

// TouchKeyPair records the last use of a key pair. It does nothing if the key pair does not exist.
func (s *keyPairStore) TouchKeyPair(ctx context.Context, accessKey string, at time.Time) error {
	return s.pairs.changeIfFound(ctx, accessKey, func(d *stored.KeyPair) { d.LastUsed = at })
}
