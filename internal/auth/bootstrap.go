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
	email = NormalizeEmail(email)
	name, domain, ok := strings.Cut(email, "@")
	if !ok || name == "" || domain == "" {
		return false, export.Invalid("email", "The first admin needs an e-mail address.")
	}
	hash, err := HashPassword(password)
	if err != nil {
		return false, err
	}
	err = store.InsertAdmin(ctx, &Admin{
		ID: ulid.Make().String(), Email: email, Name: name, Password: hash, Everywhere: Owner,
		Created: time.Now(),
	})
	if errors.Is(err, ErrDuplicate) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("make the first admin: %w", err)
	}
	return true, nil
}
