package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/users"
)

// Kinds of registry entries. They are the names of the fields of a user in which the names are keys.
const (
	foreignKind = "foreign_keys"
	profileKind = "extended_profiles"
)

type registryEntry struct {
	ID   string `bson:"_id"` // <kind>:<name>
	Kind string `bson:"kind"`
	Name string `bson:"name"`
}

func entry(kind, name string) registryEntry { return registryEntry{kind + ":" + name, kind, name} }

// path is where a user who has the entry has it.
func (e registryEntry) path() string {
	if e.Kind == profileKind {
		return e.Kind + "." + users.EscapeAppID(e.Name)
	}
	return e.Kind + "." + e.Name
}

func entries(r users.Registry) []registryEntry {
	list := make([]registryEntry, 0, len(r.ForeignSystems)+len(r.AppIDs))
	for _, name := range r.ForeignSystems {
		list = append(list, entry(foreignKind, name))
	}
	for _, name := range r.AppIDs {
		list = append(list, entry(profileKind, name))
	}
	return list
}

// AddRegistry makes the entries that are missing. It comes before the users that need them.
func (w *UserWriter) AddRegistry(ctx context.Context, tenant string, r users.Registry) error {
	c := w.db.Tenant(tenant).Collection(registryCollection)
	if _, err := insertNew(ctx, c, entries(r)); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

// Scan rebuilds the registry from the tenant's users: for users that others wrote, or after users were deleted. Progress
// hears how many users were looked at; it may be nil. It may run beside writes: entries are only taken away when no
// user has them.
func (w *UserWriter) Scan(ctx context.Context, tenant string, progress func(scanned int64)) (users.Registry, error) {
	before, err := all[registryEntry](ctx, w.db.Tenant(tenant).Collection(registryCollection))
	if err != nil {
		return users.Registry{}, fmt.Errorf("read registry: %w", err)
	}
	found, err := w.scanUsers(ctx, tenant, progress)
	if err != nil {
		return users.Registry{}, fmt.Errorf("scan users: %w", err)
	}
	if err := w.AddRegistry(ctx, tenant, found.registry()); err != nil {
		return users.Registry{}, err
	}
	for _, e := range before {
		if found[e] {
			continue
		}
		if err := w.dropEntry(ctx, tenant, e); err != nil {
			return users.Registry{}, fmt.Errorf("remove registry entry %s: %w", e.ID, err)
		}
	}
	return NewDirectory(w.db).Registry(ctx, tenant)
}

func (w *UserWriter) scanUsers(ctx context.Context, tenant string, progress func(int64)) (entrySet, error) {
	const every = 10_000
	cursor, err := w.db.TenantReads(tenant).Collection(usersCollection).Find(ctx, bson.D{}, options.Find().
		SetProjection(bson.D{{Key: foreignKind, Value: 1}, {Key: profileKind, Value: 1}}))
	if err != nil {
		return nil, err
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	found := entrySet{}
	var n int64
	for cursor.Next(ctx) {
		if err := found.add(cursor.Current); err != nil {
			return nil, err
		}
		if n++; n%every == 0 && progress != nil {
			progress(n)
		}
	}
	if progress != nil {
		progress(n)
	}
	return found, cursor.Err()
}

// dropEntry removes an entry that no user seems to have, and puts it back if one does: such a user was written while
// the scan had passed its place.
func (w *UserWriter) dropEntry(ctx context.Context, tenant string, e registryEntry) error {
	db := w.db.Tenant(tenant)
	if _, err := db.Collection(registryCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: e.ID}}); err != nil {
		return err
	}
	err := db.Collection(usersCollection).FindOne(ctx, bson.D{{Key: e.path(), Value: bson.D{{Key: "$exists", Value: true}}}},
		options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = insertNew(ctx, db.Collection(registryCollection), []registryEntry{e})
	return err
}

type entrySet map[registryEntry]bool

// add looks which names a stored user has. Users that others wrote may have anything there.
func (s entrySet) add(user bson.Raw) error {
	for _, kind := range []string{foreignKind, profileKind} {
		doc, ok := user.Lookup(kind).DocumentOK()
		if !ok {
			continue
		}
		elements, err := doc.Elements()
		if err != nil {
			return err
		}
		for _, e := range elements {
			name := e.Key()
			if kind == profileKind {
				name = users.UnescapeAppID(name)
			}
			s[entry(kind, name)] = true
		}
	}
	return nil
}

func (s entrySet) registry() (r users.Registry) {
	for e := range s {
		if e.Kind == foreignKind {
			r.ForeignSystems = append(r.ForeignSystems, e.Name)
		} else {
			r.AppIDs = append(r.AppIDs, e.Name)
		}
	}
	return r
}
