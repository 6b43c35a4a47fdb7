package users

import (
	"fmt"

	"github.com/egress-io/egress/internal/export"
)

// MaxFields is how many attributes a tenant's schema may have: each is a column of the file.
const MaxFields = 2000

// Field returns the field with the slug.
func (s Schema) Field(slug string) (Field, bool) {
	for _, f := range s {
		if f.Slug == slug {
			return f, true
		}
	}
	return Field{}, false
}

// Visible returns the schema without the fields whose values are never shown.
func (s Schema) Visible() Schema {
	v := make(Schema, 0, len(s))
	for _, f := range s {
		if !f.Secret() {
			v = append(v, f)
		}
	}
	return v
}

// Validate reports what is wrong with the schema as an export.CodeInvalid that names the field.
func (s Schema) Validate() error {
	if len(s) > MaxFields {
		return export.Invalid("schema", "has %d fields; at most %d are possible", len(s), MaxFields)
	}
	seen := make(map[string]bool, len(s))
	for i, f := range s {
		if err := f.Validate(); err != nil {
			return err
		}
		if seen[f.Slug] {
			return export.Invalid(fmt.Sprintf("schema[%d].slug", i), "%q is there twice", f.Slug)
		}
		seen[f.Slug] = true
	}
	return nil
}

// Validate reports what is wrong with the field as an export.CodeInvalid that names the member.
func (f Field) Validate() error {
	switch {
	case !ValidSlug(f.Slug):
		return export.Invalid("slug", "may hold letters, digits, _ and -, at most %d of them", MaxNameBytes)
	case f.Label == "":
		return export.Invalid("label", "is missing")
	case checkText(f.Label) != nil:
		return export.Invalid("label", "%s", checkText(f.Label))
	case !f.Type.Valid():
		return export.Invalid("input-type", "%q is not an input type", f.Type)
	}
	seen := make(map[string]bool, len(f.Options))
	for i, o := range f.Options {
		at := fmt.Sprintf("select-options[%d]", i)
		for _, text := range []string{o.Value, o.Label} {
			if err := checkText(text); err != nil {
				return export.Invalid(at, "%s", err)
			}
		}
		if seen[o.Value] {
			return export.Invalid(at, "the value %q is there twice", o.Value)
		}
		seen[o.Value] = true
	}
	return nil
}
