package sqlite

import (
	"context"
	"errors"

	"github.com/egress-io/egress/internal/preferences"
	"github.com/egress-io/egress/internal/stored"
)

// Preferences stores the preferences of all admins in the control file.
type Preferences struct{ db *DB }

var _ preferences.Store = Preferences{}

// NewPreferences returns the preferences in db.
func NewPreferences(db *DB) Preferences { return Preferences{db} }

var preferencesTable = table[stored.Preferences]{
	name: "preferences", id: func(d *stored.Preferences) string { return d.ID },
}

// Preferences implements preferences.Store.
func (s Preferences) Preferences(ctx context.Context, tenant, adminID string) (p preferences.Preferences, err error) {
	err = s.db.control.read(ctx, func(c *conn) error {
		p, err = preferencesOf(c, stored.PreferencesID(tenant, adminID))
		return err
	})
	return p, err
}

func preferencesOf(c *conn, id string) (preferences.Preferences, error) {
	d, err := preferencesTable.get(c, id)
	if errors.Is(err, errNone) {
		return preferences.Preferences{}, nil
	}
	if err != nil {
		return preferences.Preferences{}, err
	}
	return d.Preferences()
}

// ChangePreferences implements preferences.Store.
func (s Preferences) ChangePreferences(ctx context.Context, tenant, adminID string, change preferences.Change) (p preferences.Preferences, err error) {
	err = s.db.control.write(ctx, func(c *conn) error {
		id := stored.PreferencesID(tenant, adminID)
		if p, err = preferencesOf(c, id); err != nil {
			return err
		}
		p = p.Apply(change)
		return preferencesTable.put(c, stored.NewPreferences(id, p))
	})
	return p, err
}
