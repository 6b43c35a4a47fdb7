package sqlite

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

var registryTable = table[stored.RegistryEntry]{name: "registry", id: func(e *stored.RegistryEntry) string { return e.ID }}

// AddRegistry adds the entries that are missing. Call it before writing the users that need them.
func (w *UserWriter) AddRegistry(ctx context.Context, tenant string, r users.Registry) error {
	err := w.db.writeTenant(ctx, tenant, func(c *conn) error { return addRegistry(c, r) })
	if err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

func addRegistry(c *conn, r users.Registry) error {
	for _, e := range stored.RegistryEntries(r) {
		if err := registryTable.insert(c, &e); err != nil && !errors.Is(err, errDuplicate) {
			return err
		}
	}
	return nil
}

// Scan rebuilds the registry and the folded text from the tenant's users. It is for users that
// another program wrote, and for use after users were deleted. It calls progress, unless that is
// nil, with the number of users scanned. Users may be written meanwhile: Scan removes an entry only
// if no user has it. It writes some users per transaction, so that other writes need not wait for
// the whole scan.
func (w *UserWriter) Scan(ctx context.Context, tenant string, progress func(scanned int64)) (result users.ScanResult, err error) {
	old, err := readTable(ctx, w.db, tenant, registryTable)
	if err != nil {
		return result, err
	}
	found, folded, err := w.scanUsers(ctx, tenant, progress)
	if err != nil {
		return result, fmt.Errorf("scan users: %w", err)
	}
	err = w.db.writeTenant(ctx, tenant, func(c *conn) error {
		if err := addRegistry(c, found.Registry()); err != nil {
			return err
		}
		return dropEntries(c, old, found)
	})
	if err != nil {
		return result, fmt.Errorf("write registry: %w", err)
	}
	accounts, err := w.foldAccounts(ctx, tenant)
	if err != nil {
		return result, err
	}
	result.Folded = folded + accounts
	if err := w.markFolded(ctx, tenant); err != nil {
		return result, err
	}
	result.Registry, err = NewDirectory(w.db).Registry(ctx, tenant)
	return result, err
}

// scanUsers returns the registry entries of the tenant's users, and the number of users whose
// folded text it corrected.
func (w *UserWriter) scanUsers(ctx context.Context, tenant string, progress func(int64)) (found stored.RegistrySet, folded int64, err error) {
	const every = 10_000
	found = stored.RegistrySet{}
	var n int64
	folded, err = w.changeUsers(ctx, tenant, func(doc bson.Raw) (bson.Raw, error) {
		if n++; n%every == 0 && progress != nil {
			progress(n)
		}
		if err := found.Add(doc); err != nil {
			return nil, err
		}
		return foldUser(doc)
	})
	if err == nil && progress != nil {
		progress(n)
	}
	return found, folded, err
}

// dropEntries removes the old entries that a scan has not found. A user that has one of them can
// have been written after the scan had passed its position, so the users are read again.
func dropEntries(c *conn, old []stored.RegistryEntry, found stored.RegistrySet) error {
	dropped := stored.RegistrySet{}
	for _, e := range old {
		if !found[e] {
			dropped[e] = true
		}
	}
	if len(dropped) == 0 {
		return nil
	}
	now := stored.RegistrySet{}
	if err := c.query("SELECT doc FROM users", func(r *row) error { return now.Add(r.bytes(0)) }); err != nil {
		return err
	}
	for e := range dropped {
		if now[e] {
			continue
		}
		if _, err := registryTable.remove(c, "WHERE id = ?", e.ID); err != nil {
			return err
		}
	}
	return nil
}
