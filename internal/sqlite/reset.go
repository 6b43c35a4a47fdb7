package sqlite

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

var resetsTable = table[stored.Reset]{
	name: "password_resets", id: func(d *stored.Reset) string { return d.ID },
	columns: []string{"admin_id", "expires"}, values: func(d *stored.Reset) []any { return []any{d.AdminID, d.Expires} },
}

type resetStore struct{ resets records[stored.Reset] }

func newResetStore(db *DB) *resetStore {
	return &resetStore{records[stored.Reset]{db.control, resetsTable, "a password reset"}}
}

// InsertReset adds a password reset.
func (s *resetStore) InsertReset(ctx context.Context, r *auth.Reset) error {
	d := stored.Reset(*r)
	return s.resets.insert(ctx, &d)
}

// Reset returns a password reset by the hash of its token, expired or not, or auth.ErrNotFound.
func (s *resetStore) Reset(ctx context.Context, hash string) (*auth.Reset, error) {
	d, err := s.resets.one(ctx, "WHERE id = ?", hash)
	if err != nil {
		return nil, err
	}
	r := auth.Reset(*d)
	return &r, nil
}

// DeleteResets removes the password resets of an admin, and all resets that have expired by now.
func (s *resetStore) DeleteResets(ctx context.Context, adminID string, now time.Time) error {
	_, err := s.resets.remove(ctx, "WHERE admin_id = ? OR expires <= ?", adminID, now)
	return err
}
