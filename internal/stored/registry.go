package stored

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// Kinds of registry entries. Each is the field of a user whose keys are the registered names.
const (
	ForeignKind = "foreign_keys"
	ProfileKind = "extended_profiles"
)

// RegistryEntry is a foreign system or an app id that occurs in a tenant's users.
type RegistryEntry struct {
	ID   string `bson:"_id"` // <kind>:<name>
	Kind string `bson:"kind"`
	Name string `bson:"name"`
}

// NewRegistryEntry returns the entry of a name.
func NewRegistryEntry(kind, name string) RegistryEntry {
	return RegistryEntry{kind + ":" + name, kind, name}
}

// Path returns the path of the entry in a user document.
func (e RegistryEntry) Path() string {
	if e.Kind == ProfileKind {
		return e.Kind + "." + users.EscapeAppID(e.Name)
	}
	return e.Kind + "." + e.Name
}

// RegistryEntries returns the entries of a registry.
func RegistryEntries(r users.Registry) []RegistryEntry {
	list := make([]RegistryEntry, 0, len(r.ForeignSystems)+len(r.AppIDs))
	for _, name := range r.ForeignSystems {
		list = append(list, NewRegistryEntry(ForeignKind, name))
	}
	for _, name := range r.AppIDs {
		list = append(list, NewRegistryEntry(ProfileKind, name))
	}
	return list
}

// Registry returns the names of entries, sorted. Its lists are not nil.
func Registry(entries []RegistryEntry) users.Registry {
	r := users.Registry{ForeignSystems: []string{}, AppIDs: []string{}}
	for _, e := range entries {
		switch e.Kind {
		case ForeignKind:
			r.ForeignSystems = append(r.ForeignSystems, e.Name)
		case ProfileKind:
			r.AppIDs = append(r.AppIDs, e.Name)
		}
	}
	slices.Sort(r.ForeignSystems)
	slices.Sort(r.AppIDs)
	return r
}

// RegistrySet is a set of registry entries.
type RegistrySet map[RegistryEntry]bool

// Add adds the entries of a stored user. The fields of a user that another program wrote may have
// any type.
func (s RegistrySet) Add(user bson.Raw) error {
	for _, kind := range []string{ForeignKind, ProfileKind} {
		doc, ok := user.Lookup(kind).DocumentOK()
		if !ok {
			continue
		}
		elements, err := doc.Elements()
		if err != nil {
			return fmt.Errorf("read %s of a user: %w", kind, err)
		}
		for _, e := range elements {
			name := e.Key()
			if kind == ProfileKind {
				name = users.UnescapeAppID(name)
			}
			s[NewRegistryEntry(kind, name)] = true
		}
	}
	return nil
}

// Registry returns the names of the set, in no order.
func (s RegistrySet) Registry() (r users.Registry) {
	for e := range s {
		if e.Kind == ForeignKind {
			r.ForeignSystems = append(r.ForeignSystems, e.Name)
		} else {
			r.AppIDs = append(r.AppIDs, e.Name)
		}
	}
	return r
}
