package auth

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
)

// The maximum length of a key pair's note in bytes, and the maximum number of key pairs of an admin
// in a tenant.
const (
	maxNote     = 500
	MaxKeyPairs = 50
)

// Issue creates a key pair for an admin in a tenant. by is the id of the admin who creates it. The
// secret is returned only here. CodeNotFound if the admin has no role in the tenant.
func (k *Keys) Issue(ctx context.Context, tenant, adminID, by, note string) (*KeyPair, string, error) {
	if err := checkNote(note); err != nil {
		return nil, "", err
	}
	if err := k.checkMember(ctx, tenant, adminID); err != nil {
		return nil, "", err
	}
	slots, err := k.freeSlots(ctx, tenant, adminID)
	if err != nil {
		return nil, "", err
	}
	for _, slot := range slots {
		pair := &KeyPair{
			AccessKey: newAccessKey(), Tenant: tenant, AdminID: adminID, Note: note, Created: k.o.Now(), CreatedBy: by, Slot: slot,
		}
		secret := newSecret()
		pair.SealedSecret = k.o.Sealer.Seal(pair.AccessKey, secret)
		switch err := k.o.Keys.InsertKeyPair(ctx, pair); {
		case err == nil:
			return pair, secret, nil
		case !errors.Is(err, ErrDuplicate): // otherwise another request took the slot: try the next one
			return nil, "", fmt.Errorf("store a key pair: %w", err)
		}
	}
	return nil, "", errs.Invalid("user_id", "This admin already has the maximum of %d key pairs. Revoke one first.", MaxKeyPairs)
}

// freeSlots returns the slots of an admin in a tenant that no valid pair holds. The list may be out
// of date: the unique index decides who gets a slot. A pair from before slots existed has none and
// takes one from the end. No new pairs of that kind are created, so the number of pairs never
// exceeds MaxKeyPairs.
func (k *Keys) freeSlots(ctx context.Context, tenant, adminID string) ([]string, error) {
	have, err := k.o.Keys.KeyPairs(ctx, tenant, adminID)
	if err != nil {
		return nil, fmt.Errorf("count key pairs: %w", err)
	}
	limit, taken := MaxKeyPairs, map[string]bool{}
	for i := range have {
		if have[i].Slot == "" {
			limit--
		}
		taken[have[i].Slot] = true
	}
	var free []string
	for n := range limit {
		if slot := fmt.Sprintf("%s:%s:%d", tenant, adminID, n+1); !taken[slot] {
			free = append(free, slot)
		}
	}
	return free, nil
}

// checkMember returns CodeNotFound if an admin has no role in a tenant.
func (k *Keys) checkMember(ctx context.Context, tenant, adminID string) error {
	admin, err := k.o.Store.Admin(ctx, adminID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("find an admin: %w", err)
	}
	if err != nil || !admin.Role(tenant).Valid() {
		return errs.Errorf(errs.CodeNotFound, "There is no admin with this ID in this tenant.")
	}
	return nil
}

// List returns the valid pairs of an admin in a tenant, newest first. An adminID of "" means all
// admins.
func (k *Keys) List(ctx context.Context, tenant, adminID string) ([]KeyPair, error) {
	list, err := k.o.Keys.KeyPairs(ctx, tenant, adminID)
	if err != nil {
		return nil, fmt.Errorf("list key pairs: %w", err)
	}
	return list, nil
}

// Emails returns the e-mail addresses of admins by id. It omits admins who no longer exist.
func (k *Keys) Emails(ctx context.Context, adminIDs []string) (map[string]string, error) {
	emails := map[string]string{}
	for _, id := range adminIDs {
		if _, known := emails[id]; known {
			continue
		}
		admin, err := k.o.Store.Admin(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read an admin: %w", err)
		}
		emails[id] = admin.Email
	}
	return emails, nil
}

var errUnknownKeyPair = errs.Errorf(errs.CodeNotFound, "There is no key pair with this access key.")

// Pair returns a valid pair of an admin in a tenant, or CodeNotFound. An adminID of "" means any
// admin.
func (k *Keys) Pair(ctx context.Context, tenant, adminID, accessKey string) (*KeyPair, error) {
	pair, err := k.o.Keys.KeyPair(ctx, accessKey)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("find a key pair: %w", err)
	}
	if err != nil || pair.Tenant != tenant || adminID != "" && pair.AdminID != adminID || !pair.Revoked.IsZero() {
		return nil, errUnknownKeyPair
	}
	return pair, nil
}

// Change changes the note or the request limit of a pair. CodeNotFound if the tenant has no such
// pair.
func (k *Keys) Change(ctx context.Context, tenant, accessKey string, c KeyPairChange) error {
	if c.Note != nil {
		if err := checkNote(*c.Note); err != nil {
			return err
		}
	}
	if n := c.RequestsPerMinute; n != nil && (*n < 0 || *n > MaxKeyRequests) {
		return errs.Invalid("requests_per_minute", "must be between 1 and %d", MaxKeyRequests)
	}
	return keyPairError(k.o.Keys.ChangeKeyPair(ctx, tenant, accessKey, c))
}

// Revoke revokes a pair: its next request is rejected. CodeNotFound if the tenant has no such pair.
func (k *Keys) Revoke(ctx context.Context, tenant, accessKey string) error {
	return keyPairError(k.o.Keys.RevokeKeyPair(ctx, tenant, accessKey, k.o.Now()))
}

// RevokeAll revokes the pairs of an admin in a tenant and returns their number. A tenant of ""
// means all tenants.
func (k *Keys) RevokeAll(ctx context.Context, tenant, adminID string) (n int, err error) {
	list, err := k.List(ctx, tenant, adminID)
	if err != nil {
		return 0, err
	}
	for i := range list {
		err := k.o.Keys.RevokeKeyPair(ctx, list[i].Tenant, list[i].AccessKey, k.o.Now())
		if err != nil && !errors.Is(err, ErrNotFound) {
			return n, fmt.Errorf("revoke the key pairs of an admin: %w", err)
		}
		n++
	}
	return n, nil
}

func keyPairError(err error) error {
	if errors.Is(err, ErrNotFound) {
		return errUnknownKeyPair
	}
	if err != nil {
		return fmt.Errorf("change a key pair: %w", err)
	}
	return nil
}

func checkNote(note string) error {
	switch {
	case len(note) > maxNote:
		return errs.Invalid("note", "must have at most %d bytes", maxNote)
	case !utf8.ValidString(note):
		return errs.Invalid("note", "is not valid UTF-8")
	}
	return nil
}
