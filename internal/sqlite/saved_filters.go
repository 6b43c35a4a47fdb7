package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/savedfilters"
	"github.com/egress-io/egress/internal/stored"
)

// SavedFilters stores the saved filters of all tenants in the control file.
type SavedFilters struct{ db *DB }

var _ savedfilters.Store = SavedFilters{}

// NewSavedFilters returns the saved filters in db.
func NewSavedFilters(db *DB) SavedFilters { return SavedFilters{db} }

var savedFilterTable = table[stored.SavedFilter]{
	name: "saved_filters", id: func(d *stored.SavedFilter) string { return d.ID },
	columns: []string{"key", "tenant"},
	values:  func(d *stored.SavedFilter) []any { return []any{orNull(d.Key), d.Tenant} },
}

// SavedFilters implements savedfilters.Store.
func (s SavedFilters) SavedFilters(ctx context.Context, tenant string) (list []savedfilters.Filter, err error) {
	err = s.db.control.read(ctx, func(c *conn) error {
		docs, err := savedFilterTable.find(c, "WHERE tenant = ? ORDER BY id", tenant)
		if err != nil {
			return err
		}
		list, err = stored.Filters(docs)
		return err
	})
	return list, err
}

// SavedFilter implements savedfilters.Store.
func (s SavedFilters) SavedFilter(ctx context.Context, tenant, id string) (f savedfilters.Filter, err error) {
	err = s.db.control.read(ctx, func(c *conn) error {
		d, err := savedFilterOf(c, tenant, id)
		if err != nil {
			return err
		}
		f, err = d.Filter()
		return err
	})
	return f, err
}

func savedFilterOf(c *conn, tenant, id string) (*stored.SavedFilter, error) {
	d, err := savedFilterTable.first(c, "WHERE id = ? AND tenant = ?", id, tenant)
	if errors.Is(err, errNone) {
		return nil, savedfilters.NotFound()
	}
	return d, err
}

// InsertSavedFilter implements savedfilters.Store.
func (s SavedFilters) InsertSavedFilter(ctx context.Context, f savedfilters.Filter) error {
	d, err := stored.NewSavedFilter(&f)
	if err != nil {
		return err
	}
	return s.db.control.write(ctx, func(c *conn) error {
		n, err := c.integer("SELECT count(*) FROM saved_filters WHERE tenant = ?", f.Tenant)
		if err != nil {
			return err
		}
		if n >= savedfilters.MaxPerTenant {
			return savedfilters.TooMany()
		}
		return nameTakenOr(savedFilterTable.insert(c, d))
	})
}

// ChangeSavedFilter implements savedfilters.Store.
func (s SavedFilters) ChangeSavedFilter(ctx context.Context, tenant, id string, change savedfilters.Change, at time.Time) (f savedfilters.Filter, err error) {
	err = s.db.control.write(ctx, func(c *conn) error {
		d, err := savedFilterOf(c, tenant, id)
		if err != nil {
			return err
		}
		if d, err = d.ApplyChange(change, at); err != nil {
			return err
		}
		if f, err = d.Filter(); err != nil {
			return err
		}
		return nameTakenOr(savedFilterTable.put(c, d))
	})
	return f, err
}

func nameTakenOr(err error) error {
	if errors.Is(err, errDuplicate) {
		return savedfilters.NameTaken()
	}
	return err
}

// DeleteSavedFilter implements savedfilters.Store.
func (s SavedFilters) DeleteSavedFilter(ctx context.Context, tenant, id string) error {
	return s.db.control.write(ctx, func(c *conn) error {
		n, err := savedFilterTable.remove(c, "WHERE id = ? AND tenant = ?", id, tenant)
		if err == nil && n == 0 {
			err = savedfilters.NotFound()
		}
		return err
	})
}
