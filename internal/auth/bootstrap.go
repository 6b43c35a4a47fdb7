package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/export"
)

// EnsureFirstAdmin makes an admin who owns every tenant there is and will be, where there is no admin at all. It reports
// whether it made one: of several servers that start together one does.
func EnsureFirstAdmin(ctx context.Context, store Store, email, password string) (made bool, err error) {
	has, err := store.HasAdmins(ctx)
	if err != nil {
		return false, fmt.Errorf("look for an admin: %w", err)
	}
	if has {
		return false, nil
	}
	err = AddAdmin(ctx, store, email, password, Admin{Everywhere: Owner})
	if errors.Is(err, ErrDuplicate) {
		return false, nil
	}
	return err == nil, err
}

// AddAdmin makes an admin with the roles of like. ErrDuplicate where the e-mail address is taken.
func AddAdmin(ctx context.Context, store Store, email, password string, like Admin) error {
	email = NormalizeEmail(email)
	name, domain, ok := strings.Cut(email, "@")
	if !ok || name == "" || domain == "" {
		return export.Invalid("email", "An admin needs an e-mail address.")
	}
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	like.ID, like.Email, like.Name, like.Password, like.Created = ulid.Make().String(), email, name, hash, time.Now()
	if err := store.InsertAdmin(ctx, &like); err != nil {
		return fmt.Errorf("make an admin: %w", err)
	}
	return nil
}
