package filter

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Selection selects documents of one of a tenant's collections: users, or state events. The zero
// Selection selects all of them.
type Selection struct {
	Store string    // the id of a user store; "" selects from every store
	IDs   IDRange   // for state events, whose ids start with their time
	Where Condition // nil selects every document
}

// IDRange is a range of ids: From is inclusive, Before exclusive, and "" is no bound.
type IDRange struct{ From, Before string }

// IsAll reports whether the selection selects every document.
func (s Selection) IsAll() bool { return s.Store == "" && s.IDs == (IDRange{}) && s.Where == nil }

// Matches reports whether a document is selected. It allocates nothing, and it may be called
// concurrently.
func (s Selection) Matches(doc bson.Raw) bool {
	return (s.Store == "" || hasText(doc, storePath, s.Store)) &&
		(s.IDs == IDRange{} || s.IDs.matches(doc)) &&
		(s.Where == nil || s.Where.Matches(doc))
}

func (r IDRange) matches(doc bson.Raw) bool {
	return some(doc, "_id", func(v bsoncore.Value) bool {
		id, ok := textBytes(v)
		return ok && string(id) >= r.From && (r.Before == "" || string(id) < r.Before)
	})
}

// Users compiles which users a definition selects. It returns the errors of Compile and Search,
// with paths that begin with "users", and CodeInvalidRequest for a user store that the tenant does not
// have.
func Users(ctx context.Context, def export.Definition, schema users.Schema, stores []users.Store, catalog Catalog) (Selection, error) {
	u := def.Users
	if u.UserStoreID != export.All && !slices.ContainsFunc(stores, func(s users.Store) bool { return s.ID == u.UserStoreID }) {
		return Selection{}, errs.Invalid("users.userStoreId", "There is no user store with this ID.")
	}
	rules, err := Compile(ctx, u.Filter, "users.filter", schema, catalog)
	if err != nil {
		return Selection{}, err
	}
	search, err := Search(u.Search, "users.search", schema)
	if err != nil {
		return Selection{}, err
	}
	return Selection{Store: storeID(u.UserStoreID), Where: AllOf(
		search,
		timesBetween("updated", u.Since, nil),
		timesBetween(Registered, u.RegisteredSince, u.RegisteredBefore),
		hasProfile(def),
		rules,
	)}, nil
}

// InStore selects the users of a user store; of every store for export.All and for "".
func InStore(id string) Selection { return Selection{Store: storeID(id)} }

func storeID(id string) string {
	if id == export.All {
		return ""
	}
	return id
}

// StateEvents compiles which state events a definition selects by their time; definition.StateEvents
// is not nil. Whose events they are follows from Users.
func StateEvents(def export.Definition) Selection {
	var ids IDRange
	if t := def.StateEvents.From; t != nil {
		ids.From = users.EventIDPrefix(t.Time)
	}
	if t := def.StateEvents.To; t != nil {
		ids.Before = users.EventIDUpperBound(t.Time)
	}
	return Selection{IDs: ids}
}

func timesBetween(path string, from, before *export.Time) Condition {
	if from == nil && before == nil {
		return nil
	}
	c := Times{Path: path}
	if from != nil {
		c.From = &from.Time
	}
	if before != nil {
		c.Before = &before.Time
	}
	return c
}

// hasProfile matches users who have one of the selected extended profiles, if the definition
// requires one. For all apps it tests the user document, not the registry, which may lack apps that
// other programs have stored.
func hasProfile(def export.Definition) Condition {
	if !def.RequiresProfile() {
		return nil
	}
	p := def.Include.ExtendedProfiles
	if p.AllApps() {
		return NotEmpty{"extended_profiles"}
	}
	conditions := make([]Condition, len(p.AppIDs))
	for i, id := range p.AppIDs {
		conditions[i] = Present{"extended_profiles." + users.EscapeAppID(id)}
	}
	return AnyOf(conditions...)
}
