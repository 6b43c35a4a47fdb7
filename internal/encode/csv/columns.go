package csv

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// userFields are the columns of every users file in order, with their stored fields.
var userFields = []struct{ name, path string }{
	{"user_id", "_id"},
	{"user_store", "user_store_id"},
	{"identifiers.email_address", "identifiers.email_address"},
	{"identifiers.username", "identifiers.username"},
	{"email_verified", "email_verified"},
	{"registered", "registered"},
	{"last_login", "last_login"},
	{"updated", "updated"},
}

// grantFields are the columns of a grant in order, with the fields of the stored grant.
var grantFields = []struct{ key, field string }{
	{"id", "grantId"},
	{"product_id", "product_id"},
	{"product", "product_id"}, // the product's label
	{"entitlement_type", "entitlement_type"},
	{"entitlement_id", "entitlement_id"},
	{"expiry_state", "expiry_state"},
	{"start", "startTime"},
	{"end", "endTime"},
	{"created", "createdAt"},
	{"account_id", "account_id"},
	{"account", "account_id"}, // the account's name
}

// eventFields are the columns of a state events file in order, with their stored fields.
var eventFields = []struct{ key, field string }{
	{"event_id", "event_id"},
	{"time", "time"},
	{"user_id", "user_id"},
	{"kind", "kind"},
	{"from_state", "from_state"},
	{"to_state", "to_state"},
	{"grant_id", "grant_id"},
	{"product_id", "product_id"},
	{"product", "product_id"}, // the product's label
}

// Keys of grant columns that show a label instead of the stored value.
const (
	productKey = "product"
	accountKey = "account"
)

// Columns returns the columns of the users file for def in their fixed order: the columns of every
// file, attributes in schema order, foreign systems and app ids each sorted, and grant columns
// last. Password fields have no column. App ids that def names have a column even if the registry
// does not know them.
func Columns(def export.Definition, schema users.Schema, reg users.Registry) []export.Column {
	var cols []export.Column
	for _, f := range userFields {
		source := export.FromUser
		if f.name == "user_store" {
			source = export.FromStore
		}
		cols = append(cols, export.Column{Name: f.name, Source: source, Key: f.name})
	}
	if def.Include.Attributes {
		for _, f := range schema {
			if f.Type != users.Password {
				cols = append(cols, newColumn(export.FromAttribute, f.Slug, string(f.Type)))
			}
		}
	}
	if def.Include.ForeignKeys {
		for _, system := range sorted(reg.ForeignSystems) {
			cols = append(cols, newColumn(export.FromForeignKey, system, ""))
		}
	}
	if p := def.Include.ExtendedProfiles; p != nil {
		apps := p.AppIDs
		if p.AllApps() {
			apps = reg.AppIDs
		}
		for _, app := range sorted(apps) {
			cols = append(cols, newColumn(export.FromProfile, app, ""))
		}
	}
	if def.Include.Grants {
		for _, f := range grantFields {
			cols = append(cols, newColumn(export.FromGrant, f.key, ""))
		}
	}
	return cols
}

// EventColumns returns the columns of a state events file in their fixed order.
func EventColumns() []export.Column {
	cols := make([]export.Column, len(eventFields))
	for i, f := range eventFields {
		cols[i] = export.Column{Name: f.key, Source: export.FromEvent, Key: f.key}
	}
	return cols
}

// EventProjection returns the projection of the fields for a state events file.
func EventProjection() bson.D {
	p := bson.D{{Key: "_id", Value: 1}}
	for _, f := range eventFields {
		if f.key == f.field {
			p = append(p, bson.E{Key: f.field, Value: 1})
		}
	}
	return p
}

// PasswordSlugs returns the slugs of a schema's password fields. Egress never shows or exports
// their values, and does not warn about them.
func PasswordSlugs(schema users.Schema) []string {
	var slugs []string
	for _, f := range schema {
		if f.Type == users.Password {
			slugs = append(slugs, f.Slug)
		}
	}
	return slugs
}

// Projection returns the projection of the fields for a file with these columns. It includes the
// whole groups of def, so that the encoder notices values without a column.
func Projection(def export.Definition, columns []export.Column) bson.D {
	p := bson.D{{Key: "_id", Value: 1}}
	for _, c := range columns {
		if c.Source == export.FromUser || c.Source == export.FromStore {
			if path := userPath(c); path != "_id" {
				p = append(p, bson.E{Key: path, Value: 1})
			}
		}
	}
	for _, group := range groups(def) {
		p = append(p, bson.E{Key: string(group), Value: 1})
	}
	if def.Include.Grants {
		p = append(p, bson.E{Key: "grants", Value: 1})
	}
	return p
}

// groups returns the included groups whose fields differ between tenants.
func groups(def export.Definition) []export.ColumnSource {
	var g []export.ColumnSource
	if def.Include.Attributes {
		g = append(g, export.FromAttribute)
	}
	if def.Include.ForeignKeys {
		g = append(g, export.FromForeignKey)
	}
	if def.Include.ExtendedProfiles != nil {
		g = append(g, export.FromProfile)
	}
	return g
}

// userPath returns the stored field of a FromUser or FromStore column, "" if the column is unknown.
func userPath(c export.Column) string {
	for _, f := range userFields {
		if f.name == c.Key {
			return f.path
		}
	}
	return ""
}

// eventField returns the stored field of a FromEvent column, "" if the column is unknown.
func eventField(c export.Column) string {
	for _, f := range eventFields {
		if f.key == c.Key {
			return f.field
		}
	}
	return ""
}

// grantField returns the stored field of a grant column, "" if the column is unknown.
func grantField(c export.Column) string {
	for _, f := range grantFields {
		if f.key == c.Key {
			return f.field
		}
	}
	return ""
}

func newColumn(source export.ColumnSource, key, inputType string) export.Column {
	return export.Column{Name: string(source) + "." + key, Source: source, Key: key, Type: inputType}
}

func sorted(s []string) []string { return slices.Compact(slices.Sorted(slices.Values(s))) }
