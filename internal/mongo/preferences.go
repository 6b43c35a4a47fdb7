package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/preferences"
	"github.com/egress-io/egress/internal/stored"
)

// Preferences stores the preferences of all admins in the control database.
type Preferences struct{ db *DB }

var _ preferences.Store = Preferences{}

// NewPreferences returns the preferences in db.
func NewPreferences(db *DB) Preferences { return Preferences{db} }

// Preferences implements preferences.Store.
func (s Preferences) Preferences(ctx context.Context, tenant, adminID string) (preferences.Preferences, error) {
	return s.find(ctx, s.db.ControlReads(), stored.PreferencesID(tenant, adminID))
}

func (Preferences) find(ctx context.Context, db *driver.Database, id string) (preferences.Preferences, error) {
	var d stored.Preferences
	err := db.Collection(preferencesCollection).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return preferences.Preferences{}, nil
	}
	if err != nil {
		return preferences.Preferences{}, wrapError(err, "read preferences")
	}
	return d.Preferences()
}

// ChangePreferences implements preferences.Store.
func (s Preferences) ChangePreferences(ctx context.Context, tenant, adminID string, change preferences.Change) (preferences.Preferences, error) {
	id := stored.PreferencesID(tenant, adminID)
	d := stored.NewPreferences(id, preferences.Preferences{}.Apply(change))
	set := bson.D{} // only what changes: another tab may change the rest
	if change.Export != nil {
		set = append(set, bson.E{Key: "export", Value: d.Export})
	}
	if change.UserColumns != nil {
		set = append(set, bson.E{Key: "user_columns", Value: d.UserColumns})
	}
	if len(set) > 0 {
		_, err := s.db.Control().Collection(preferencesCollection).UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
			bson.D{{Key: "$set", Value: set}}, options.UpdateOne().SetUpsert(true))
		if err != nil {
			return preferences.Preferences{}, wrapError(err, "store preferences")
		}
	}
	return s.find(ctx, s.db.Control(), id)
}
