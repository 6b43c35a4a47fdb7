package stored

import (
	"encoding/json"
	"fmt"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/preferences"
)

// Preferences is the stored form of preferences.Preferences.
type Preferences struct {
	ID          string   `bson:"_id"`              // PreferencesID
	Export      string   `bson:"export,omitempty"` // a definition as JSON; "" for none
	UserColumns []string `bson:"user_columns,omitempty"`
}

// PreferencesID returns the id of the preferences of an admin in a tenant.
func PreferencesID(tenant, adminID string) string { return tenant + "/" + adminID }

// NewPreferences returns the stored form of preferences.
func NewPreferences(id string, p preferences.Preferences) *Preferences {
	d := &Preferences{ID: id, UserColumns: p.UserColumns}
	if p.Export != nil {
		d.Export = string(p.Export.Canonical())
	}
	return d
}

// Preferences returns the preferences.
func (d *Preferences) Preferences() (preferences.Preferences, error) {
	p := preferences.Preferences{UserColumns: d.UserColumns}
	if d.Export == "" {
		return p, nil
	}
	p.Export = &export.Definition{}
	if err := json.Unmarshal([]byte(d.Export), p.Export); err != nil {
		return p, fmt.Errorf("decode preferences: %w", err)
	}
	return p, nil
}
