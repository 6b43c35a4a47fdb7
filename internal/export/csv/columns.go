package csv

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// userFields are the columns that every users file has, in their order, with the fields that they are read from.
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

// grantFields are the columns of a grant: the key of each, and the field of the stored grant that it is read from.
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

// eventFields are the columns of a state events file, in their order, with the fields that they are read from.
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

// The keys of grant columns that hold a label instead of the stored value.
const (
	productKey = "product"
	accountKey = "account"
)

// Columns returns the columns of the users file that def asks for, in their fixed order: those of every file, attributes
// in schema order, foreign systems and app ids each sorted, and the columns of a grant last. Password fields have none. App ids
// that are asked for by name have a column whether or not the registry knows them.
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
				cols = append(cols, column(export.FromAttribute, f.Slug, string(f.Type)))
			}
		}
	}
	if def.Include.ForeignKeys {
		for _, system := range sorted(reg.ForeignSystems) {
			cols = append(cols, column(export.FromForeignKey, system, ""))
		}
	}
	if p := def.Include.ExtendedProfiles; p != nil {
		apps := p.AppIDs
		if p.AllApps() {
			apps = reg.AppIDs
		}
		for _, app := range sorted(apps) {
			cols = append(cols, column(export.FromProfile, app, ""))
		}
	}
	if def.Include.Grants {
		for _, f := range grantFields {
			cols = append(cols, column(export.FromGrant, f.key, ""))
		}
	}
	return cols
}

// EventColumns returns the columns of a state events file, in their fixed order.
func EventColumns() []export.Column {
	cols := make([]export.Column, len(eventFields))
	for i, f := range eventFields {
		cols[i] = export.Column{Name: f.key, Source: export.FromEvent, Key: f.key}
	}
	return cols
}

// EventProjection names the fields that a state events file is made from.
func EventProjection() bson.D {
	p := bson.D{{Key: "_id", Value: 1}}
	for _, f := range eventFields {
		if f.key == f.field {
			p = append(p, bson.E{Key: f.field, Value: 1})
		}
	}
	return p
}

// Passwords returns the slugs of a schema's password fields: never shown, never exported, and no cause for a warning.
func Passwords(schema users.Schema) []string {
	var slugs []string
	for _, f := range schema {
		if f.Type == users.Password {
			slugs = append(slugs, f.Slug)
		}
	}
	return slugs
}

// Projection names the fields that a file with these columns is made from. The groups that def includes are taken
// whole, so that values without a column are noticed.
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

// groups returns the included groups whose fields differ from tenant to tenant.
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

// userPath returns the stored field of a FromUser or FromStore column, "" where there is none of that name.
func userPath(c export.Column) string {
	for _, f := range userFields {
		if f.name == c.Key {
			return f.path
		}
	}
	return ""
}

// eventField returns the stored field of a FromEvent column, "" where there is none of that name.
func eventField(c export.Column) string {
	for _, f := range eventFields {
		if f.key == c.Key {
			return f.field
		}
	}
	return ""
}

// grantField returns the stored field of a grant column, "" where there is none of that name.
func grantField(c export.Column) string {
	for _, f := range grantFields {
		if f.key == c.Key {
			return f.field
		}
	}
	return ""
}

func column(source export.ColumnSource, key, inputType string) export.Column {
	return export.Column{Name: string(source) + "." + key, Source: source, Key: key, Type: inputType}
}

func sorted(s []string) []string { return slices.Compact(slices.Sorted(slices.Values(s))) }
