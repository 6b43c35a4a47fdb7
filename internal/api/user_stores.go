package api

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// defaultStore returns the id of the user store of users who are created without one: the one of the
// tenant's settings, else the first one, "" if the tenant has none.
func defaultStore(c *fiber.Ctx, directory Directory, t auth.Tenant) (string, error) {
	stores, err := directory.Stores(c.UserContext(), t.ID)
	if err != nil {
		return "", err
	}
	if hasStore(stores, t.DefaultStore) {
		return t.DefaultStore, nil
	}
	return users.FirstStore(stores), nil
}

// checkStore returns an error for the field unless the tenant has a user store with the id.
func checkStore(c *fiber.Ctx, directory Directory, field, id string) error {
	stores, err := directory.Stores(c.UserContext(), callerOf(c).tenant.ID)
	if err == nil && !hasStore(stores, id) {
		err = errs.Invalid(field, "There is no user store with this ID.")
	}
	return err
}

func hasStore(stores []users.Store, id string) bool {
	return slices.ContainsFunc(stores, func(store users.Store) bool { return store.ID == id })
}
