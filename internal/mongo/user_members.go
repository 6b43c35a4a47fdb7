package mongo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// ChangeUser sets members of a user by their paths, such as "email_verified" and
// "attributes.country", in one write; a nil value removes the member. It returns errs.CodeNotFound
// if the user does not exist, and errs.CodeExists, with the field, if another user has the e-mail
// address or user name. Like CreateUser, it looks these up before the write.
func (w *UserWriter) ChangeUser(ctx context.Context, tenant, id string, values map[string]any, at time.Time) error {
	var identifiers users.Identifiers
	identifiers.EmailAddress, _ = values[filter.EmailAddress].(string)
	identifiers.Username, _ = values[filter.Username].(string)
	if err := w.checkIdentifiers(ctx, tenant, identifiers, id); err != nil {
		return err
	}
	if err := w.AddRegistry(ctx, tenant, users.NamesIn(values)); err != nil {
		return err
	}
	return w.updateUser(ctx, tenant, id, memberUpdate(values, at))
}

// RemoveForeignKey removes a user's key in a foreign system. It returns errs.CodeNotFound if the user
// does not exist or has another key.
func (w *UserWriter) RemoveForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error {
	return w.replaceMember(ctx, tenant, id, users.ForeignKeyPath(system), at, func(old bson.RawValue) (any, error) {
		return nil, users.CheckKey(old, key)
	})
}

// ChangeProfile replaces a user's extended profile of an app by what change returns for it; nil is a
// missing profile. It calls change again if another request changed the profile meanwhile. It
// returns errs.CodeNotFound if the user does not exist.
func (w *UserWriter) ChangeProfile(
	ctx context.Context, tenant, id, appID string, change func(json.RawMessage) (json.RawMessage, error), at time.Time,
) error {
	path := users.ProfilePath(appID)
	if err := w.AddRegistry(ctx, tenant, users.NamesIn(map[string]any{path: true})); err != nil {
		return err
	}
	return w.replaceMember(ctx, tenant, id, path, at, users.ProfileChange(change))
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

// maxReplacements is how often replaceMember reads a member that other requests keep changing.
const maxReplacements = 100

// replaceMember replaces the member at a path of a user by what change returns for it, nil for none.
// The member has type 0 if it is missing. The write depends on the member being as it was read;
// otherwise replaceMember reads it and calls change again.
func (w *UserWriter) replaceMember(
	ctx context.Context, tenant, id, path string, at time.Time, change func(old bson.RawValue) (any, error),
) error {
	c := w.db.Tenant(tenant).Collection(usersCollection)
	for range maxReplacements {
		doc, err := c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, options.FindOne().SetProjection(bson.D{{Key: path, Value: 1}})).Raw()
		if errors.Is(err, driver.ErrNoDocuments) {
			return errNoUser
		}
		if err != nil {
			return fmt.Errorf("read a member of a user: %w", err)
		}
		old := doc.Lookup(strings.Split(path, ".")...)
		value, err := change(old)
		if err != nil {
			return err
		}
		unchanged := bson.D{{Key: "$exists", Value: false}}
		if !old.IsZero() {
			unchanged = bson.D{{Key: "$eq", Value: old}}
		}
		matched, err := w.updateUserIf(ctx, tenant, bson.D{{Key: "_id", Value: id}, {Key: path, Value: unchanged}}, memberUpdate(map[string]any{path: value}, at))
		if err != nil || matched {
			return err
		}
	}
	return errs.Errorf(errs.CodeUnavailable, "Other requests keep changing this user. Wait a moment, then retry.")
}
