package auth

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/export"
)

// The longest note of a key pair, in bytes, and how many pairs an admin may have in a tenant.
const (
	maxNote     = 500
	MaxKeyPairs = 50
)

// Issue makes a key pair for an admin in a tenant, on behalf of another or the same. The secret is returned here and
// never again. CodeNotFound where the admin has no role in the tenant.
func (k *Keys) Issue(ctx context.Context, tenant, adminID, by, note string) (*KeyPair, string, error) {
	if err := checkNote(note); err != nil {
		return nil, "", err
	}
	if err := k.member(ctx, tenant, adminID); err != nil {
		return nil, "", err
	}
	have, err := k.o.Keys.KeyPairs(ctx, tenant, adminID)
	if err != nil {
		return nil, "", fmt.Errorf("count key pairs: %w", err)
	}
	if len(have) >= MaxKeyPairs {
		return nil, "", export.Invalid("user_id", "This admin has %d key pairs, which is the most there may be. Revoke one first.", len(have))
	}
	pair := &KeyPair{
		AccessKey: newAccessKey(), Tenant: tenant, AdminID: adminID, Note: note, Created: k.o.Now(), CreatedBy: by,
	}
	secret := newSecret()
	pair.Sealed = k.o.Sealer.Seal(pair.AccessKey, secret)
	if err := k.o.Keys.InsertKeyPair(ctx, pair); err != nil {
		return nil, "", fmt.Errorf("keep a key pair: %w", err)
	}
	return pair, secret, nil
}

// member fails with CodeNotFound where an admin has no role in a tenant.
func (k *Keys) member(ctx context.Context, tenant, adminID string) error {
	admin, err := k.o.Store.Admin(ctx, adminID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("find an admin: %w", err)
	}
	if err != nil || !admin.Role(tenant).Valid() {
		return export.Errorf(export.CodeNotFound, "There is no admin with this id in this tenant.")
	}
	return nil
}

// List returns the good pairs of an admin in a tenant, newest first; of every admin where adminID is "".
func (k *Keys) List(ctx context.Context, tenant, adminID string) ([]KeyPair, error) {
	list, err := k.o.Keys.KeyPairs(ctx, tenant, adminID)
	if err != nil {
		return nil, fmt.Errorf("list key pairs: %w", err)
	}
	return list, nil
}

// Emails returns the e-mail addresses of admins by id; those who are gone are left out.
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

var errNoPair = export.Errorf(export.CodeNotFound, "There is no key pair with this access key.")

// Pair returns a good pair of an admin in a tenant, or CodeNotFound; of any admin where adminID is "".
func (k *Keys) Pair(ctx context.Context, tenant, adminID, accessKey string) (*KeyPair, error) {
	pair, err := k.o.Keys.KeyPair(ctx, accessKey)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("find a key pair: %w", err)
	}
	if err != nil || pair.Tenant != tenant || adminID != "" && pair.AdminID != adminID || !pair.Revoked.IsZero() {
		return nil, errNoPair
	}
	return pair, nil
}

// Annotate changes a pair's note. CodeNotFound where the tenant has no such pair.
func (k *Keys) Annotate(ctx context.Context, tenant, accessKey, note string) error {
	if err := checkNote(note); err != nil {
		return err
	}
	return found(k.o.Keys.AnnotateKeyPair(ctx, tenant, accessKey, note))
}

// Revoke ends a pair for good: its next request is refused. CodeNotFound where the tenant has no such pair.
func (k *Keys) Revoke(ctx context.Context, tenant, accessKey string) error {
	return found(k.o.Keys.RevokeKeyPair(ctx, tenant, accessKey, k.o.Now()))
}

func found(err error) error {
	if errors.Is(err, ErrNotFound) {
		return errNoPair
	}
	if err != nil {
		return fmt.Errorf("change a key pair: %w", err)
	}
	return nil
}

func checkNote(note string) error {
	switch {
	case len(note) > maxNote:
		return export.Invalid("note", "must have at most %d bytes", maxNote)
	case !utf8.ValidString(note):
		return export.Invalid("note", "is not valid UTF-8")
	}
	return nil
}
