package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/stored"
)

var claimTable = table[stored.Claim]{name: "claims", id: func(d *stored.Claim) string { return d.ID }}

// Claim implements jobs.Store.
func (s Jobs) Claim(ctx context.Context, id string, n int64, at time.Time) (won bool, err error) {
	err = s.db.control.write(ctx, func(c *conn) error {
		return claimTable.insert(c, &stored.Claim{ID: stored.ClaimID(id, n), At: at})
	})
	if errors.Is(err, errDuplicate) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("claim an attempt: %w", err)
	}
	return true, nil
}

// Claimed implements jobs.Store.
func (s Jobs) Claimed(ctx context.Context, id string, n int64) (at time.Time, claimed bool, err error) {
	err = s.db.control.read(ctx, func(c *conn) error {
		d, err := claimTable.get(c, stored.ClaimID(id, n))
		if err == nil {
			at = d.At.UTC()
		}
		return err
	})
	if errors.Is(err, errNone) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("read a claim: %w", err)
	}
	return at, true, nil
}

// DeleteClaims implements jobs.Store.
func (s Jobs) DeleteClaims(ctx context.Context, id string) error {
	after, before := stored.ClaimRange(id)
	err := s.db.control.write(ctx, func(c *conn) error {
		_, err := claimTable.remove(c, "WHERE id > ? AND id < ?", after, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete claims: %w", err)
	}
	return nil
}
