package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// FirstAdminID is the id of the first admin. It is fixed, so that only one of several servers that
// start at the same time inserts the admin.
const FirstAdminID = "00000000000000000000000001"

// EnsureFirstAdmin creates an owner of all present and future tenants if there is no admin. It
// reports whether it did; of several servers that start at the same time, one reports true.
func EnsureFirstAdmin(ctx context.Context, store Store, email, password string) (made bool, err error) {
	has, err := store.HasAdmins(ctx)
	if err != nil {
		return false, fmt.Errorf("look for an admin: %w", err)
	}
	if has {
		return false, nil
	}
	err = AddAdmin(ctx, store, email, password, Admin{ID: FirstAdminID, GlobalRole: Owner})
	if errors.Is(err, ErrDuplicate) {
		return false, nil
	}
	return err == nil, err
}

// AddAdmin creates an account with the roles of like, and with its id unless that is "". The error
// is ErrDuplicate if the id exists, and that of CheckPassword for the field "password" if the
// password is too weak.
func AddAdmin(ctx context.Context, store Store, email, password string, like Admin) error {
	email, err := ParseEmail("email", email)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(email, "@")
	if err := CheckPassword("password", password, email); err != nil {
		return err
	}
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	like.ID = cmp.Or(like.ID, ulid.Make().String())
	like.Email, like.Name, like.Password, like.Created = email, name, hash, time.Now()
	if err := store.InsertAdmin(ctx, &like); err != nil {
		return fmt.Errorf("create an admin: %w", err)
	}
	return nil
}

// HasPassword reports whether an account with this e-mail address has this password.
func HasPassword(ctx context.Context, store Store, email, password string) (bool, error) {
	accounts, err := store.AdminsByEmail(ctx, NormalizeEmail(email))
	if err != nil {
		return false, fmt.Errorf("find accounts: %w", err)
	}
	p := passwords{}
	admin, err := p.match(accounts, password)
	return admin != nil, err
}
