package mongo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// CreateUser adds a user and the registry entries that it needs. It returns errs.CodeExists, with
// the field, if another user has this id, e-mail address or user name, compared after users.Fold.
// It looks up addresses and names before the insert, so two concurrent requests with the same
// address may both succeed: existing data may contain duplicates, so a unique index is impossible.
func (w *UserWriter) CreateUser(ctx context.Context, tenant string, u users.User) error {
	doc, err := users.Encode(u)
	if err != nil {
		return err
	}
	if err := w.checkIdentifiers(ctx, tenant, u.Identifiers, u.ID); err != nil {
		return err
	}
	registered := stored.RegistrySet{}
	if err := registered.Add(doc); err != nil {
		return err
	}
	if err := w.AddRegistry(ctx, tenant, registered.Registry()); err != nil {
		return err
	}
	defer w.db.addUserWrite(tenant)
	if _, err := w.db.Tenant(tenant).Collection(usersCollection).InsertOne(ctx, doc); driver.IsDuplicateKeyError(err) {
		return existsError("user_id")
	} else if err != nil {
		return fmt.Errorf("insert a user: %w", err)
	}
	return nil
}

// checkIdentifiers returns errs.CodeExists if a user other than the one with the id has one of the
// identifiers.
func (w *UserWriter) checkIdentifiers(ctx context.Context, tenant string, identifiers users.Identifiers, id string) error {
	c := w.db.Tenant(tenant).Collection(usersCollection)
	other := bson.D{{Key: "_id", Value: bson.D{{Key: "$ne", Value: id}}}}
	for _, i := range []struct{ path, text string }{
		{filter.EmailAddress, identifiers.EmailAddress}, {filter.Username, identifiers.Username},
	} {
		if i.text == "" {
			continue
		}
		err := c.FindOne(ctx, allOf(queryOf(filter.NewText(i.path, export.Is, i.text)), other), options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
		if err == nil {
			return existsError(i.path)
		}
		if !errors.Is(err, driver.ErrNoDocuments) {
			return fmt.Errorf("find a user: %w", err)
		}
	}
	return nil
}

func existsError(field string) error {
	return &errs.Error{Code: errs.CodeExists, Field: field, Message: "A user with this value exists already."}
}

var errNoUser = errs.Errorf(errs.CodeNotFound, "There is no user with this ID.")

// DeleteUser removes a user, or returns errs.CodeNotFound. The user's state events stay as history.
func (w *UserWriter) DeleteUser(ctx context.Context, tenant, id string) error {
	defer w.db.addUserWrite(tenant)
	r, err := w.db.Tenant(tenant).Collection(usersCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return fmt.Errorf("delete a user: %w", err)
	}
	if r.DeletedCount == 0 {
		return errNoUser
	}
	return nil
}

// SetForeignKey sets a user's key in a foreign system. It returns errs.CodeNotFound if the user does
// not exist.
func (w *UserWriter) SetForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error {
	return w.ChangeUser(ctx, tenant, id, map[string]any{users.ForeignKeyPath(system): key}, at)
}

// SetProfile sets a user's extended profile of an app to JSON, which is stored unchanged. It
// returns errs.CodeNotFound if the user does not exist.
func (w *UserWriter) SetProfile(ctx context.Context, tenant, id, appID string, profile []byte, at time.Time) error {
	return w.ChangeUser(ctx, tenant, id, map[string]any{users.ProfilePath(appID): string(profile)}, at)
}

// updateUser applies an update to a user in one write.
func (w *UserWriter) updateUser(ctx context.Context, tenant, id string, update bson.D) error {
	matched, err := w.updateUserIf(ctx, tenant, bson.D{{Key: "_id", Value: id}}, update)
	if err == nil && !matched {
		err = errNoUser
	}
	return err
}

// updateUserIf applies an update to the user that a condition selects, and reports whether there is
// one.
func (w *UserWriter) updateUserIf(ctx context.Context, tenant string, condition, update bson.D) (matched bool, err error) {
	defer w.db.addUserWrite(tenant)
	r, err := w.db.Tenant(tenant).Collection(usersCollection).UpdateOne(ctx, condition, update)
	if err != nil {
		return false, fmt.Errorf("change a user: %w", err)
	}
	return r.MatchedCount > 0, nil
}

// memberUpdate returns the update that sets members by their paths, with their folded text and the
// time of change; a nil value removes the member.
func memberUpdate(values map[string]any, at time.Time) bson.D {
	set, unset := bson.D{{Key: "updated", Value: at}}, bson.D{}
	change := func(path string, value any) {
		if value == nil {
			unset = append(unset, bson.E{Key: path, Value: ""})
		} else {
			set = append(set, bson.E{Key: path, Value: value})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(values)) { // deterministic order: the same change stores the same bytes
		change(path, values[path])
		if users.HasFoldedText(path) {
			change(users.FoldedPath(path), users.FoldedText(path, values[path]))
		}
	}
	update := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	return update
}
