package filter

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Selection turns everything that a definition says about users into one condition. Errors are those of Compile and Search,
// with paths that begin with "users"; a user store that the tenant does not have is one of them.
func Selection(ctx context.Context, def export.Definition, schema users.Schema, stores []users.Store, accounts AccountFinder) (bson.D, error) {
	u := def.Users
	store, err := inStore(u.UserStoreID, stores)
	if err != nil {
		return nil, err
	}
	rules, err := Compile(ctx, u.Filter, "users.filter", schema, accounts)
	if err != nil {
		return nil, err
	}
	search, err := Search(u.Search, "users.search", schema)
	if err != nil {
		return nil, err
	}
	return all(
		store,
		search,
		since("updated", u.Since),
		since(Registered, u.RegisteredSince),
		before(Registered, u.RegisteredBefore),
		profiles(def),
		rules,
	), nil
}

// InStore matches the users of one store, or of every one for export.All.
func InStore(id string) bson.D {
	if id == export.All {
		return bson.D{}
	}
	return equal("user_store_id", id)
}

func inStore(id string, stores []users.Store) (bson.D, error) {
	if id != export.All && !slices.ContainsFunc(stores, func(s users.Store) bool { return s.ID == id }) {
		return nil, export.Invalid("users.userStoreId", "There is no user store with this id.")
	}
	return InStore(id), nil
}

func since(path string, t *export.Time) bson.D {
	if t == nil {
		return nil
	}
	return within(path, bson.E{Key: "$gte", Value: t.Time})
}

func before(path string, t *export.Time) bson.D {
	if t == nil {
		return nil
	}
	return within(path, bson.E{Key: "$lt", Value: t.Time})
}

// profiles matches users who have one of the selected profiles, where the definition asks for that. For all of them it
// asks the user and not the registry, which may not know yet what others have stored.
func profiles(def export.Definition) bson.D {
	if !def.RequiresProfile() {
		return nil
	}
	p := def.Include.ExtendedProfiles
	if p.AllApps() {
		return within("extended_profiles", bson.E{Key: "$gt", Value: bson.D{}}) // a document that is not empty
	}
	conditions := make([]bson.D, len(p.AppIDs))
	for i, id := range p.AppIDs {
		conditions[i] = within("extended_profiles."+users.EscapeAppID(id), bson.E{Key: "$ne", Value: nil})
	}
	return anyOf(conditions...)
}
