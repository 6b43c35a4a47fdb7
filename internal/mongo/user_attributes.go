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

	"github.com/egress-io/egress/internal/users"
)

// SetAttributes sets attributes of a user; a nil value removes the attribute. With replace it also
// removes the attributes that values does not name. It returns errs.CodeNotFound if the user does
// not exist. Concurrent changes of other attributes are kept. One write sets attributes and folded
// text.
func (w *UserWriter) SetAttributes(ctx context.Context, tenant, id string, values map[string]any, replace bool, at time.Time) error {
	if replace {
		stored, byPath, err := w.storedSlugs(ctx, tenant, id)
		if err != nil {
			return err
		}
		if !byPath {
			return w.replaceAttributes(ctx, tenant, id, values, at)
		}
		values = maps.Clone(values)
		if values == nil {
			values = map[string]any{}
		}
		for _, slug := range stored {
			if _, named := values[slug]; !named {
				values[slug] = nil
			}
		}
	}
	paths := make(map[string]any, len(values))
	for slug, value := range values {
		paths[users.AttributePath(slug)] = value
	}
	return w.updateUser(ctx, tenant, id, memberUpdate(paths, at))
}

// storedSlugs returns the slugs of a user's attributes, and whether each attribute can be set and
// removed by its path. Setting the attributes as one document would be simpler, but FerretDB 1.24
// does not update a document if the new one has the same values under other keys.
func (w *UserWriter) storedSlugs(ctx context.Context, tenant, id string) (slugs []string, byPath bool, err error) {
	doc, err := w.db.Tenant(tenant).Collection(usersCollection).FindOne(ctx, bson.D{{Key: "_id", Value: id}},
		options.FindOne().SetProjection(bson.D{{Key: "attributes", Value: 1}})).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, false, errNoUser
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the attributes of a user: %w", err)
	}
	stored := doc.Lookup("attributes")
	if stored.IsZero() {
		return nil, true, nil
	}
	attributes, ok := stored.DocumentOK()
	if !ok {
		return nil, false, nil
	}
	elements, err := attributes.Elements()
	if err != nil {
		return nil, false, fmt.Errorf("read the attributes of a user: %w", err)
	}
	for _, e := range elements {
		if !users.ValidSlug(e.Key()) {
			return nil, false, nil
		}
		slugs = append(slugs, e.Key())
	}
	return slugs, true, nil
}

// replaceAttributes sets all attributes as one document, for users whose attributes another program
// stored in a form that Egress does not write.
func (w *UserWriter) replaceAttributes(ctx context.Context, tenant, id string, values map[string]any, at time.Time) error {
	attributes, folded := bson.D{}, bson.D{}
	for _, slug := range slices.Sorted(maps.Keys(values)) {
		value := values[slug]
		if value == nil {
			continue
		}
		attributes = append(attributes, bson.E{Key: slug, Value: value})
		if text := users.FoldedText(users.AttributePath(slug), value); text != nil {
			folded = append(folded, bson.E{Key: slug, Value: text})
		}
	}
	return w.updateUser(ctx, tenant, id, bson.D{{Key: "$set", Value: bson.D{
		{Key: "updated", Value: at}, {Key: "attributes", Value: attributes}, {Key: users.FoldedPath("attributes"), Value: folded},
	}}})
}
