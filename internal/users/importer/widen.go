package importer

import (
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// widenField records the type that a field needs to store the value. It widens a field that an
// import created, and, with Options.ExtendSchema, any field. The type of a field that an admin
// declared is otherwise a decision to respect.
func (in *inference) widenField(f users.Field, v attributeValue) {
	if f.Kind() == users.TextKind || v.isAbsent() || !f.Inferred && !in.extend || in.widened[f.Slug] == users.Text {
		return
	}
	if needed := neededType(f, v); needed != f.Type {
		in.widened[f.Slug] = needed
	}
}

// neededType returns the narrowest type that fits the value, starting from the field's own type.
func neededType(f users.Field, v attributeValue) users.InputType {
	x, err := v.coerce(f)
	if err != nil {
		if f.Type != users.Date {
			return users.Text
		}
		f.Type = users.DateTime
		return neededType(f, v)
	}
	if !f.Inferred {
		return f.Type
	}
	switch x := x.(type) {
	case int64, float64: // text such as "1.50" stays text: as a number it would lose its last digit
		if v.Kind == export.StringValue && users.Format(f.Type, x) != v.Text {
			return users.Text
		}
	case time.Time:
		if f.Type == users.Date && len(users.FormatDate(users.Date, x)) > len(time.DateOnly) {
			return users.DateTime
		}
	}
	return f.Type
}

// widenedFields returns the fields whose type must change, with their new types.
func (in *inference) widenedFields(schema users.Schema) (fields users.Schema, changes []Widening) {
	for _, f := range schema {
		to, ok := in.widened[f.Slug]
		if !ok {
			continue
		}
		changes = append(changes, Widening{Slug: f.Slug, From: f.Type, To: to})
		f.Type = to
		fields = append(fields, f)
	}
	return fields, changes
}

// mergeFields returns the schema with the given fields: each replaces the field of its slug, or is
// appended.
func mergeFields(schema, fields users.Schema) users.Schema {
	all := make(users.Schema, 0, len(schema)+len(fields))
	index := map[string]int{} // in all, by slug
	for _, list := range []users.Schema{schema, fields} {
		for _, f := range list {
			if i, exists := index[f.Slug]; exists {
				all[i] = f
				continue
			}
			index[f.Slug] = len(all)
			all = append(all, f)
		}
	}
	return all
}
