package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// CreateUser adds a user and the registry entries that it needs. It returns errs.CodeExists, with
// the field, if another user has this id, e-mail address or user name, compared after users.Fold.
func (w *UserWriter) CreateUser(ctx context.Context, tenant string, u users.User) error {
	doc, err := users.Encode(u)
	if err != nil {
		return err
	}
	registered := stored.RegistrySet{}
	if err := registered.Add(doc); err != nil {
		return err
	}
	return w.writeUsers(ctx, tenant, func(c *conn) error {
		if err := checkIdentifiers(c, u.Identifiers, u.ID); err != nil {
			return err
		}
		if err := insertUser(c, doc); errors.Is(err, errDuplicate) {
			return existsError("user_id")
		} else if err != nil {
			return fmt.Errorf("insert a user: %w", err)
		}
		return addRegistry(c, registered.Registry())
	})
}

// checkIdentifiers returns errs.CodeExists if a user other than the one with the id has one of the
// identifiers.
func checkIdentifiers(c *conn, identifiers users.Identifiers, id string) error {
	for _, i := range []struct{ path, text, query string }{
		{filter.EmailAddress, identifiers.EmailAddress, "SELECT 1 FROM users WHERE email = ? AND id != ? LIMIT 1"},
		{filter.Username, identifiers.Username, "SELECT 1 FROM users WHERE username = ? AND id != ? LIMIT 1"},
	} {
		if i.text == "" {
			continue
		}
		condition := filter.NewText(i.path, export.Is, i.text)
		found, err := c.integer(i.query, condition.Folded, id)
		if err != nil {
			return fmt.Errorf("find a user: %w", err)
		}
		odd := false // the columns of odd users may lack the identifier
		if err := c.query("SELECT doc FROM users WHERE odd AND id != ?", func(r *row) error {
			odd = odd || condition.Matches(r.bytes(0))
			return nil
		}, id); err != nil {
			return fmt.Errorf("find a user: %w", err)
		}
		if odd || found > 0 {
			return existsError(i.path)
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
	return w.writeUsers(ctx, tenant, func(c *conn) error {
		deleted, err := deleteUser(c, id)
		if err != nil {
			return fmt.Errorf("delete a user: %w", err)
		}
		if !deleted {
			return errNoUser
		}
		return nil
	})
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

// SetAttributes sets attributes of a user; a nil value removes the attribute. With replace it also
// removes the attributes that values does not name. It returns errs.CodeNotFound if the user does
// not exist.
func (w *UserWriter) SetAttributes(ctx context.Context, tenant, id string, values map[string]any, replace bool, at time.Time) error {
	return w.updateUser(ctx, tenant, id, at, users.Registry{}, func(_ *conn, _ bson.Raw, d bson.D) (bson.D, error) {
		if replace {
			d = withMember(d, "attributes", bson.D{})
		}
		paths := map[string]any{}
		for slug, value := range values {
			paths[users.AttributePath(slug)] = value
		}
		return setPaths(d, paths)
	})
}

// changeMember changes a member that is a document.
func changeMember(d bson.D, key string, change func(bson.D) bson.D) (bson.D, error) {
	member, err := nested(d, key)
	if err != nil {
		return nil, err
	}
	return withMember(d, key, change(member)), nil
}

// updateUser changes a user's document, its time of change and its folded text, and adds the registry
// entries that the user then needs. change gets the stored document, raw and decoded.
func (w *UserWriter) updateUser(
	ctx context.Context, tenant, id string, at time.Time, registered users.Registry,
	change func(c *conn, old bson.Raw, d bson.D) (bson.D, error),
) error {
	err := w.writeUsers(ctx, tenant, func(c *conn) error {
		var old bson.Raw
		if err := c.query("SELECT doc FROM users WHERE id = ?", func(r *row) error { old = r.bytes(0); return nil }, id); err != nil {
			return err
		}
		if old == nil {
			return errNoUser
		}
		d, err := decodeDocument(old)
		if err != nil {
			return err
		}
		if d, err = change(c, old, withMember(d, "updated", at)); err != nil {
			return err
		}
		doc, err := encodeFolded(d, users.FoldedUser)
		if err != nil {
			return err
		}
		if err := users.CheckDocumentSize(doc); err != nil {
			return err
		}
		if err := addRegistry(c, registered); err != nil {
			return err
		}
		return replaceUser(c, doc)
	})
	if refusal, ok := errors.AsType[*errs.Error](err); ok {
		return refusal
	}
	if err != nil {
		return fmt.Errorf("change a user: %w", err)
	}
	return nil
}
