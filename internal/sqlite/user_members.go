package sqlite

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// ChangeUser sets members of a user by their paths, such as "email_verified" and
// "attributes.country", in one write; a nil value removes the member. It returns errs.CodeNotFound
// if the user does not exist, and errs.CodeExists, with the field, if another user has the e-mail
// address or user name.
func (w *UserWriter) ChangeUser(ctx context.Context, tenant, id string, values map[string]any, at time.Time) error {
	var identifiers users.Identifiers
	identifiers.EmailAddress, _ = values[filter.EmailAddress].(string)
	identifiers.Username, _ = values[filter.Username].(string)
	return w.updateUser(ctx, tenant, id, at, users.NamesIn(values), func(c *conn, _ bson.Raw, d bson.D) (bson.D, error) {
		if err := checkIdentifiers(c, identifiers, id); err != nil {
			return nil, err
		}
		return setPaths(d, values)
	})
}

// RemoveForeignKey removes a user's key in a foreign system. It returns errs.CodeNotFound if the user
// does not exist or has another key.
func (w *UserWriter) RemoveForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error {
	return w.replaceMember(ctx, tenant, id, users.ForeignKeyPath(system), at, func(old bson.RawValue) (any, error) {
		return nil, users.CheckKey(old, key)
	})
}

// ChangeProfile replaces a user's extended profile of an app by what change returns for it; nil is a
// missing profile. It returns errs.CodeNotFound if the user does not exist.
func (w *UserWriter) ChangeProfile(
	ctx context.Context, tenant, id, appID string, change func(json.RawMessage) (json.RawMessage, error), at time.Time,
) error {
	return w.replaceMember(ctx, tenant, id, users.ProfilePath(appID), at, users.ProfileChange(change))
}

// PutGrant adds a grant to a user, or replaces the user's grant with the same id, as users.WithGrant
// does. It returns errs.CodeNotFound if the user does not exist.
func (w *UserWriter) PutGrant(ctx context.Context, tenant, id string, g users.Grant, at time.Time) error {
	return w.replaceMember(ctx, tenant, id, users.GrantsKey, at, func(old bson.RawValue) (any, error) { return users.WithGrant(old, g) })
}

// DeleteGrant removes a grant of a user. It returns errs.CodeNotFound if the user does not exist or
// has no grant with this id.
func (w *UserWriter) DeleteGrant(ctx context.Context, tenant, id, grantID string, at time.Time) error {
	return w.replaceMember(ctx, tenant, id, users.GrantsKey, at, func(old bson.RawValue) (any, error) { return users.WithoutGrant(old, grantID) })
}

// replaceMember replaces the member at a path of a user by what change returns for it, nil for none.
// The member has type 0 if it is missing.
func (w *UserWriter) replaceMember(
	ctx context.Context, tenant, id, path string, at time.Time, change func(old bson.RawValue) (any, error),
) error {
	registered := users.NamesIn(map[string]any{path: true})
	return w.updateUser(ctx, tenant, id, at, registered, func(_ *conn, old bson.Raw, d bson.D) (bson.D, error) {
		value, err := change(old.Lookup(strings.Split(path, ".")...))
		if err != nil {
			return nil, err
		}
		return setPaths(d, map[string]any{path: value})
	})
}

// setPaths sets members of a document by their paths, of one or two names; a nil value removes the
// member.
func setPaths(d bson.D, values map[string]any) (bson.D, error) {
	set := func(d bson.D, key string, value any) bson.D {
		if value == nil {
			return withoutMember(d, key)
		}
		return withMember(d, key, value)
	}
	for _, path := range slices.Sorted(maps.Keys(values)) { // deterministic order: the same change stores the same bytes
		group, key, isNested := strings.Cut(path, ".")
		if !isNested {
			d = set(d, path, values[path])
			continue
		}
		var err error
		if d, err = changeMember(d, group, func(member bson.D) bson.D { return set(member, key, values[path]) }); err != nil {
			return nil, err
		}
	}
	return d, nil
}
