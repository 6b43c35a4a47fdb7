package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

// Admins stores admins and what belongs to them: sessions, invitations, password resets, key
// pairs and second factors. It stores the tenants too. It implements auth.Store, auth.KeyStore and
// auth.FactorStore.
type Admins struct {
	*adminStore
	*sessionStore
	*invitationStore
	*resetStore
	*keyPairStore
	*factorStore
	*challengeStore
	*tenantStore
}

var _ auth.Store = (*Admins)(nil)

// NewAdmins returns the store of admins in the control file of db.
func NewAdmins(db *DB) *Admins {
	return &Admins{
		newAdminStore(db), newSessionStore(db), newInvitationStore(db), newResetStore(db), newKeyPairStore(db), newFactorStore(db),
		newChallengeStore(db), newTenantStore(db),
	}
}

var adminsTable = table[stored.Admin]{
	name: "admins", id: func(d *stored.Admin) string { return d.ID },
	columns: []string{"email"}, values: func(d *stored.Admin) []any { return []any{d.Email} },
}

type adminStore struct{ admins records[stored.Admin] }

func newAdminStore(db *DB) *adminStore {
	return &adminStore{records[stored.Admin]{db.control, adminsTable, "an admin"}}
}

// HasAdmins reports whether at least one admin exists.
func (s *adminStore) HasAdmins(ctx context.Context) (bool, error) {
	var found int64
	err := s.admins.control.read(ctx, func(c *conn) (err error) {
		found, err = c.integer("SELECT EXISTS (SELECT 1 FROM admins)")
		return err
	})
	if err != nil {
		return false, fmt.Errorf("find an admin: %w", err)
	}
	return found == 1, nil
}

// InsertAdmin adds an admin. It returns auth.ErrDuplicate if the id exists.
func (s *adminStore) InsertAdmin(ctx context.Context, a *auth.Admin) error {
	d := stored.Admin(*a)
	return s.admins.insert(ctx, &d)
}

// AdminsByEmail returns the admins with an e-mail address, which must be lower-case, oldest first.
func (s *adminStore) AdminsByEmail(ctx context.Context, email string) ([]auth.Admin, error) {
	docs, err := s.admins.list(ctx, "WHERE email = ?", email)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(docs, func(a, b stored.Admin) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return convertAll(docs, toAdmin), nil
}

// Admin returns an admin by id, or auth.ErrNotFound.
func (s *adminStore) Admin(ctx context.Context, id string) (*auth.Admin, error) {
	d, err := s.admins.one(ctx, "WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	a := toAdmin(d)
	return &a, nil
}

// AdminsIn returns the admins who have a role in a tenant, in no order.
func (s *adminStore) AdminsIn(ctx context.Context, tenant string) ([]auth.Admin, error) {
	docs, err := s.admins.list(ctx, "")
	if err != nil {
		return nil, err
	}
	docs = slices.DeleteFunc(docs, func(d stored.Admin) bool {
		_, has := d.Roles[tenant]
		return !has && d.GlobalRole == ""
	})
	return convertAll(docs, toAdmin), nil
}

// SetRole sets an admin's role in a tenant; role "" removes it. It returns auth.ErrNotFound if the
// admin does not exist.
func (s *adminStore) SetRole(ctx context.Context, adminID, tenant string, role auth.Role) error {
	return s.admins.change(ctx, adminID, func(d *stored.Admin) bool {
		switch {
		case role == "":
			delete(d.Roles, tenant)
		case d.Roles == nil:
			d.Roles = map[string]auth.Role{tenant: role}
		default:
			d.Roles[tenant] = role
		}
		return true
	})
}

// SetPassword replaces the hash of a password. It returns auth.ErrNotFound if the admin's current
// hash is not old.
func (s *adminStore) SetPassword(ctx context.Context, adminID, old, hash string, at time.Time) error {
	return s.admins.change(ctx, adminID, func(d *stored.Admin) bool {
		if d.Password != old {
			return false
		}
		d.Password, d.PasswordChanged = hash, at
		return true
	})
}

// SetName changes the display name. It returns auth.ErrNotFound if the admin does not exist.
func (s *adminStore) SetName(ctx context.Context, adminID, name string) error {
	return s.admins.change(ctx, adminID, func(d *stored.Admin) bool { d.Name = name; return true })
}

func toAdmin(d *stored.Admin) auth.Admin { return auth.Admin(*d) }
