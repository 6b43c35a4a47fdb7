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

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// CreateUser adds a user, with the registry entries that it needs. CodeExists, naming the field, where there is one with this id,
// e-mail address or user name. Addresses and names are looked for before: of two requests that bring the same at the same
// moment both may be taken, since data that was there before is not unique in them and no index can make it so.
func (w *UserWriter) CreateUser(ctx context.Context, tenant string, u users.User) error {
	doc, err := users.Encode(u)
	if err != nil {
		return err
	}
	c := w.db.Tenant(tenant).Collection(usersCollection)
	for field, value := range map[string]string{
		"identifiers.email_address": u.Identifiers.EmailAddress, "identifiers.username": u.Identifiers.Username,
	} {
		if value == "" {
			continue
		}
		err := c.FindOne(ctx, bson.D{{Key: field, Value: value}}, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
		if err == nil {
			return exists(field)
		}
		if !errors.Is(err, driver.ErrNoDocuments) {
			return fmt.Errorf("look for a user: %w", err)
		}
	}
	names := entrySet{}
	if err := names.add(doc); err != nil {
		return err
	}
	if err := w.AddRegistry(ctx, tenant, names.registry()); err != nil {
		return err
	}
	if _, err := c.InsertOne(ctx, doc); driver.IsDuplicateKeyError(err) {
		return exists("user_id")
	} else if err != nil {
		return fmt.Errorf("insert a user: %w", err)
	}
	return nil
}

func exists(field string) error {
	return &export.Error{Code: export.CodeExists, Field: field, Message: "There is a user with this one already."}
}

var errNoUser = export.Errorf(export.CodeNotFound, "There is no user with this id.")

// DeleteUser removes a user, or returns CodeNotFound. What others refer to it by stays: state events are history.
func (w *UserWriter) DeleteUser(ctx context.Context, tenant, id string) error {
	r, err := w.db.Tenant(tenant).Collection(usersCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return fmt.Errorf("delete a user: %w", err)
	}
	if r.DeletedCount == 0 {
		return errNoUser
	}
	return nil
}

// SetAttributes changes attributes of a user, each to a value or, where it is nil, to nothing; with replace those that are not
// named go too. CodeNotFound where there is no such user. Changes of others to other attributes at the same time are kept.
func (w *UserWriter) SetAttributes(ctx context.Context, tenant, id string, values map[string]any, replace bool, at time.Time) error {
	set, unset := bson.D{{Key: "updated", Value: at}}, bson.D{}
	slugs := slices.Sorted(maps.Keys(values)) // so that the same change is stored as the same bytes
	if replace {
		kept := bson.D{}
		for _, slug := range slugs {
			if value := values[slug]; value != nil {
				kept = append(kept, bson.E{Key: slug, Value: value})
			}
		}
		set = append(set, bson.E{Key: "attributes", Value: kept})
		return w.change(ctx, tenant, id, set, unset)
	}
	for _, slug := range slugs {
		if path, value := users.AttributePath(slug), values[slug]; value == nil {
			unset = append(unset, bson.E{Key: path, Value: ""})
		} else {
			set = append(set, bson.E{Key: path, Value: value})
		}
	}
	return w.change(ctx, tenant, id, set, unset)
}

// SetForeignKey sets a user's key in a foreign system, or removes it where it is "". CodeNotFound where there is no such user.
func (w *UserWriter) SetForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error {
	set, unset := bson.D{{Key: "updated", Value: at}}, bson.D{}
	if key == "" {
		unset = bson.D{{Key: "foreign_keys." + system, Value: ""}}
		return w.change(ctx, tenant, id, set, unset)
	}
	if err := w.AddRegistry(ctx, tenant, users.Registry{ForeignSystems: []string{system}}); err != nil {
		return err
	}
	return w.change(ctx, tenant, id, append(set, bson.E{Key: "foreign_keys." + system, Value: key}), unset)
}

// SetProfile sets a user's extended profile of an app: JSON, which is stored as it is. CodeNotFound where there is no such user.
func (w *UserWriter) SetProfile(ctx context.Context, tenant, id, appID string, profile []byte, at time.Time) error {
	if err := w.AddRegistry(ctx, tenant, users.Registry{AppIDs: []string{appID}}); err != nil {
		return err
	}
	set := bson.D{{Key: "updated", Value: at}, {Key: "extended_profiles." + users.EscapeAppID(appID), Value: string(profile)}}
	return w.change(ctx, tenant, id, set, nil)
}

// change sets and removes fields of a user in one write.
func (w *UserWriter) change(ctx context.Context, tenant, id string, set, unset bson.D) error {
	change := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		change = append(change, bson.E{Key: "$unset", Value: unset})
	}
	r, err := w.db.Tenant(tenant).Collection(usersCollection).UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, change)
	if err != nil {
		return fmt.Errorf("change a user: %w", err)
	}
	if r.MatchedCount == 0 {
		return errNoUser
	}
	return nil
}
