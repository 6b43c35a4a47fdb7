package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

var _ auth.FactorStore = (*Admins)(nil)

var factorsTable = table[stored.Factors]{name: "factors", id: func(d *stored.Factors) string { return d.Account }}

type factorStore struct{ factors records[stored.Factors] }

func newFactorStore(db *DB) *factorStore {
	return &factorStore{records[stored.Factors]{db.control, factorsTable, "second factors"}}
}

// Factors returns the second factors of an admin. It returns an empty value for an admin without
// any.
func (s *factorStore) Factors(ctx context.Context, adminID string) (*auth.AccountFactors, error) {
	d, err := s.factors.one(ctx, "WHERE id = ?", adminID)
	if errors.Is(err, auth.ErrNotFound) {
		return &auth.AccountFactors{}, nil
	}
	if err != nil {
		return nil, err
	}
	return d.Factors(), nil
}

// WithFactors returns which of the admins have a second factor.
func (s *factorStore) WithFactors(ctx context.Context, adminIDs []string) (map[string]bool, error) {
	hasFactors := map[string]bool{}
	err := s.factors.control.read(ctx, func(c *conn) error {
		for _, id := range adminIDs {
			d, err := factorsTable.get(c, id)
			if err != nil && !errors.Is(err, errNone) {
				return err
			}
			if err == nil && d.Factors().Any() {
				hasFactors[id] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find second factors: %w", err)
	}
	return hasFactors, nil
}

// SetTOTP replaces the authenticator app; nil removes it.
func (s *factorStore) SetTOTP(ctx context.Context, adminID string, t *auth.TOTP) error {
	if t == nil {
		return s.factors.changeIfFound(ctx, adminID, func(d *stored.Factors) { d.TOTP = nil })
	}
	return s.changeOrCreate(ctx, adminID, func(d *stored.Factors) { d.TOTP = (*stored.TOTP)(t) })
}

// AddPasskey adds a passkey.
func (s *factorStore) AddPasskey(ctx context.Context, adminID string, p *auth.Passkey) error {
	return s.changeOrCreate(ctx, adminID, func(d *stored.Factors) {
		if d.Passkeys == nil {
			d.Passkeys = map[string]stored.Passkey{}
		}
		d.Passkeys[p.ID] = stored.NewPasskey(p)
	})
}

// RenamePasskey changes the name of a passkey. It returns auth.ErrNotFound if it does not exist.
func (s *factorStore) RenamePasskey(ctx context.Context, adminID, id, name string) error {
	return s.changePasskey(ctx, adminID, id, func(p *stored.Passkey) { p.Name = name })
}

// UsePasskey records a use of a passkey. It does nothing if the passkey does not exist.
func (s *factorStore) UsePasskey(ctx context.Context, adminID string, used *auth.Passkey) error {
	err := s.changePasskey(ctx, adminID, used.ID, func(p *stored.Passkey) {
		p.LastUsed, p.SignCount, p.Flags = used.LastUsed, int64(used.SignCount), int32(used.Flags)
	})
	if errors.Is(err, auth.ErrNotFound) {
		return nil
	}
	return err
}

// changePasskey changes an existing passkey, or returns auth.ErrNotFound.
func (s *factorStore) changePasskey(ctx context.Context, adminID, id string, change func(*stored.Passkey)) error {
	return s.factors.change(ctx, adminID, func(d *stored.Factors) bool {
		p, found := d.Passkeys[id]
		if !found || p.Removed() {
			return false
		}
		change(&p)
		d.Passkeys[id] = p
		return true
	})
}

// RemovePasskey removes a passkey, if it exists.
func (s *factorStore) RemovePasskey(ctx context.Context, adminID, id string) error {
	return s.factors.changeIfFound(ctx, adminID, func(d *stored.Factors) { delete(d.Passkeys, id) })
}

// SetRecoveryCodes replaces the hashes of the unused recovery codes. An empty list removes them.
func (s *factorStore) SetRecoveryCodes(ctx context.Context, adminID string, hashes []string) error {
	if len(hashes) == 0 {
		return s.factors.changeIfFound(ctx, adminID, func(d *stored.Factors) { d.Recovery = nil })
	}
	return s.changeOrCreate(ctx, adminID, func(d *stored.Factors) {
		d.Recovery = make(map[string]bool, len(hashes))
		for _, h := range hashes {
			d.Recovery[h] = true
		}
	})
}

// RemoveRecoveryCode removes the hash of a recovery code, if it exists.
func (s *factorStore) RemoveRecoveryCode(ctx context.Context, adminID, hash string) error {
	return s.factors.changeIfFound(ctx, adminID, func(d *stored.Factors) { delete(d.Recovery, hash) })
}

// changeOrCreate changes an admin's document, and creates it if it is missing.
func (s *factorStore) changeOrCreate(ctx context.Context, adminID string, change func(*stored.Factors)) error {
	err := s.factors.control.write(ctx, func(c *conn) error {
		d, err := factorsTable.get(c, adminID)
		if errors.Is(err, errNone) {
			d, err = &stored.Factors{Account: adminID}, nil
		}
		if err != nil {
			return err
		}
		change(d)
		return factorsTable.put(c, d)
	})
	if err != nil {
		return fmt.Errorf("set second factors: %w", err)
	}
	return nil
}
