package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// AddRegistry adds the entries that are missing. Call it before writing the users that need them.
func (w *UserWriter) AddRegistry(ctx context.Context, tenant string, r users.Registry) error {
	c := w.db.Tenant(tenant).Collection(registryCollection)
	if _, err := insertNew(ctx, c, stored.RegistryEntries(r)); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

// Scan rebuilds the registry and the folded text from the tenant's users. It is for users that
// another program wrote, and for use after users were deleted. It calls progress, unless that is
// nil, with the number of users scanned. Users may be written meanwhile: Scan removes an entry only
// if no user has it. It returns errs.CodeNonStringID if users have ids that are not strings,
// because no export can contain those.
func (w *UserWriter) Scan(ctx context.Context, tenant string, progress func(scanned int64)) (result users.ScanResult, err error) {
	d := NewUsers(w.db).documents
	types, err := d.NonStringIDType(ctx, tenant)
	if err != nil {
		return result, err
	}
	if types != "" {
		return result, pipeline.NonStringIDError(d.noun, types)
	}
	old, err := findAll[stored.RegistryEntry](ctx, w.db.Tenant(tenant).Collection(registryCollection))
	if err != nil {
		return result, fmt.Errorf("read registry: %w", err)
	}
	found, folded, err := w.scanUsers(ctx, tenant, progress)
	if err != nil {
		return result, fmt.Errorf("scan users: %w", err)
	}
	if err := w.AddRegistry(ctx, tenant, found.Registry()); err != nil {
		return result, err
	}
	for _, e := range old {
		if found[e] {
			continue
		}
		if err := w.dropEntry(ctx, tenant, e); err != nil {
			return result, fmt.Errorf("remove registry entry %s: %w", e.ID, err)
		}
	}
	accounts := w.accountFolding(tenant)
	if err := w.foldCollection(ctx, tenant, accounts, accounts.add); err != nil {
		return result, err
	}
	result.Folded = folded + accounts.changed
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
	folding := w.userFolding(tenant)
	folding.projection = append(folding.projection, bson.E{Key: stored.ForeignKind, Value: 1}, bson.E{Key: stored.ProfileKind, Value: 1})
	err = w.foldCollection(ctx, tenant, folding, func(ctx context.Context, doc bson.Raw) error {
		if n++; n%every == 0 && progress != nil {
			progress(n)
		}
		return errors.Join(found.Add(doc), folding.add(ctx, doc))
	})
	if err == nil && progress != nil {
		progress(n)
	}
	return found, folding.changed, err
}

// dropEntry removes an entry that the scan has not found. It restores the entry if a user has it
// now: that user was written after the scan had passed its position.
func (w *UserWriter) dropEntry(ctx context.Context, tenant string, e stored.RegistryEntry) error {
	db := w.db.Tenant(tenant)
	if _, err := db.Collection(registryCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: e.ID}}); err != nil {
		return err
	}
	err := db.Collection(usersCollection).FindOne(ctx, bson.D{{Key: e.Path(), Value: bson.D{{Key: "$exists", Value: true}}}},
		options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = insertNew(ctx, db.Collection(registryCollection), []stored.RegistryEntry{e})
	return err
}
