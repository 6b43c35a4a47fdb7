// Package preferences contains what the console remembers for an admin in a tenant.
package preferences

import (
	"context"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// The limits of UserColumns.
const (
	MaxColumns    = 100
	MaxColumnName = 256 // bytes
)

// Preferences are the choices of an admin in a tenant. The zero value is that of an admin who has
// made no choice.
type Preferences struct {
	// Export is the definition that the admin exported last, without its users and without the range
	// of its state events; see CheckExport. Nil: none.
	Export *export.Definition
	// UserColumns are the columns of the users list, in their order. Nil: the default columns.
	UserColumns []string
}

// Change is a change of preferences. Nil members stay as they are; a pointer to nil removes a choice.
type Change struct {
	Export      **export.Definition
	UserColumns *[]string
}

// Store stores preferences; mongo.Preferences and sqlite.Preferences.
type Store interface {
	// Preferences returns the preferences of an admin in a tenant. Without any it returns the zero
	// value.
	Preferences(ctx context.Context, tenant, adminID string) (Preferences, error)
	// ChangePreferences changes the preferences of an admin in a tenant, and returns them.
	ChangePreferences(ctx context.Context, tenant, adminID string, c Change) (Preferences, error)
}

// CheckExport refuses definitions that select users or events: the next export starts with the users
// that the screen shows, never with those of an earlier export.
func CheckExport(def export.Definition) error {
	u := def.Users
	if u.UserStoreID != export.All || u.Filter != nil || u.Search != "" || u.Since != nil || u.RegisteredSince != nil || u.RegisteredBefore != nil {
		return errs.Invalid("export.users", "must not be set: an export starts with the users that the screen shows")
	}
	if e := def.StateEvents; e != nil && (e.From != nil || e.To != nil) {
		return errs.Invalid("export.stateEvents", "must not have from or to")
	}
	return nil
}

// CheckColumns refuses names of columns that are empty, too long or repeated.
func CheckColumns(columns []string) error {
	if len(columns) == 0 || len(columns) > MaxColumns {
		return errs.Invalid("userColumns", "must have 1 to %d columns, or be null", MaxColumns)
	}
	seen := map[string]bool{}
	for _, name := range columns {
		if name == "" || len(name) > MaxColumnName || seen[name] {
			return errs.Invalid("userColumns", "must have different names of 1 to %d bytes", MaxColumnName)
		}
		seen[name] = true
	}
	return nil
}

// Apply returns the preferences after a change.
func (p Preferences) Apply(c Change) Preferences {
	if c.Export != nil {
		p.Export = *c.Export
	}
	if c.UserColumns != nil {
		p.UserColumns = *c.UserColumns
	}
	return p
}
