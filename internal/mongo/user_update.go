package mongo

import (
	"context"
	"errors"
	"fmt"
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
// the field, if a user with this id, e-mail address or user name exists, compared after users.Fold.
// It looks up addresses and names before the insert, so two concurrent requests with the same
// address may both succeed: existing data may contain duplicates, so a unique index is impossible.
func (w *UserWriter) CreateUser(ctx context.Context, tenant string, u users.User) error {
	doc, err := users.Encode(u)
	if err != nil {
		return err
	}
	c := w.db.Tenant(tenant).Collection(usersCollection)
	for field, value := range map[string]string{
		filter.EmailAddress: u.Identifiers.EmailAddress, filter.Username: u.Identifiers.Username,
	} {
		if value == "" {
			continue
		}
		err := c.FindOne(ctx, queryOf(filter.NewText(field, export.Is, value)), options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
		if err == nil {
			return existsError(field)
		}
		if !errors.Is(err, driver.ErrNoDocuments) {
			return fmt.Errorf("find a user: %w", err)
		}
	}
	registered := stored.RegistrySet{}
	if err := registered.Add(doc); err != nil {
		return err
	}
	if err := w.AddRegistry(ctx, tenant, registered.Registry()); err != nil {
		return err
	}
	defer w.db.addUserWrite(tenant)
	if _, err := c.InsertOne(ctx, doc); driver.IsDuplicateKeyError(err) {
		return existsError("user_id")
	} else if err != nil {
		return fmt.Errorf("insert a user: %w", err)
	}
	return nil
}

func existsError(field string) error {
	return &errs.Error{Code: errs.CodeExists, Field: field, Message: "A user with this value exists already."}
}

var errNoUser = errs.Errorf(errs.CodeNotFound, "There is no user with this id.")

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

// SetForeignKey sets a user's key in a foreign system; key "" removes it. It returns
// errs.CodeNotFound if the user does not exist.
func (w *UserWriter) SetForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error {
	set, unset := bson.D{{Key: "updated", Value: at}}, bson.D{}
	if key == "" {
		unset = bson.D{{Key: "foreign_keys." + system, Value: ""}}
		return w.updateUser(ctx, tenant, id, set, unset)
	}
	if err := w.AddRegistry(ctx, tenant, users.Registry{ForeignSystems: []string{system}}); err != nil {
		return err
	}
	return w.updateUser(ctx, tenant, id, append(set, bson.E{Key: "foreign_keys." + system, Value: key}), unset)
}

// SetProfile sets a user's extended profile of an app to JSON, which is stored unchanged. It
// returns errs.CodeNotFound if the user does not exist.
func (w *UserWriter) SetProfile(ctx context.Context, tenant, id, appID string, profile []byte, at time.Time) error {
	if err := w.AddRegistry(ctx, tenant, users.Registry{AppIDs: []string{appID}}); err != nil {
		return err
	}
	set := bson.D{{Key: "updated", Value: at}, {Key: "extended_profiles." + users.EscapeAppID(appID), Value: string(profile)}}
	return w.updateUser(ctx, tenant, id, set, nil)
}

// updateUser sets and removes fields of a user in one write.
func (w *UserWriter) updateUser(ctx context.Context, tenant, id string, set, unset bson.D) error {
	change := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		change = append(change, bson.E{Key: "$unset", Value: unset})
	}
	defer w.db.addUserWrite(tenant)
	r, err := w.db.Tenant(tenant).Collection(usersCollection).UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, change)
	if err != nil {
		return fmt.Errorf("change a user: %w", err)
	}
	if r.MatchedCount == 0 {
		return errNoUser
	}
	return nil
}
