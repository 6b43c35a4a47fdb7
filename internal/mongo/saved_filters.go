package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/savedfilters"
	"github.com/egress-io/egress/internal/stored"
)

// SavedFilters stores the saved filters of all tenants in the control database.
type SavedFilters struct{ db *DB }

var _ savedfilters.Store = SavedFilters{}

// NewSavedFilters returns the saved filters in db.
func NewSavedFilters(db *DB) SavedFilters { return SavedFilters{db} }

func (s SavedFilters) writes() *driver.Collection {
	return s.db.Control().Collection(savedFiltersCollection)
}

func (s SavedFilters) reads() *driver.Collection {
	return s.db.ControlReads().Collection(savedFiltersCollection)
}

// SavedFilters implements savedfilters.Store.
func (s SavedFilters) SavedFilters(ctx context.Context, tenant string) ([]savedfilters.Filter, error) {
	docs, err := findMany[stored.SavedFilter](ctx, s.reads(), bson.D{{Key: "tenant", Value: tenant}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, wrapError(err, "list saved filters")
	}
	return stored.Filters(docs)
}

// SavedFilter implements savedfilters.Store.
func (s SavedFilters) SavedFilter(ctx context.Context, tenant, id string) (savedfilters.Filter, error) {
	d, err := s.document(ctx, s.reads(), tenant, id)
	if err != nil {
		return savedfilters.Filter{}, err
	}
	return d.Filter()
}

func (SavedFilters) document(ctx context.Context, c *driver.Collection, tenant, id string) (*stored.SavedFilter, error) {
	var d stored.SavedFilter
	err := c.FindOne(ctx, savedFilterQuery(tenant, id)).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, savedfilters.NotFound()
	}
	return &d, wrapError(err, "read a saved filter")
}

func savedFilterQuery(tenant, id string) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "tenant", Value: tenant}}
}

// InsertSavedFilter implements savedfilters.Store.
func (s SavedFilters) InsertSavedFilter(ctx context.Context, f savedfilters.Filter) error {
	d, err := stored.NewSavedFilter(&f)
	if err != nil {
		return err
	}
	n, err := s.writes().CountDocuments(ctx, bson.D{{Key: "tenant", Value: f.Tenant}})
	if err != nil {
		return wrapError(err, "count saved filters")
	}
	if n >= savedfilters.MaxPerTenant {
		return savedfilters.TooMany()
	}
	_, err = s.writes().InsertOne(ctx, d)
	return nameTakenOr(err, "store a saved filter")
}

func nameTakenOr(err error, action string) error {
	if driver.IsDuplicateKeyError(err) {
		return savedfilters.NameTaken()
	}
	return wrapError(err, action)
}

// ChangeSavedFilter implements savedfilters.Store.
func (s SavedFilters) ChangeSavedFilter(ctx context.Context, tenant, id string, change savedfilters.Change, at time.Time) (savedfilters.Filter, error) {
	d, err := s.document(ctx, s.writes(), tenant, id)
	if err != nil {
		return savedfilters.Filter{}, err
	}
	if d, err = d.ApplyChange(change, at); err != nil {
		return savedfilters.Filter{}, err
	}
	set := bson.D{{Key: "updated", Value: d.Updated}} // only what changes: another request may change the rest
	if change.Name != nil {
		// FerretDB 1.24 reports no duplicate key for an update. The index decides between two requests.
		n, err := s.writes().CountDocuments(ctx, bson.D{{Key: "key", Value: d.Key}, {Key: "_id", Value: bson.D{{Key: "$ne", Value: id}}}})
		if err != nil {
			return savedfilters.Filter{}, wrapError(err, "look for a saved filter")
		}
		if n > 0 {
			return savedfilters.Filter{}, savedfilters.NameTaken()
		}
		set = append(set, bson.E{Key: "name", Value: d.Name}, bson.E{Key: "key", Value: d.Key})
	}
	if change.Rule != nil {
		set = append(set, bson.E{Key: "rule", Value: d.Rule})
	}
	r, err := s.writes().UpdateOne(ctx, savedFilterQuery(tenant, id), bson.D{{Key: "$set", Value: set}})
	if err != nil {
		return savedfilters.Filter{}, nameTakenOr(err, "change a saved filter")
	}
	if r.MatchedCount == 0 {
		return savedfilters.Filter{}, savedfilters.NotFound()
	}
	return d.Filter()
}

// DeleteSavedFilter implements savedfilters.Store.
func (s SavedFilters) DeleteSavedFilter(ctx context.Context, tenant, id string) error {
	r, err := s.writes().DeleteOne(ctx, savedFilterQuery(tenant, id))
	if err != nil {
		return wrapError(err, "delete a saved filter")
	}
	if r.DeletedCount == 0 {
		return savedfilters.NotFound()
	}
	return nil
}
