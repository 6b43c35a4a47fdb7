package stored

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/savedfilters"
	"github.com/egress-io/egress/internal/users"
)

// SavedFilter is the stored form of a savedfilters.Filter.
type SavedFilter struct {
	ID        string    `bson:"_id"`
	Tenant    string    `bson:"tenant"`
	Key       string    `bson:"key"` // unique: SavedFilterKey
	Name      string    `bson:"name"`
	Rule      string    `bson:"rule"` // JSON
	CreatedBy string    `bson:"created_by"`
	Created   time.Time `bson:"created"`
	Updated   time.Time `bson:"updated"`
}

// SavedFilterKey returns the unique key of a name in a tenant. Case makes no difference.
func SavedFilterKey(tenant, name string) string { return tenant + "/" + users.Fold(name) }

// NewSavedFilter returns the stored form of a saved filter.
func NewSavedFilter(f *savedfilters.Filter) (*SavedFilter, error) {
	rule, err := json.Marshal(f.Rule)
	if err != nil {
		return nil, fmt.Errorf("encode a saved filter: %w", err)
	}
	return &SavedFilter{
		ID: f.ID, Tenant: f.Tenant, Key: SavedFilterKey(f.Tenant, f.Name), Name: f.Name, Rule: string(rule),
		CreatedBy: f.CreatedBy, Created: f.Created, Updated: f.Updated,
	}, nil
}

// Filter returns the saved filter.
func (d *SavedFilter) Filter() (savedfilters.Filter, error) {
	f := savedfilters.Filter{
		ID: d.ID, Tenant: d.Tenant, Name: d.Name, CreatedBy: d.CreatedBy, Created: d.Created.UTC(), Updated: d.Updated.UTC(),
	}
	if err := json.Unmarshal([]byte(d.Rule), &f.Rule); err != nil {
		return f, fmt.Errorf("decode the rule of saved filter %s: %w", d.ID, err)
	}
	return f, nil
}

// Filters returns the saved filters of documents.
func Filters(docs []SavedFilter) ([]savedfilters.Filter, error) {
	list := make([]savedfilters.Filter, len(docs))
	for i := range docs {
		f, err := docs[i].Filter()
		if err != nil {
			return nil, err
		}
		list[i] = f
	}
	return list, nil
}

// ApplyChange returns the saved filter after a change.
func (d *SavedFilter) ApplyChange(c savedfilters.Change, at time.Time) (*SavedFilter, error) {
	f, err := d.Filter()
	if err != nil {
		return nil, err
	}
	if c.Name != nil {
		f.Name = *c.Name
	}
	if c.Rule != nil {
		f.Rule = *c.Rule
	}
	f.Updated = at
	return NewSavedFilter(&f)
}
